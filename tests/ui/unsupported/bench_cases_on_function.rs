use hotbench::bench_cases;

#[bench_cases]
fn one() -> u64 {
    1
}

#[bench_cases]
struct Two;

fn main() {
    one();
    let _ = Two;
}
