use hotbench::hot;

#[hot(crate = hotbench, crate = ::hotbench)]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}
