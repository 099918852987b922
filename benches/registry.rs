//! What a bench executable of 10,000 cases takes to list them, and to run one of them.
//!
//! `cargo bench -p hotbench-benches --bench registry` generates a package, builds it, which takes
//! minutes, and prints the times of whole processes. The harness is compiled as in any release build;
//! the routines of the cases, of which at most one runs, are not optimised, for that takes 12 minutes
//! of a core. Without `--bench`, as in `cargo test`, there are ten cases in a debug build, and no
//! times.

#![allow(clippy::print_stdout, reason = "a program that prints its results")]

use std::path::Path;
use std::process::Command;

use hotbench_benches::generated::{Annotated, Package, functions, timed};
use hotbench_benches::{held, time};

const RUNS: usize = 51;
/// What a run is held to.
const LIST_NS: f64 = 50e6;
const ONE_NS: f64 = 100e6;

fn main() {
    let is_timed = std::env::args().any(|argument| argument == "--bench");
    let (cases, build) = if is_timed {
        (10_000, "bench --no-run")
    } else {
        (10, "test --bench hot --no-run")
    };
    let package = Package::new(
        env!("CARGO_TARGET_TMPDIR"),
        "many-cases",
        "[profile.release.package.many-cases]\nopt-level = 0\n\n\
         [[bench]]\nname = \"hot\"\nharness = false\n\n[dependencies]\n\
         hotbench = { path = \"HOTBENCH\", features = [\"harness\"] }\n",
    );
    package.write("src/lib.rs", &functions(cases, Annotated::BenchCase));
    package.write("benches/hot.rs", "hotbench::harness!(many_cases);\n");
    let executable = package.executable(build, "hot");

    let last = cases - 1;
    let id = format!("many-cases::part_{}::f{last}", last / 100);
    let listed = format!("0 tests, {cases} benchmarks");
    let ran = format!("1 passed; 0 failed; 0 ignored; 0 measured; {last} filtered out");
    let kinds = [
        ("--list", vec!["--list"], listed, LIST_NS),
        (
            "--test --exact ID",
            vec!["--test", "--exact", &id],
            ran,
            ONE_NS,
        ),
    ];
    // Taken in turn, so that what else the machine does falls on both.
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..if is_timed { RUNS } else { 1 } {
        for (times, (_, arguments, expected, _)) in times.iter_mut().zip(&kinds) {
            times.push(process(&executable, arguments, expected));
        }
    }
    if !is_timed {
        println!("{cases} cases listed, and one run, untimed");
        return;
    }
    println!("{cases} cases, {RUNS} runs of each kind\n");
    println!(
        "{:<20} {:>10} {:>10} {:>10}  at most",
        "", "fastest", "median", "slowest"
    );
    for (mut times, (name, _, _, bar)) in times.into_iter().zip(kinds) {
        times.sort_by(f64::total_cmp);
        let [fastest, median, slowest] = [0, RUNS / 2, RUNS - 1].map(|rank| times[rank]);
        println!(
            "{name:<20} {:>10} {:>10} {:>10}  {} {}",
            time(fastest),
            time(median),
            time(slowest),
            time(bar),
            held([median, slowest], bar)
        );
    }
}

/// Nanoseconds from the start of a process to its end, what it prints read.
fn process(executable: &Path, arguments: &[&str], expected: &str) -> f64 {
    let (elapsed, output) = timed(Command::new(executable).args(arguments));
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(said.contains(expected), "not said: {expected}\n{said}");
    elapsed.as_secs_f64() * 1e9
}
