//! `for NAME in EXPR` makes a case for each value.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::support::{QUICK, Said, bench_executable, cargo, folder, is_verdict, run, timed};

#[test]
fn values_are_listed_in_their_own_order() {
    let said = cargo("bench -p declared -- --list --format terse filled area").passed();
    assert_eq!(
        said.stdout,
        "\
declared::area/product/1/1: benchmark
declared::area/product/1/10: benchmark
declared::area/product/2/2: benchmark
declared::area/product/2/20: benchmark
declared::filled/8: benchmark
declared::filled/64: benchmark
declared::filled/1024: benchmark
"
    );
}

#[test]
fn each_value_is_checked_and_held_to_its_budget_by_itself() {
    cargo("test -p declared --bench hot -- filled area")
        .failed()
        .says("running 7 tests")
        .says("test declared::filled/8 ... ok")
        .says("test declared::filled/64 ... ok")
        .says("test declared::filled/1024 ... FAILED")
        .says(
            "error: one call of `declared::filled/1024` allocated once, 1,024 bytes, where \
             `#[bench_case(max_bytes = 64)]` allows less",
        )
        .says("test declared::area/product/2/20 ... ok")
        .says("6 passed; 1 failed;");
}

#[test]
fn one_value_is_run_by_its_name() {
    let said = cargo("test -p declared --bench hot -- --exact declared::filled/64").passed();
    said.says("running 1 test\n")
        .says("test declared::filled/64 ... ok");
}

#[test]
fn each_value_is_timed_with_its_own_rate_and_compared_with_its_like() {
    let said = cargo(&format!("bench -p declared -- filled/64 sums {QUICK}")).passed();
    assert!(said.row("filled/64")[6].ends_with("B/s"), "{said}");
    let said = cargo(&format!("bench -p declared -- sum_ {QUICK}")).passed();
    for value in ["4", "16"] {
        assert_eq!(
            said.row(&format!("sum_in_a_loop/looped/{value}")).last(),
            Some(&"baseline")
        );
        let row = said.row(&format!("sum_by_formula/formula/{value}"));
        assert!(is_verdict(row.last()), "{said}");
    }
}

#[test]
fn a_sweep_without_a_value_fails_its_case() {
    let said = cargo("test -p empty-sweep --bench hot").failed();
    assert_eq!(said.target_code(), Some(1), "{said}");
    said.says("test empty-sweep::double ... FAILED").says(
        "---- empty-sweep::double ----\nthe sweep at empty-sweep/src/lib.rs:3 has no value, so there is nothing to run",
    );
}

#[test]
fn values_that_look_alike_fail_their_case() {
    let said = cargo("test -p same-values --bench hot").failed();
    assert_eq!(said.target_code(), Some(1), "{said}");
    said.says("test same-values::double ... FAILED").says(
        "the sweep at same-values/src/lib.rs:3 has two values that are shown as `1`: leave one out",
    );
}

/// A run of the fixture with these arguments, by the executable that `cargo bench` builds.
fn sweeps(arguments: &str) -> Said {
    run(&mut timed(&bench_executable("sweeps"), arguments))
}

#[test]
fn a_time_never_stands_under_another_value_where_the_order_is_not_fixed() {
    // Each call checks that it has the value of its id.
    let said = sweeps(&format!("unordered {QUICK}")).passed();
    let time = |n: &str| -> f64 {
        let row = said.row(&format!("unordered/{n}"));
        let (number, unit) = row[1].split_once(' ').expect("a time");
        let unit = match unit {
            "ns" => 1.0,
            "us" | "\u{b5}s" => 1e3,
            "ms" => 1e6,
            other => panic!("{other}"),
        };
        number.parse::<f64>().expect("a number") * unit
    };
    // Each has ten times the work of the one before: as ids that were mixed up would not have.
    let values = ["100", "1000", "10000", "100000", "1000000"];
    for pair in values.windows(2) {
        assert!(time(pair[0]) < time(pair[1]), "{said}");
    }
    let said = sweeps("--test unordered").passed();
    said.says("7 passed; 0 failed;");
}

#[test]
fn a_sweep_that_panics_costs_its_own_case_alone() {
    let said = sweeps("--test good panicking aborting").failed();
    assert_eq!(said.code, Some(1), "{said}");
    said.says("test sweeps::good ... ok")
        .says("test sweeps::panicking ... FAILED")
        .says("---- sweeps::panicking ----\nthe sweep at sweeps/src/lib.rs:22 panicked: a corpus: ")
        .says("panicked at sweeps/src/lib.rs:22:")
        .says("test sweeps::aborting ... FAILED")
        .says(
            "---- sweeps::aborting ----\nthe sweep at sweeps/src/lib.rs:28 ended the process that evaluates it \
             (signal: 6 (SIGABRT)",
        )
        .says("1 passed; 2 failed;");
    let said = sweeps(&format!("good panicking {QUICK}")).failed();
    assert_eq!(said.row("panicking"), ["panicking", "FAILED"]);
    said.row("good");
}

#[test]
fn a_sweep_that_panics_is_listed_and_run_by_its_id() {
    let list = sweeps("--list --format terse").passed();
    for listed in ["sweeps::good", "sweeps::panicking", "sweeps::counted/8"] {
        list.says(&format!("{listed}: benchmark\n"));
    }
    sweeps("--test --exact sweeps::panicking")
        .failed()
        .says("the sweep at sweeps/src/lib.rs:22 panicked: ");
}

#[test]
fn a_sweep_that_the_filters_leave_out_is_not_evaluated() {
    bench_executable("sweeps");
    let start = Instant::now();
    let said = sweeps("--test good").passed();
    said.says("1 passed; 0 failed;").never_says("panicked");
    // A filter of another target's.
    sweeps("--test no_such_test")
        .passed()
        .says("0 passed; 0 failed;");
    sweeps("--test --skip panicking --skip aborting --skip unstable --skip slow").passed();
    // Of a sweep that takes 1.5 s.
    assert!(start.elapsed() < Duration::from_secs(10), "{said}");
}

#[test]
fn each_process_evaluates_a_sweep_once() {
    let noted = folder("sweeps-noted").join("evaluations");
    let evaluations = |arguments: &str| {
        let _ = std::fs::remove_file(&noted);
        let mut command = timed(&bench_executable("sweeps"), arguments);
        run(command.env("SWEEPS_NOTED", &noted)).passed();
        let text = std::fs::read_to_string(&noted).expect("text");
        let processes: Vec<String> = text.lines().map(str::to_owned).collect();
        let different: HashSet<&String> = processes.iter().collect();
        assert_eq!(
            different.len(),
            processes.len(),
            "{arguments}: {processes:?}"
        );
        processes.len()
    };
    // One for the list, and one for all values together.
    assert_eq!(evaluations("--test sweeps::counted"), 2);
    // One for the list, and one for each value.
    assert_eq!(evaluations(&format!("sweeps::counted {QUICK}")), 4);
}

#[test]
fn a_slow_sweep_is_not_on_the_time_of_its_cases() {
    sweeps("--test slow --timeout 1").passed();
    let said = sweeps(&format!("slow --timeout 1 {QUICK}")).passed();
    said.row("slow/1");
    said.row("slow/2");
}

#[test]
fn a_value_that_another_process_does_not_have_is_said_to_be_missing() {
    sweeps(&format!("unstable {QUICK}"))
        .failed()
        .says("the sweep at sweeps/src/lib.rs:64 has no value `")
        .says("a sweep needs the same values in each process");
}

#[test]
fn a_value_that_is_named_in_full_and_is_not_there_fails() {
    sweeps("--test --exact sweeps::counted/8 sweeps::counted/9")
        .failed()
        .says("test sweeps::counted/8 ... ok")
        .says("test sweeps::counted/9 ... FAILED")
        .says("has no value `9`: it has ");
}
