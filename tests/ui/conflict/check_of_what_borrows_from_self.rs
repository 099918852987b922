use hotbench::{bench_case, bench_cases};

struct One(u64);

#[bench_cases(with = One(1))]
impl One {
    #[bench_case(check = |one| assert_eq!(**one, 1))]
    fn get(&mut self) -> &u64 {
        &self.0
    }
}

fn main() {}
