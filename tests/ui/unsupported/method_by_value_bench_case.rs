use hotbench::bench_case;

struct Point(u64);

impl Point {
    #[bench_case("boxed", args(Box::new(Point(1))))]
    fn x(self: Box<Self>) -> u64 {
        self.0
    }
}

fn main() {
    Box::new(Point(1)).x();
}
