use hotbench::{Bencher, bench_case, bench_cases};

struct One;

#[bench_cases]
impl One {
    #[bench_case]
    fn get(bencher: &mut Bencher) {
        bencher.iter(|| 1);
    }
}

fn main() {}
