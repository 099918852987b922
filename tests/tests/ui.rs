//! Every misuse of an attribute is one clear error at the token that is wrong.

#[test]
fn misuse_is_explained_where_it_stands() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    for rule in [
        "arguments",
        "conflict",
        "duplicate",
        "lints",
        "unknown",
        "unsupported",
    ] {
        cases.compile_fail(format!("ui/{rule}/*.rs"));
    }
}
