//! Failures on threads that nobody joins, and what libtest's capture of the output allocates.

use crate::support::{Said, cargo, executable, run};

const UNOBSERVED: &str = "error: a guarded function failed on a thread that nobody joins";

fn test(target: &str, more: &str) -> Said {
    cargo(&format!("test -q -p left-alone --test {target} {more}"))
}

#[test]
fn a_failure_on_a_detached_thread_fails_the_test_process_with_its_report() {
    let said = test("left", "").failed();
    said.says("test result: ok. 4 passed")
        .says(UNOBSERVED)
        .says("`left_alone::strict` is `#[no_alloc]`, but it allocated once, 7 bytes")
        .says("     text.to_owned().len()\n");
    for thread in ["7 bytes", "5 bytes", "9 bytes"] {
        said.says(&format!("allocated once, {thread}"));
    }
    // nextest runs each in a process of its own.
    let said = cargo("nextest run -p left-alone --test left --test seen --no-fail-fast").failed();
    said.says("11 tests run: 8 passed, 3 failed")
        .says(UNOBSERVED);
}

#[test]
fn a_failure_that_somebody_joins_or_catches_fails_no_process() {
    test("seen", "")
        .passed()
        .says("7 passed")
        .never_says(UNOBSERVED);
}

#[test]
fn a_failure_on_a_detached_thread_fails_its_case() {
    cargo("test -p left-alone --bench hot")
        .failed()
        .says("test left-alone::left ... FAILED")
        .says("test left-alone::neighbour ... ok")
        .says("test left-alone::joined ... ok")
        .says(UNOBSERVED);
}

#[test]
fn a_failure_on_a_detached_thread_ends_a_program_with_101() {
    let build = "build -q -p left-alone --bin left-alone --features hotbench/guard";
    let program = executable(&format!("{build} --message-format json"));
    let program = |how: &str| run(std::process::Command::new(&program).arg(how));
    let left = program("left");
    assert_eq!(left.code, Some(101), "{left}");
    left.says("main has ended").says(UNOBSERVED);
    program("joined").passed().never_says(UNOBSERVED);
}

#[test]
fn a_function_that_prints_is_judged_alike_captured_or_not() {
    for (how, note) in [("", true), ("-- --nocapture", false)] {
        let said = test("captured", how).failed();
        said.says("2 passed; 3 failed")
            .says("`captured::tick_and_copy` is `#[no_alloc]`, but it allocated once, 6 bytes")
            .says("`captured::print_costly` is `#[no_alloc]`, but it allocated once, 12 bytes")
            .says("`captured::print_buffered` is `#[no_alloc]`, but it allocated once, 8 bytes");
        let capture = "note: libtest's capture of the output made 12 allocations more";
        match note {
            true => said.says(capture),
            false => said.never_says(capture),
        };
    }
}
