use hotbench::{bench_case, bench_cases};

struct One;

#[bench_cases]
impl One {
    #[bench_case(with = One, with = One)]
    fn get(&self) -> u64 {
        1
    }

    #[bench_case(with = One, per_call, per_call)]
    fn change(&mut self) -> u64 {
        1
    }
}

fn main() {}
