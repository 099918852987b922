use hotbench::{bench_case, bench_cases};

struct One;

#[bench_cases(with)]
impl One {
    #[bench_case]
    fn get(&self) -> u64 {
        1
    }
}

fn main() {}
