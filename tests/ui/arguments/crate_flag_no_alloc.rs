use hotbench::no_alloc;

#[no_alloc(crate)]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}
