use hotbench::{bench_case, bench_cases};

struct One;

#[bench_cases(with = One)]
impl One {
    #[bench_case = "small"]
    fn get(&self) -> u64 {
        1
    }
}

fn main() {
    One.get();
}
