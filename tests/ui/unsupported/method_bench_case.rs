use hotbench::bench_case;

struct Point(u64);

impl Point {
    #[bench_case]
    fn x(&self) -> u64 {
        self.0
    }
}

fn main() {
    Point(1).x();
}
