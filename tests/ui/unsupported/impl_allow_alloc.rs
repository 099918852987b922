use hotbench::allow_alloc;

struct Point;

#[allow_alloc]
impl Point {
    fn x(&self) -> u64 {
        1
    }
}

fn main() {
    Point.x();
}
