use hotbench::{bench_case, bench_cases};

struct One;

#[bench_cases(with = One)]
impl One {
    #[bench_case]
    fn plus(&self, more: u64) -> u64 {
        1 + more
    }

    #[bench_case(args(1, 2))]
    fn minus(&self, less: u64) -> u64 {
        1 - less
    }
}

fn main() {}
