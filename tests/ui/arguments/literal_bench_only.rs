use hotbench::bench_only;

#[bench_only("one")]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}
