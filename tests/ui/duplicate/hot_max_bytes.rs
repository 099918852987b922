use hotbench::hot;

#[hot(max_bytes = 32, max_bytes = 64)]
fn boxed(n: u64) -> Box<u64> {
    Box::new(n)
}

fn main() {
    boxed(1);
}
