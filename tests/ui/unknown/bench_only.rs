use hotbench::bench_only;

#[bench_only(feature = "harness")]
fn fixture() -> u64 {
    1
}

fn main() {
    fixture();
}
