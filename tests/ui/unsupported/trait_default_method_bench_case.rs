use hotbench::bench_case;

trait Shape {
    #[bench_case]
    fn area(&self) -> u64 {
        1
    }
}

impl Shape for u64 {}

fn main() {
    1.area();
}
