use hotbench::bench_case;

#[bench_case(for (a, b) in [(1, 2), (3, 4)], args(a, b))]
fn add(a: u64, b: u64) -> u64 {
    a + b
}

fn main() {
    add(1, 2);
}
