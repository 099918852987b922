use hotbench::hot;

#[hot(max_alloc = 1, max_bytes)]
fn boxed(n: u64) -> Box<u64> {
    Box::new(n)
}

fn main() {
    boxed(1);
}
