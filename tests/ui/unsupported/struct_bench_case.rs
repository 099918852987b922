use hotbench::bench_case;

#[bench_case]
struct Point {
    x: u64,
}

fn main() {
    let Point { x: _ } = Point { x: 1 };
}
