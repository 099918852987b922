use hotbench::no_alloc;

trait Shape {
    #[no_alloc]
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
