use hotbench::bench_case;

trait Shape {
    #[bench_case]
    fn area(&self) -> u64;
}

impl Shape for u64 {
    fn area(&self) -> u64 {
        *self
    }
}

fn main() {
    1.area();
}
