//! The compiler's lints see a guarded function as what it is.

#![deny(warnings, missing_docs)]

use hotbench::{allow_alloc, hot, no_alloc};

#[no_alloc]
fn never_called() {}

#[hot]
fn endless() {
    endless();
}

#[no_alloc]
pub fn undocumented(unused: u64) {}

#[allow_alloc]
fn exempt() -> u64 {
    let mut one = 1;
    return one;
}

fn main() {
    endless();
    exempt();
}
