//! Arguments that take much of the stack.

use crate::support::cargo;

#[test]
fn a_large_argument_does_not_overflow_the_stack_of_a_debug_build() {
    let said = cargo("test -p large --bench hot").passed();
    for case in ["copied", "made", "lent", "returned", "Large::first"] {
        said.says(&format!("test large::{case} ... ok"));
    }
}
