use hotbench::{Bencher, bench_case};

#[bench_case(args(3))]
fn sum(bencher: &mut Bencher, n: u64) {
    bencher.iter(|| n + 1);
}

fn main() {
    let _: fn(&mut Bencher, u64) = sum;
}
