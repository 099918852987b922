use hotbench::hot;

#[hot(1)]
fn boxed(n: u64) -> Box<u64> {
    Box::new(n)
}

fn main() {
    boxed(1);
}
