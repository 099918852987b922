use hotbench::bench_case;

#[bench_case(threads(1), threads(2))]
fn one() -> u64 {
    1
}

fn main() {}
