use hotbench::no_alloc;

struct Point;

#[no_alloc]
impl Point {
    fn x(&self) -> u64 {
        1
    }
}

fn main() {
    Point.x();
}
