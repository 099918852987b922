use hotbench::bench_case;

#[bench_case(with = 1)]
fn one() -> u64 {
    1
}

#[bench_case(per_call)]
fn two() -> u64 {
    2
}

fn main() {}
