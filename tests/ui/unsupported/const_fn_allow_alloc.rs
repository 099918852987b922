use hotbench::allow_alloc;

#[allow_alloc]
const fn double(n: u64) -> u64 {
    n * 2
}

const FOUR: u64 = double(2);

fn main() {
    let _ = FOUR;
}
