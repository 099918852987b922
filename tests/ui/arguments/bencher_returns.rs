use hotbench::{Bencher, bench_case};

#[bench_case]
fn sum(bencher: &mut Bencher) -> u64 {
    bencher.iter(|| 1);
    1
}

fn main() {}
