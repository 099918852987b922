//! Two crates of one workspace.

use crate::support::cargo;

#[test]
fn the_cases_of_every_named_crate_run() {
    cargo("bench -p pair-app -- --list")
        .passed()
        .says("pair-app::lines: benchmark\npair-core::fields: benchmark\n");
    let said = cargo("bench -p pair-core -- --list").passed();
    said.says("pair-core::fields: benchmark\n")
        .never_says("pair-app");
}

#[test]
fn a_guarded_function_fails_the_test_of_the_crate_that_calls_it() {
    cargo("test -p pair-app --test guarded")
        .failed()
        .says("`pair_core::fields` is `#[no_alloc]`, but it allocated once, 64 bytes")
        .says("  --> pair/core/src/lib.rs:8:21\n".trim_start());
}
