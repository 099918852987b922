use hotbench::bench_case;

#[bench_case(for n in [1, 2])]
fn measured(bencher: &mut hotbench::Bencher) {
    bencher.iter(|| 1);
}

fn main() {}
