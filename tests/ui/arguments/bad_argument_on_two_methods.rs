use hotbench::{bench_case, bench_cases};

struct One;

// All is told at once, and the type keeps its methods.
#[bench_cases(with = One, without = Two)]
impl One {
    #[bench_case(grup = "g")]
    fn get(&self) -> u64 {
        1
    }

    #[bench_case(group = 1)]
    fn take(self) -> u64 {
        1
    }
}

fn main() {
    One.get();
}
