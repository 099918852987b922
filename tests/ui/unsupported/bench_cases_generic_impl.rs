use hotbench::{bench_case, bench_cases};

struct Some<T>(T);

#[bench_cases(with = Some(1))]
impl<T> Some<T> {
    #[bench_case]
    fn get(&self) -> &T {
        &self.0
    }
}

#[bench_cases(consts(1))]
impl Some<u8> {
    #[bench_case]
    fn one() -> u8 {
        1
    }
}

fn main() {}
