//! Nothing of a case is evaluated in a run that does not measure it.

use std::collections::BTreeSet;

use crate::support::{QUICK, Said, cargo_with, target};

/// What a run evaluates of the cases, and what it says. Each has a file of its own, of this name.
fn traces(name: &str, arguments: &str) -> (Vec<String>, Said) {
    let path = target().join(format!("lazy-{name}.txt"));
    let _ = std::fs::remove_file(&path);
    let said = cargo_with(arguments, &[("LAZY_TRACE", path.to_str().expect("UTF-8"))]).passed();
    let traces = std::fs::read_to_string(&path).unwrap_or_default();
    let traces: BTreeSet<&str> = traces.lines().collect();
    (traces.into_iter().map(str::to_owned).collect(), said)
}

/// The values of all sweeps, which a listing of all cases shows.
const LISTED: [&str; 2] = ["swept: values", "swept_ignored: values"];

fn sorted(traces: &[&str]) -> Vec<String> {
    let all: BTreeSet<&str> = traces.iter().copied().collect();
    all.into_iter().map(str::to_owned).collect()
}

/// All expressions of a case of `declared`.
const FIRST: [&str; 10] = [
    "first: args by reference",
    "first: args by value",
    "first: bytes",
    "first: check",
    "first: check of the output",
    "first: elements",
    "first: max_allocs",
    "first: measurement_time",
    "first: sample_size",
    "first: warm_up_time",
];

#[test]
fn listing_evaluates_the_sweeps_alone() {
    let (evaluated, said) = traces("list", "bench -p lazy -- --list --format terse");
    assert_eq!(said.stdout.lines().count(), 10, "{said}");
    assert_eq!(evaluated, sorted(&LISTED));
    // A filter that is part of no name of theirs leaves them out.
    let (evaluated, _) = traces("list-filtered", "bench -p lazy -- --list first");
    assert_eq!(evaluated, sorted(&[]));
    let (evaluated, _) = traces("list-values", "bench -p lazy -- --list /2");
    assert_eq!(evaluated, sorted(&LISTED));
}

#[test]
fn a_test_run_evaluates_what_it_measures() {
    let run = |name: &str, filters: &str| {
        traces(name, &format!("test -p lazy --bench hot -- {filters}")).0
    };
    assert_eq!(run("test-first", "declared/first"), sorted(&FIRST));
    assert_eq!(
        run("test-value", "swept/2"),
        sorted(&["swept: values", "swept: args of 2", "swept: elements of 2"])
    );
    assert_eq!(run("test-type", "chosen/u16"), sorted(&["u16"]));
    assert_eq!(
        run("test-bencher", "measuring"),
        sorted(&["measuring: bytes", "measuring: set-up"])
    );
    assert_eq!(run("test-nothing", "no_such_case"), sorted(&[]));
}

#[test]
fn a_timed_run_evaluates_what_it_times() {
    let (evaluated, said) = traces("bench-first", "bench -p lazy -- first chosen/u8");
    assert!(said.row("declared/first").len() > 4, "{said}");
    let first = [&FIRST[..], &["u8"]].concat();
    assert_eq!(evaluated, sorted(&first));
    let arguments = format!("bench -p lazy -- measuring swept/1 {QUICK}");
    let (evaluated, _) = traces("bench-sweep", &arguments);
    assert_eq!(
        evaluated,
        sorted(&[
            "measuring: bytes",
            "measuring: set-up",
            "swept: values",
            "swept: args of 1",
            "swept: elements of 1",
        ])
    );
}

#[test]
fn of_an_ignored_case_nothing_is_evaluated_before_it_is_asked_for() {
    let (evaluated, said) = traces("ignored", "test -p lazy --bench hot -- ignored");
    said.says("0 passed; 0 failed; 3 ignored;");
    assert_eq!(evaluated, sorted(&["swept_ignored: values"]));
    let arguments = format!("bench -p lazy -- ignored {QUICK}");
    let (evaluated, said) = traces("ignored-timed", &arguments);
    said.says("3 cases ignored");
    assert_eq!(evaluated, sorted(&["swept_ignored: values"]));
    let (evaluated, _) = traces(
        "asked-for",
        "test -p lazy --bench hot -- measuring_ignored swept_ignored --ignored",
    );
    assert_eq!(
        evaluated,
        sorted(&[
            "measuring_ignored: set-up",
            "swept_ignored: values",
            "swept_ignored: args",
        ])
    );
}
