//! Set-ups in which nothing would be checked fail, or say so.

use crate::support::{Said, UNOPTIMISED, cargo, cargo_with};

#[test]
fn a_forgotten_feature_is_a_compile_error_in_tests_that_shows_the_line_to_add() {
    let said = cargo("test -p feature-forgotten").failed();
    for attribute in ["no_alloc", "hot"] {
        said.says(&format!(
            "error: `#[{attribute}]` checks nothing in this test build"
        ));
    }
    said.says("error: `#[bench_case]` registers nothing in this test build")
        .says("hotbench = { version = \"0.1\", features = [\"harness\"] }");
}

#[test]
fn a_forgotten_feature_is_no_error_elsewhere() {
    cargo("build -p feature-forgotten").passed();
}

#[test]
fn a_harness_without_cases_has_nothing_to_time_and_breaks_no_test_run() {
    let nothing = "no case is registered: put `#[bench_case]` on a function";
    cargo("test -p empty --bench hot")
        .passed()
        .says("running 0 tests")
        .says(&format!("warning: {nothing}"));
    let timed = cargo("test -p empty --bench hot -- --bench --allow-debug").failed();
    assert_eq!(timed.target_code(), Some(2), "{timed}");
    timed.says(&format!("error: {nothing}"));
}

#[test]
fn two_cases_with_one_id_are_named_with_their_places() {
    let said = cargo("test -p duplicate --bench hot").failed();
    assert_eq!(said.target_code(), Some(2), "{said}");
    said.says("two cases have the id `duplicate::twice/same`")
        .says("at duplicate/src/lib.rs:5 and at duplicate/src/lib.rs:6:");
}

#[test]
fn the_guard_of_a_release_test_is_live_in_the_crate_under_test_alone() {
    cargo("test --release -p adopted --lib -- careless allocating_in_a_no_alloc")
        .failed()
        .says("test tests::allocating_in_a_no_alloc_function_fails ... FAILED");
    cargo("test --release -p adopted --test guarded -- --nocapture the_status")
        .passed()
        .says("guard live on 0 of 6 functions");
    cargo("test --release -p adopted --bench hot")
        .passed()
        .says("guard live on 0 of 6 functions: what they allocate is not checked in this build");
}

#[test]
fn with_guard_release_the_guard_is_live_in_every_profile() {
    let test = format!("test --release {UNOPTIMISED} -p adopted --features hotbench/guard-release");
    cargo(&format!("{test} --test guarded"))
        .failed()
        .says("test the_guard_is_live_in_a_library_that_a_test_links ... FAILED");
    cargo(&format!("{test} --bench hot"))
        .passed()
        .says("guard live on 6 of 6 functions\n");
}

/// The test of `adopted` that reaches an allocation, under a policy.
fn under(policy: &str) -> Said {
    let arguments = "test -p adopted --lib -- --nocapture --exact \
                     tests::allocating_in_a_no_alloc_function_fails";
    cargo_with(arguments, &[("HOTBENCH_GUARD", policy)])
}

#[test]
fn the_environment_says_what_becomes_of_a_failure() {
    const REPORT: &str = "error: `adopted::copies::careless` is `#[no_alloc]`";
    under("panic").failed().says(REPORT).says("1 failed");
    under("warn").passed().says(REPORT).says("1 passed");
    under("off").passed().never_says(REPORT);
    under("abort")
        .failed()
        .says(REPORT)
        .says("signal: 6, SIGABRT");
    under("yes")
        .failed()
        .says("`HOTBENCH_GUARD` is `yes`: it is one of `off`, `warn`, `panic` and `abort`");
}

#[test]
fn a_guard_that_is_switched_off_is_said_to_be() {
    cargo_with("test -p adopted --bench hot", &[("HOTBENCH_GUARD", "off")])
        .passed()
        .says("guard live on 6 of 6 functions, but switched off by `HOTBENCH_GUARD`: what they");
}
