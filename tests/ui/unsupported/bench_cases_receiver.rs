use std::sync::Arc;

use hotbench::{bench_case, bench_cases};

struct One;

type Shared<T> = Arc<T>;

#[bench_cases(with = One)]
impl One {
    #[bench_case]
    fn get(self: Arc<Box<One>>) -> u64 {
        1
    }

    #[bench_case]
    fn by_alias(self: Shared<Self>) -> u64 {
        1
    }
}

fn main() {}
