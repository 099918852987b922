use hotbench::allow_alloc;

#[allow_alloc]
struct Point {
    x: u64,
}

fn main() {
    let Point { x: _ } = Point { x: 1 };
}
