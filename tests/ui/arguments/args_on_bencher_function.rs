use hotbench::{Bencher, bench_case};

#[bench_case("sum", args(1))]
fn sum(bencher: &mut Bencher) {
    bencher.iter(|| 1 + 1);
}

fn main() {
    let _: fn(&mut Bencher) = sum;
}
