use hotbench::hot;

#[hot]
trait Shape {
    fn area(&self) -> u64 {
        1
    }
}

impl Shape for u64 {}

fn main() {
    1.area();
}
