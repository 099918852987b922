//! `--check` holds the cases to their budgets in the build that ships, and times none.

use crate::support::cargo;

#[test]
fn what_is_over_its_budget_fails_and_says_in_which_build() {
    let said = cargo("bench -p declared -- --check filled words/right").failed();
    assert_eq!(said.target_code(), Some(1), "{said}");
    said.says("error: one call of `declared::filled/1024` allocated once, 1,024 bytes")
        .says("measured in a release build");
    assert_eq!(said.row("case"), ["case", "allocs", "bytes", "budget"]);
    assert_eq!(said.row("filled/64"), ["filled/64", "1", "64 B", "≤ 64 B"]);
    assert_eq!(said.row("filled/1024"), ["filled/1024", "FAILED"]);
    assert_eq!(said.row("words/right")[1], "4");
}

#[test]
fn the_same_in_a_debug_build_says_so() {
    cargo("test -p declared --bench hot -- filled")
        .failed()
        .says("measured in a debug build");
}

#[test]
fn a_program_reads_it_too() {
    let said = cargo("bench -p declared -- --check filled/8 --format json").passed();
    let document: serde_json::Value = serde_json::from_str(&said.stdout).expect("a document");
    assert_eq!(document["runs"][0]["measured"], "check");
    let case = &document["cases"][0];
    assert_eq!(case["allocations"]["bytes"], 8.0, "{case}");
    assert_eq!(case["budget"]["max_bytes"], 64, "{case}");
    assert_eq!(case["timing"], serde_json::Value::Null, "{case}");
}
