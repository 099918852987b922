//! Several crates of one workspace.

use crate::support::{Said, cargo, cargo_in};

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

/// Cargo at the root of a workspace with three harnesses, in two of its crates.
fn at_the_root(arguments: &str) -> Said {
    cargo_in("family", arguments, &[])
}

#[test]
fn the_cases_of_a_dependency_appear_once_it_is_named() {
    let both = at_the_root("bench -p family-app --bench both -- --list --format terse").passed();
    assert_eq!(
        both.stdout,
        "family-app::lines: benchmark\nfamily-core::fields: benchmark\n"
    );
    let own = at_the_root("bench -p family-app --bench own -- --list --format terse").passed();
    assert_eq!(own.stdout, "family-app::lines: benchmark\n");
}

#[test]
fn each_harness_of_a_workspace_ends_with_a_table_of_its_own() {
    let said = at_the_root("bench --workspace").passed();
    let tables = said.stdout.split("\ncase  ").skip(1);
    let rows: Vec<[bool; 2]> = tables
        .map(|table| ["\n  lines  ", "\n  fields  "].map(|row| table.contains(row)))
        .collect();
    // Cargo runs them by the names of the packages, then of the targets.
    assert_eq!(rows, [[true, true], [true, false], [false, true]], "{said}");
}

#[test]
fn a_filter_may_leave_a_harness_of_a_workspace_nothing() {
    let said = at_the_root("bench --workspace -- fields").passed();
    assert_eq!(said.stdout.matches("\n  fields  ").count(), 2, "{said}");
    said.never_says("\n  lines  ")
        .says("no case to run, 1 filtered out\n");
}

#[test]
fn the_tests_of_a_workspace_are_its_cases_too() {
    let said = at_the_root("test --workspace").passed();
    let runs = |test: &str| said.stdout.matches(&format!("test {test} ... ok")).count();
    assert_eq!(runs("family-app::lines"), 2, "{said}");
    assert_eq!(runs("family-core::fields"), 2, "{said}");
    assert_eq!(runs("tests::the_guard_is_live"), 1, "{said}");
    assert_eq!(runs("four"), 1, "{said}");
}
