use hotbench::bench_case;

#[bench_case]
async fn one(bencher: &mut hotbench::Bencher) {
    bencher.iter(|| 1);
}

fn main() {}
