//! A parameter `&mut T` is lent a value of its own for each call.

use crate::support::{QUICK, cargo};

#[test]
fn no_call_sees_what_another_has_done_and_making_it_is_not_counted() {
    // Of a vector that another call had sorted, the first would be 1.
    cargo("test -p declared --bench hot -- sorted")
        .passed()
        .says("test declared::sorted/lent ... ok");
    let said = cargo(&format!("bench -p declared -- sorted {QUICK}")).passed();
    assert_eq!(said.row("sorted/lent")[3..5], ["0", "0 B"]);
}

#[test]
fn its_drop_is_not_timed() {
    let said = cargo(&format!("bench -p declared -- touched {QUICK}")).passed();
    // The drop alone takes a millisecond.
    let time = said.row("touched/lent")[1];
    assert!(time.ends_with(" ns") || time.ends_with(" µs"), "{said}");
}
