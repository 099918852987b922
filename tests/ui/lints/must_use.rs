//! `#[must_use]` stays where it was.

#![deny(unused_must_use)]

#[hotbench::no_alloc]
#[must_use = "it is the whole point"]
fn sum(a: u64, b: u64) -> u64 {
    a + b
}

fn main() {
    sum(1, 2);
}
