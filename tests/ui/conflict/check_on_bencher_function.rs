use hotbench::bench_case;

#[bench_case(check = |_| ())]
fn measured(bencher: &mut hotbench::Bencher) {
    bencher.iter(|| 1);
}

fn main() {}
