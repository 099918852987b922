use hotbench::bench_case;

#[bench_case(args(1))]
fn one() -> u64 {
    1
}

fn main() {
    one();
}
