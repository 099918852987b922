//! What it takes to report 1,000 cases, in each format.
//!
//! `cargo bench -p hotbench-benches --bench reporting` prints the times of whole processes, which read a
//! document of so many cases and write it in a format, and the most memory that any of them had; with
//! `--features html`, the page is among them. Without `--bench`, as in `cargo test`, each runs once with ten,
//! untimed.

#![allow(clippy::print_stdout, reason = "a program that prints its results")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use hotbench::bench_case;
use hotbench_benches::generated::timed;
use hotbench_benches::{as_harness, held, is_harness, median_and_range, time};
use serde_json::{Value, json};

const CASES: usize = 1_000;
const RUNS: usize = 11;
const MOST_NS: f64 = 2e9;
const MOST_BYTES: f64 = 200.0 * 1024.0 * 1024.0;
const FORMATS: [(&str, &str); 5] = [
    ("human", "--format human"),
    ("json", "--format json"),
    ("junit", "--format junit"),
    ("github", "--format github"),
    ("bencher", "--format bencher"),
];

/// What documents are made from.
#[bench_case(args(7), no_alloc, throughput = Elements(1))]
fn square(n: u64) -> u64 {
    n.wrapping_mul(n)
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
    let is_timed = std::env::args().any(|argument| argument == "--bench");
    let (cases, runs) = if is_timed { (CASES, RUNS) } else { (10, 1) };
    let file = document(cases);
    let page: &[_] = if cfg!(feature = "html") {
        &[("a page", "--open")]
    } else {
        &[]
    };
    let forms = FORMATS.iter().chain(page);
    let times: Vec<_> = forms
        .map(|&(name, flags)| {
            let times = (0..runs).map(|_| report(&file, flags)).collect();
            (name, median_and_range(times))
        })
        .collect();
    if !is_timed {
        println!("{cases} cases in {} forms, untimed", times.len());
        return ExitCode::SUCCESS;
    }
    println!("{cases} cases, {RUNS} runs of each form\n");
    for (name, (median, range)) in times {
        let [fastest, slowest] = range.map(time);
        println!(
            "{name:<10} {:>10}   {fastest} to {slowest}, at most {}: {}",
            time(median),
            time(MOST_NS),
            held(range, MOST_NS)
        );
    }
    let bytes = most_memory_of_a_child();
    println!(
        "{:<10} {:>6.1} MiB   of any of them, at most {} MiB: {}",
        "memory",
        bytes / 1024.0 / 1024.0,
        MOST_BYTES / 1024.0 / 1024.0,
        held([bytes; 2], MOST_BYTES)
    );
    ExitCode::SUCCESS
}

/// A document of so many cases: a real one's, in twenty modules, a tenth of them in groups, a hundredth
/// failed.
fn document(cases: usize) -> PathBuf {
    let flags = "--bench --allow-debug --warm-up-time 0.02 --measurement-time 0.02 \
                 --sample-size 10 --format json";
    let (_, output) = timed(as_harness().args(flags.split(' ')));
    let mut document: Value = serde_json::from_slice(&output.stdout).expect("a document");
    let case = document["cases"][0].clone();
    let copy = |n: usize| {
        let mut copy = case.clone();
        copy["id"] = json!(format!(
            "hotbench-benches::part_{}::function_{n}/name",
            n % 20
        ));
        copy["index"] = json!(n);
        if n.is_multiple_of(10) {
            copy["group"] = json!(format!("group {}", n / 100));
            copy["baseline"] = json!(n.is_multiple_of(100));
        }
        if n % 100 == 5 {
            copy["failure"] = json!({
                "kind": "panicked",
                "message": "assertion failed",
                "output": "a line of output\n".repeat(20),
            });
        }
        copy
    };
    document["cases"] = (0..cases).map(copy).collect();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reporting.json");
    std::fs::write(&file, document.to_string()).expect("a file");
    file
}

/// Nanoseconds of a whole process. It ends with 1, for cases have failed.
fn report(file: &Path, flags: &str) -> f64 {
    let mut command = as_harness();
    command.arg("--merge").arg(file).args(flags.split(' '));
    // A page is made, and no browser is found to show it in.
    command.env("PATH", "/nowhere");
    let start = std::time::Instant::now();
    let output = command.output().expect("this program starts");
    let elapsed = start.elapsed();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    elapsed.as_secs_f64() * 1e9
}

/// Bytes, of the child that had most.
fn most_memory_of_a_child() -> f64 {
    // SAFETY: the struct is plain numbers, for which zeros are a value, and the call fills it.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        assert_eq!(libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage), 0);
        usage
    };
    // Linux has KiB.
    usage.ru_maxrss as f64 * 1024.0
}
