use hotbench::{bench_case, bench_cases};

struct One;

#[bench_cases(with = One)]
impl One {
    #[bench_case(per_call = true)]
    fn get(&mut self) -> u64 {
        1
    }
}

fn main() {}
