use hotbench::{Bencher, bench_case};

#[bench_case]
fn sum(_bencher: &Bencher) {}

fn main() {}
