//! Tests in parallel don't see each other's allocations.

use std::process::Command;

use crate::support::{cargo, run};

/// Runs of the suite, if `HOTBENCH_TEST_RUNS` does not say how many.
const RUNS: usize = 50;

#[test]
fn exactly_the_violating_half_fails_each_time() {
    let first = cargo("test -p crowd --lib").failed();
    let (_, executable) = first
        .stderr
        .split_once("Running unittests src/lib.rs (")
        .expect("a run");
    let executable = executable.split(')').next().expect("its executable");
    let runs = std::env::var("HOTBENCH_TEST_RUNS").ok();
    let runs = runs.map_or(RUNS, |runs| runs.parse().expect("a number"));
    for _ in 0..runs {
        let said = run(Command::new(executable)
            .env("RUST_BACKTRACE", "0")
            // More threads than cores: they are preempted in their regions.
            .arg("--test-threads=16"))
        .failed();
        said.says("test result: FAILED. 32 passed; 32 failed; 0 ignored;");
        said.never_says("::passes ... FAILED")
            .never_says("::fails ... ok");
    }
}
