//! What it takes to count the instructions of 20 cases.
//!
//! `cargo bench -p hotbench-benches --bench instructions` prints the times of whole processes, with and
//! without simulated caches, in half a minute; it needs `valgrind`. Without `--bench`, as in `cargo test`, one
//! case is counted, untimed.

#![allow(clippy::print_stdout, reason = "a program that prints its results")]

use std::process::ExitCode;

use hotbench::bench_case;
use hotbench_benches::generated::timed;
use hotbench_benches::{as_harness, held, is_harness, median_and_range, time};
use serde_json::Value;

const RUNS: usize = 3;
const MOST_NS: f64 = 60e9;

/// From a microsecond to some milliseconds.
#[bench_case(for power in 5..15, args(&numbers(1 << power)))]
fn sorted(numbers: &[u32]) -> Vec<u32> {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    sorted
}

#[bench_case(for power in 5..15, args(&numbers(1 << power)))]
fn joined(numbers: &[u32]) -> String {
    let words: Vec<String> = numbers.iter().map(u32::to_string).collect();
    words.join(", ")
}

fn numbers(count: u32) -> Vec<u32> {
    (0..count).map(|n| n.wrapping_mul(2_654_435_761)).collect()
}

mod suite {
    hotbench::harness!(crate);

    pub(super) fn run() -> std::process::ExitCode {
        main()
    }
}

fn main() -> ExitCode {
    if is_harness() {
        return suite::run();
    }
    if !std::env::args().any(|argument| argument == "--bench") {
        let (_, counted) = count(&["--exact", "hotbench-benches::sorted/5"]);
        println!("{counted} case counted, untimed");
        return ExitCode::SUCCESS;
    }
    for flags in [&[][..], &["--cache"]] {
        let runs: Vec<(f64, usize)> = (0..RUNS).map(|_| count(flags)).collect();
        let counted = runs[0].1;
        let (median, range) = median_and_range(runs.into_iter().map(|run| run.0).collect());
        let [fastest, slowest] = range.map(time);
        println!(
            "{counted} cases {:<8} {:>12}   {fastest} to {slowest}, at most {}: {}",
            flags.join(" "),
            time(median),
            time(MOST_NS),
            held(range, MOST_NS)
        );
    }
    ExitCode::SUCCESS
}

/// Nanoseconds of a whole process, and the cases that were counted.
fn count(flags: &[&str]) -> (f64, usize) {
    let mut command = as_harness();
    command
        .args(["--check", "--instructions", "--format", "json"])
        .args(flags);
    let (elapsed, output) = timed(&mut command);
    let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
    let cases = document["cases"].as_array().expect("a list");
    assert!(
        cases.iter().all(|case| case["instructions"].is_object()),
        "{document:#}"
    );
    (elapsed.as_secs_f64() * 1e9, cases.len())
}
