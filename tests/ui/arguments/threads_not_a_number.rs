use hotbench::bench_case;

#[bench_case(threads("two"))]
fn one() -> u64 {
    1
}

fn main() {}
