//! The profile of a program that does so much and no more.

use std::fs;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::support::{self, Said, target};

/// Runs of the fixture: a build with other features would replace the program under another test.
static RUNS: Mutex<()> = Mutex::new(());

fn cargo_with(arguments: &str, variables: &[(&str, &str)]) -> Said {
    let _alone = RUNS.lock().unwrap_or_else(PoisonError::into_inner);
    support::cargo_with(arguments, variables)
}

/// The profile of scenarios, as JSON; `name` is of this test alone.
fn profile_of(name: &str, scenarios: &str) -> Value {
    run(name, "--release", "hotbench/profile", scenarios).0
}

fn run(name: &str, profile: &str, features: &str, scenarios: &str) -> (Value, Said) {
    let file = target().join(format!("profile-{name}.json"));
    let _ = fs::remove_file(&file);
    let path = file.to_str().expect("UTF-8");
    let arguments = format!("run {profile} -p profiled --features {features} -- {scenarios}");
    let said = cargo_with(&arguments.replace("  ", " "), &[("HOTBENCH_PROFILE", path)]);
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{error}\n{said}"));
    (serde_json::from_str(&text).expect("JSON"), said)
}

/// The row of a function; a path in the fixture's own.
#[track_caller]
fn row<'a>(profile: &'a Value, function: &str) -> &'a Value {
    let path = format!("profiled::functions::{function}");
    let rows = profile["functions"].as_array().expect("rows");
    let mut rows = rows.iter().filter(|row| row["function"] == path);
    let row = rows.next();
    assert!(rows.next().is_none(), "{path} has two rows: {profile:#}");
    row.unwrap_or_else(|| panic!("no row for {path}: {profile:#}"))
}

#[track_caller]
fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value}"))
}

/// Nanoseconds are rounded down.
#[track_caller]
fn assert_same_ns(left: u64, right: u64) {
    assert!(left.abs_diff(right) <= 3, "{left}, {right}");
}

#[test]
fn calls_of_all_threads_are_counted() {
    // Of threads that have ended, one after the other and at once, and of one that is still there.
    let profile = profile_of("threads", "threads");
    assert_eq!(row(&profile, "inner")["calls"], 5 * 10 + 4 * 25 + 7);
    let profile = profile_of("rayon", "rayon");
    assert_eq!(row(&profile, "double")["calls"], 1_000);
}

#[test]
fn what_a_function_calls_is_in_its_total_and_not_in_its_own_time() {
    let profile = profile_of("nested", "nested");
    let [outer, inner] = ["outer", "inner"].map(|function| row(&profile, function));
    assert_eq!(outer["calls"], 3);
    assert_eq!(inner["calls"], 30);
    assert_eq!(inner["total_ns"], inner["self_ns"]);
    assert_same_ns(
        number(&outer["total_ns"]),
        number(&outer["self_ns"]) + number(&inner["total_ns"]),
    );
    assert!(number(&outer["total_ns"]) <= number(&profile["elapsed_ns"]));
}

#[test]
fn recursion_is_in_the_total_once() {
    let profile = profile_of("recursive", "recursive");
    let [even, odd] = ["even", "odd"].map(|function| row(&profile, function));
    assert_eq!([&even["calls"], &odd["calls"]], [4, 3]);
    assert_same_ns(
        number(&even["total_ns"]),
        number(&even["self_ns"]) + number(&odd["self_ns"]),
    );
    assert!(number(&odd["total_ns"]) < number(&even["total_ns"]));
}

#[test]
fn allocations_per_call_are_exact_and_the_profiles_own_are_not_among_them() {
    let profile = profile_of("allocations", "allocations");
    let boxes = row(&profile, "boxes");
    assert_eq!(boxes["calls"], 4);
    // Three boxes, a vector, its growth, and what the callee allocates.
    assert_eq!(boxes["allocs_per_call"], 6.0);
    assert_eq!(boxes["bytes_per_call"], 3.0 * 16.0 + 48.0 + 16.0 + 100.0);
    assert_eq!(boxes["allocs"], 24);
    let callee = row(&profile, "callee");
    assert_eq!(callee["allocs_per_call"], 1.0);
    assert_eq!(callee["bytes_per_call"], 100.0);
}

#[test]
fn allocations_that_nothing_counts_are_unknown() {
    let features = "unwrapped,hotbench/profile";
    let (profile, _) = run("unwrapped", "--release", features, "allocations");
    let boxes = row(&profile, "boxes");
    for field in ["allocs", "bytes", "allocs_per_call", "bytes_per_call"] {
        assert_eq!(boxes[field], Value::Null, "{field}");
    }
    let run = format!("run --release -p profiled --features {features} -- allocations");
    let said = cargo_with(&run, &[("HOTBENCH_PROFILE", "table")]).passed();
    let row = table_row(&said, "boxes");
    assert_eq!(row[row.len() - 2..], ["–", "–"], "{said}");
    said.says("note: allocations are not counted");
}

#[test]
fn an_async_function_is_timed_by_its_polls_and_until_it_is_ready() {
    let profile = profile_of("async", "async");
    let later = row(&profile, "later");
    // Two to the end, with four polls each, and one that was polled twice and dropped.
    assert_eq!(later["calls"], 3);
    assert_eq!(later["async"]["polls"], 4 + 4 + 2);
    assert_eq!(later["async"]["dropped"], 1);
    assert_eq!(later["async"]["until_ready"]["calls"], 2);
    let max = |value: &Value| value["max_ns"].as_f64().expect("a time");
    assert!(max(&later["async"]["until_ready"]) >= max(later), "{later}");
    // Its polls call another hot function, whose time is not its own.
    let inner = row(&profile, "inner");
    assert_eq!(inner["calls"], 3 + 3 + 1);
    assert_same_ns(
        number(&later["total_ns"]),
        number(&later["self_ns"]) + number(&inner["total_ns"]),
    );
    // One that panics in its second poll.
    let waits = row(&profile, "waits");
    let seen = ["calls", "panicked"].map(|field| &waits[field]);
    assert_eq!(seen, [1, 1]);
    assert_eq!(waits["async"]["dropped"], 0);
    // One that goes on when the profile ends.
    let forever = row(&profile, "forever");
    assert_eq!(forever["calls"], 0);
    assert_eq!(forever["async"]["polls"], 1);
    assert_eq!(forever["mean_ns"], Value::Null);
    assert_eq!(row(&profile, "inner")["async"], Value::Null);
}

#[test]
fn calls_that_panic_are_counted_and_marked() {
    let profile = profile_of("panics", "panics");
    let fails = row(&profile, "fails");
    assert_eq!([&fails["calls"], &fails["panicked"]], [5, 2]);
    let inner = row(&profile, "inner");
    assert_eq!([&inner["calls"], &inner["panicked"]], [5, 0]);
    assert_same_ns(
        number(&fails["total_ns"]),
        number(&fails["self_ns"]) + number(&inner["total_ns"]),
    );
}

#[test]
fn every_form_of_function_has_a_row() {
    let profile = profile_of("forms", "forms");
    for (function, calls) in [
        ("Buffer::push", 2),
        ("Buffer::into_bytes", 1),
        // A generic one has one for all types.
        ("largest", 2),
        ("numbers", 1),
    ] {
        assert_eq!(row(&profile, function)["calls"], calls, "{function}");
    }
    let push = row(&profile, "Buffer::push");
    let file = push["file"].as_str().expect("a file");
    assert!(file.ends_with("profiled/src/functions.rs"), "{file}");
    assert!(number(&push["line"]) > 0);
    let not_called = profile["not_called"].as_array().expect("names");
    assert!(not_called.contains(&"profiled::functions::outer".into()));
}

const OVER: &str = "`profiled::functions::over` is over its budget: it allocated 2 times, 8 bytes";

#[test]
fn budgets_are_held_where_the_guard_is_live_and_the_profile_sees_it() {
    let (profile, said) = run("over-debug", "", "hotbench/profile", "over");
    said.says(OVER);
    // The guard finds its way all the same.
    said.says("    drop(black_box([Box::new(1), Box::new(2)]));");
    let over = row(&profile, "over");
    assert_eq!(
        [&over["calls"], &over["panicked"], &over["allocs"]],
        [2, 2, 4]
    );
    // Not in a release build,
    let (profile, said) = run("over", "--release", "hotbench/profile", "over");
    said.never_says(OVER);
    let over = row(&profile, "over");
    assert_eq!(
        [&over["calls"], &over["panicked"], &over["allocs"]],
        [2, 0, 4]
    );
    // unless it is asked for.
    let features = "hotbench/profile,hotbench/guard-release";
    let (profile, said) = run("over-release", "--release", features, "over");
    said.says(OVER);
    assert_eq!(row(&profile, "over")["panicked"], 2);
}

const LINE: &str = "run --release -p profiled --features line,hotbench/profile --";

/// The cells of a function's row in the table on standard error.
#[track_caller]
fn table_row<'a>(said: &'a Said, function: &str) -> Vec<&'a str> {
    let is_of_function = |line: &&str| {
        let name = line.split(' ').next().unwrap_or_default();
        name == format!("profiled::functions::{function}")
    };
    let row = said.stderr.lines().find(is_of_function);
    let row = row.unwrap_or_else(|| panic!("no row for {function}\n{said}"));
    row.split("  ")
        .map(str::trim)
        .filter(|cell| !cell.is_empty())
        .collect()
}

#[test]
fn a_line_in_the_program_shows_the_table() {
    let said = cargo_with(&format!("{LINE} nested allocations"), &[]).passed();
    assert_eq!(said.stdout, "done\n");
    let header = said
        .stderr
        .lines()
        .find(|line| line.starts_with("function "));
    let titles: Vec<&str> = header.expect("a header").split_whitespace().collect();
    assert_eq!(
        titles,
        [
            "function", "calls", "total", "self", "share", "mean", "p50", "p95", "p99", "max",
            "allocs", "bytes"
        ]
    );
    let boxes = table_row(&said, "boxes");
    assert_eq!(boxes.len(), titles.len(), "{boxes:?}");
    assert_eq!((boxes[1], boxes[10], boxes[11]), ("4", "6", "212 B"));
    assert_eq!(table_row(&said, "inner")[1], "30");
    said.says("hot functions were not called");
}

#[test]
fn the_variable_alone_is_enough_and_says_the_form() {
    let without_a_line = "run --release -p profiled --features hotbench/profile -- nested";
    let said = cargo_with(without_a_line, &[("HOTBENCH_PROFILE", "table")]).passed();
    assert_eq!(table_row(&said, "inner")[1], "30");
    // And with neither nothing is said.
    cargo_with(without_a_line, &[]).passed().never_says("calls");

    let said = cargo_with(&format!("{LINE} nested"), &[("HOTBENCH_PROFILE", "json")]).passed();
    let lines: Vec<&str> = said
        .stderr
        .lines()
        .filter(|line| line.starts_with('{'))
        .collect();
    // One, for the line in the program and the variable make one profile.
    assert_eq!(lines.len(), 1, "{said}");
    let profile: Value = serde_json::from_str(lines[0]).expect("JSON");
    assert_eq!(profile["schema"], 1);
    assert_eq!(row(&profile, "inner")["calls"], 30);

    let file = target().join("profile.txt");
    let path = file.to_str().expect("UTF-8");
    let said = cargo_with(&format!("{LINE} nested"), &[("HOTBENCH_PROFILE", path)]).passed();
    said.never_says("calls");
    let text = fs::read_to_string(&file).expect("the table");
    assert!(text.contains("profiled::functions::inner"), "{text}");
}

#[test]
fn a_value_that_is_none_is_told_once_what_to_be_and_the_program_goes_on() {
    for run in [
        LINE,
        "run --release -p profiled --features hotbench/profile --",
    ] {
        let said = cargo_with(
            &format!("{run} threads two"),
            &[("HOTBENCH_PROFILE", "garbage")],
        );
        let said = said.passed();
        let message = "hotbench: nothing is profiled: `HOTBENCH_PROFILE` is `garbage`: it is `table`, \
                       `json`, or the path of a file that ends in `.json` or `.txt`";
        assert_eq!(said.stderr.matches(message).count(), 1, "{said}");
        assert_eq!(said.stdout, "done\n");
        said.never_says("inner");
    }
}

#[test]
fn a_file_that_can_not_be_written_is_told() {
    let said = cargo_with(
        &format!("{LINE} nested"),
        &[("HOTBENCH_PROFILE", "/no/such/folder/profile.json")],
    );
    said.passed()
        .says("hotbench: the profile can't be written to `/no/such/folder/profile.json`: ");
}

#[test]
fn a_program_that_exits_has_its_profile_written() {
    let (profile, said) = run("exit", "--release", "line,hotbench/profile", "nested exit");
    assert_eq!(said.code, Some(3), "{said}");
    assert_eq!(row(&profile, "inner")["calls"], 30);
}

#[test]
fn a_profile_knows_nothing_of_the_one_before() {
    let run = "run --release -p profiled --features hotbench/profile -- two";
    let said = cargo_with(run, &[]).passed();
    let calls = said
        .stderr
        .lines()
        .filter(|line| line.starts_with("profiled::functions::inner "));
    let calls: Vec<Option<&str>> = calls.map(|line| line.split_whitespace().nth(1)).collect();
    // One call came between the two.
    assert_eq!(calls, [Some("1"), Some("2")], "{said}");
}

#[test]
fn without_the_feature_nothing_is_said() {
    let run = "run --release -p profiled --features line -- nested";
    let said = cargo_with(run, &[("HOTBENCH_PROFILE", "table")]).passed();
    said.never_says("inner").never_says("profile:");
}
