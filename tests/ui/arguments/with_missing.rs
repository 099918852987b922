use hotbench::{bench_case, bench_cases};

struct One;

#[bench_cases]
impl One {
    #[bench_case]
    fn get(&self) -> u64 {
        1
    }

    #[bench_case]
    fn take(self) -> u64 {
        1
    }
}

fn main() {}
