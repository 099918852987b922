use hotbench::hot;

#[hot(crate = nowhere)]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}
