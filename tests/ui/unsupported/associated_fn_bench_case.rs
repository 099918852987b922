use hotbench::bench_case;

struct Point(u64);

impl Point {
    #[bench_case(args(1))]
    fn new(x: u64) -> Self {
        Self(x)
    }
}

fn main() {
    let Point(_) = Point::new(1);
}
