//! A value that a case does not use is the user's own mistake.

#![deny(unused_variables)]

#[hotbench::bench_case(for size in [1, 2], args(3))]
fn double(n: u64) -> u64 {
    n * 2
}

fn main() {
    double(1);
}
