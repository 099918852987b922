use hotbench::hot;

#[hot(max_allocs = 1, max_bytes = 64, max_allocs = 2)]
fn boxed(n: u64) -> Box<u64> {
    Box::new(n)
}

fn main() {
    boxed(1);
}
