use hotbench::bench_cases;

struct One;

#[bench_cases]
impl One {
    fn get(&self) -> u64 {
        1
    }
}

fn main() {
    One.get();
}
