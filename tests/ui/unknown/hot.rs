use hotbench::hot;

#[hot(max_alloc = 1)]
fn sum(a: u64, b: u64) -> u64 {
    a + b
}

fn main() {
    sum(1, 2);
}
