use hotbench::no_alloc;

#[no_alloc]
struct Point {
    x: u64,
}

fn main() {
    let Point { x: _ } = Point { x: 1 };
}
