use hotbench::bench_case;

#[bench_case("sum", args(1, 2, 3))]
fn sum(a: u64, b: u64) -> u64 {
    a + b
}

fn main() {
    sum(1, 2);
}
