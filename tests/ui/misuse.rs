//! Every misuse of an attribute is one clear error at the token that is wrong.
//!
//! What is no misuse is in `pass`, and the test `accepted` of `tests/cargo/` runs it: beside programs that are to be run,
//! those that are not would be built one by one, and not checked together.

#[test]
fn misuse_is_explained_where_it_stands() {
    let cases = trybuild::TestCases::new();
    for rule in [
        "arguments",
        "conflict",
        "duplicate",
        "lints",
        "unknown",
        "unsupported",
    ] {
        cases.compile_fail(format!("{rule}/*.rs"));
    }
}
