use hotbench::bench_case;

#[bench_case]
trait Shape {
    fn area(&self) -> u64 {
        1
    }
}

impl Shape for u64 {}

fn main() {
    1.area();
}
