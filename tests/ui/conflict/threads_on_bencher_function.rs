use hotbench::bench_case;

#[bench_case(threads(2))]
fn one(bencher: &mut hotbench::Bencher) {
    bencher.iter(|| 1);
}

fn main() {}
