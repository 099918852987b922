use hotbench::hot;

struct Point;

#[hot]
impl Point {
    fn x(&self) -> u64 {
        1
    }
}

fn main() {
    Point.x();
}
