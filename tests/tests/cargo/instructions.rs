//! `--instructions`: what a call executes, by Callgrind.

use std::process::Command;

use serde_json::Value;

use crate::support::{QUICK, Said, bench_executable, cargo, run, timed};

fn document(said: &Said) -> Value {
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}\n{said}"))
}

fn of(document: &Value, name: &str) -> Value {
    let id = format!("counted::{name}");
    let mut cases = document["cases"].as_array().expect("a list").iter();
    let case = cases.find(|case| case["id"] == id.as_str());
    case.unwrap_or_else(|| panic!("no {id} in {document:#}"))["instructions"].clone()
}

fn per_call(document: &Value, name: &str) -> f64 {
    let instructions = of(document, name);
    assert_eq!(instructions["exact"], true, "{name}: {instructions}");
    instructions["per_call"].as_f64().expect("a number")
}

#[test]
fn they_are_those_of_a_call_and_the_same_each_time() {
    let counted =
        || document(&cargo("bench -p counted -- --check --instructions --format json").passed());
    let [first, second] = [counted(), counted()];
    let turns = ["turns/100", "turns/200", "turns/300"].map(|name| per_call(&first, name));
    // A turn takes as many, wherever it is, and a call takes hardly more than its turns.
    let turn = (turns[1] - turns[0]) / 100.0;
    assert!((2.0..20.0).contains(&turn), "{turns:?}");
    assert!(
        (turns[2] - turns[1] - 100.0 * turn).abs() < 1.0,
        "{turns:?}"
    );
    assert!(turns[0] < 100.0 * turn + 50.0, "{turns:?}");
    // What is made before a call is none of it.
    assert!(per_call(&first, "made_before") < 1_000.0, "{first:#}");
    for name in ["awaited", "Counter::count"] {
        let instructions = per_call(&first, name);
        assert!(
            (instructions - turns[0]).abs() < 200.0,
            "{name}: {instructions}"
        );
    }
    for name in [
        "turns/100",
        "turns/300",
        "made_before",
        "awaited",
        "Counter::count",
    ] {
        let [first, second] = [&first, &second].map(|document| per_call(document, name));
        assert!(
            (first / second - 1.0).abs() <= 0.001,
            "{name}: {first}, {second}"
        );
    }
    assert_eq!(of(&first, "at_random")["exact"], false, "{first:#}");
}

#[test]
fn they_stand_beside_the_time_and_with_cache_what_becomes_of_the_caches() {
    let said = cargo(&format!(
        "bench -p counted -- turns/100 at_random {QUICK} --instructions --cache"
    ));
    let said = said.passed();
    let header = said.row("case");
    let column = header.iter().position(|title| *title == "instructions");
    assert_eq!(
        header[column.expect("a column") + 1..][..2],
        ["est. cycles", "L1, LL misses"]
    );
    let cell = said.row("at_random")[column.expect("a column")];
    assert!(cell.starts_with("≈ "), "{said}");
    assert!(
        !said.row("turns/100")[column.expect("a column")].contains('≈'),
        "{said}"
    );
}

#[test]
fn a_case_that_runs_elsewhere_alone_has_not_failed_for_it() {
    let said = cargo("bench -p counted -- elsewhere turns/100 --check --instructions").passed();
    said.says(
        "note: the instructions of `counted::elsewhere_alone` are not counted: under Valgrind it failed: \
         not here",
    );
    assert_eq!(said.row("turns/100").len(), 4, "{said}");
}

#[test]
fn without_valgrind_a_line_says_so_and_the_rest_goes_on() {
    let mut harness = timed(
        &bench_executable("counted"),
        "turns/100 --check --instructions",
    );
    let said = run(harness.env("PATH", "/nowhere"));
    said.passed()
        .says("note: instructions are not counted: there is no `valgrind`.")
        .row("turns/100");
    let said = cargo("test -p counted --bench hot -- --test --instructions").failed();
    assert_eq!(said.target_code(), Some(2), "{said}");
}

#[test]
fn where_valgrind_does_not_start_its_words_are_shown_and_what_was_measured_is_kept() {
    let executable = bench_executable("counted");
    let flags = format!("turns/ {QUICK} --instructions");
    // No folder for its files; and less memory than it takes, but enough for a case.
    let nowhere = run(timed(&executable, &flags).env("TMPDIR", "/nowhere"));
    let little = run(Command::new("sh")
        .args(["-c", "ulimit -v 55000; exec \"$@\"", "sh"])
        .arg(&executable)
        .arg("--bench")
        .args(flags.split(' ')));
    for (said, reason) in [
        (nowhere, "Can't create client cmdline file in /nowhere/"),
        (little, "out of memory"),
    ] {
        assert_eq!(said.code, Some(1), "{said}");
        for turns in ["turns/100", "turns/300"] {
            assert!(said.row(turns)[1].ends_with('s'), "{said}");
        }
        said.says("note: instructions are not counted from `counted::turns/100` on: Valgrind does not start (")
            .says(reason)
            .never_says("there is no `valgrind`");
        assert_eq!(said.stderr.matches("does not start").count(), 1, "{said}");
    }
}
