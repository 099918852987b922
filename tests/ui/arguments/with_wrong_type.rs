use hotbench::{bench_case, bench_cases};

struct One;

#[bench_cases(with = 1)]
impl One {
    #[bench_case]
    fn get(&self) -> u64 {
        1
    }

    #[bench_case]
    fn take(self) -> u64 {
        1
    }

    #[bench_case(with = "one")]
    fn change(&mut self) -> u64 {
        1
    }
}

fn main() {}
