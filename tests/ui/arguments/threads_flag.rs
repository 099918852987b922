use hotbench::bench_case;

#[bench_case(threads)]
fn one() -> u64 {
    1
}

fn main() {}
