use hotbench::{bench_case, bench_cases};

struct One;

#[bench_cases]
impl One {
    #[bench_case(with = One)]
    fn get() -> u64 {
        1
    }
}

fn main() {}
