//! `check` holds the output of a case to what it should be.

use crate::support::{QUICK, cargo};

#[test]
fn a_wrong_output_fails_the_test_with_the_users_own_message() {
    let said = cargo("test -p declared --bench hot -- words calls").failed();
    said.says("test declared::words/right ... ok")
        .says("test declared::words/wrong ... FAILED")
        .says("panicked at declared/src/lib.rs:6:")
        .says("three are wanted")
        .says("test declared::calls ... ok");
    assert_eq!(said.target_code(), Some(1), "{said}");
}

#[test]
fn a_wrong_output_is_not_timed() {
    let said = cargo(&format!("bench -p declared -- words calls {QUICK}")).failed();
    assert_eq!(said.row("words/wrong"), ["words/wrong", "FAILED"]);
    said.says("three are wanted");
    assert_eq!(said.row("words/right")[3..4], ["4"]);
    // Timed, and called ever so often: the first call was checked.
    assert!(said.row("calls").len() > 3, "{said}");
}
