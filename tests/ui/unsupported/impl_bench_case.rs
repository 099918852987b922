use hotbench::bench_case;

struct Point;

#[bench_case]
impl Point {
    fn x(&self) -> u64 {
        1
    }
}

fn main() {
    Point.x();
}
