use hotbench::{bench_case, bench_cases};

struct One;

#[bench_cases(receiver = One)]
impl One {
    #[bench_case]
    fn get() -> u64 {
        1
    }
}

fn main() {}
