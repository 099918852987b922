use hotbench::hot;

#[hot]
struct Point {
    x: u64,
}

fn main() {
    let Point { x: _ } = Point { x: 1 };
}
