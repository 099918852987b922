use hotbench::no_alloc;

#[no_alloc]
trait Shape {
    fn area(&self) -> u64 {
        1
    }
}

impl Shape for u64 {}

fn main() {
    1.area();
}
