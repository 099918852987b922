use hotbench::{bench_case, bench_cases};

struct One;

#[bench_cases(with = One)]
impl One {
    #[bench_case(per_call)]
    fn get(&self) -> u64 {
        1
    }

    #[bench_case(per_call)]
    fn take(self) -> u64 {
        1
    }
}

fn main() {}
