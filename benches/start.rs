//! What passes from the start of a bench executable to the first timed call of its one case, beside a
//! program that is written for Criterion.
//!
//! `cargo bench -p hotbench-benches --bench start` prints it, in a minute. Without `--bench`, as in
//! `cargo test`, each runs once, untimed.
//!
//! The program is both, by an environment variable, and launches itself as either in turn. The routine tells
//! when it is called by writing the time to a file: first, when allocations are counted, and when Criterion
//! calls it first.

#![allow(clippy::print_stdout, reason = "a program that prints its results")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use criterion::Criterion;
use hotbench::bench_case;
use hotbench_benches::generated::timed;
use hotbench_benches::{held, median_and_range, time};

/// Of each side; the 6th and the 15th smallest of 20 differences bound their median with 95.9 % confidence.
const RUNS: usize = 20;
const INTERVAL: [usize; 2] = [5, 14];
/// What the first timed call may be later.
const MOST_NS: f64 = 50e6;
const SIDE: &str = "HOTBENCH_BENCHES_SIDE";
const FILE: &str = "HOTBENCH_BENCHES_FILE";
/// The calls whose allocations are counted, and the one that warms up.
const COUNTED: u32 = 11;

static CALLS: AtomicU32 = AtomicU32::new(0);

/// Says when its first call is, and the first that is not counted.
#[bench_case]
fn routine() {
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    if (call == 0 || call == COUNTED)
        && let Some(file) = std::env::var_os(FILE)
    {
        let name = if call == 0 { "first" } else { "after" };
        let text = now().as_nanos().to_string();
        std::fs::write(PathBuf::from(file).with_extension(name), text).expect("a file");
    }
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("now")
}

mod suite {
    hotbench::harness!(crate);

    pub(super) fn run() -> std::process::ExitCode {
        main()
    }
}

/// As `criterion_main!` has it.
fn by_hand() -> ExitCode {
    let mut criterion = Criterion::default().configure_from_args();
    criterion.bench_function("routine", |b| b.iter(routine));
    criterion.final_summary();
    ExitCode::SUCCESS
}

fn main() -> ExitCode {
    match std::env::var(SIDE).as_deref() {
        Ok("hotbench") => return suite::run(),
        Ok(_) => return by_hand(),
        Err(_) => {}
    }
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("start");
    if !std::env::args().any(|argument| argument == "--bench") {
        launch("hotbench", &["--test"], &file);
        launch("criterion", &["--test"], &file);
        println!("each run once, untimed");
        return ExitCode::SUCCESS;
    }
    let flags = "--bench --warm-up-time 0.1 --measurement-time 0.1 --sample-size 10";
    let flags: Vec<&str> = flags.split(' ').collect();
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let [counted, ours] = launch("hotbench", &flags, &file);
        let [theirs, _] = launch("criterion", &flags, &file);
        runs.push([counted, ours, theirs]);
    }
    let of = |figure: fn(&[f64; 3]) -> f64| {
        let mut figures: Vec<f64> = runs.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        (figures[RUNS / 2], INTERVAL.map(|rank| figures[rank]))
    };
    println!("from the start of the process, {RUNS} runs of each\n");
    for (name, figure) in [
        (
            "hotbench, to the first counted call",
            (|run| run[0]) as fn(&[f64; 3]) -> f64,
        ),
        ("hotbench, to the first timed call", |run| run[1]),
        ("Criterion, to the first call", |run| run[2]),
    ] {
        let (median, [fastest, slowest]) = median_and_range(runs.iter().map(figure).collect());
        println!(
            "{name:<38} {:>10}   {} to {}",
            time(median),
            time(fastest),
            time(slowest)
        );
    }
    let (later, interval) = of(|run| run[1] - run[2]);
    let [later, low, high] = [later, interval[0], interval[1]].map(|ns| ns / 1e6);
    println!(
        "{:<38} {later:>7.2} ms   95.9 %: {low:.2} to {high:.2}, at most {}: {}",
        "difference of the timed calls",
        time(MOST_NS),
        held(interval, MOST_NS)
    );
    ExitCode::SUCCESS
}

/// Nanoseconds from the start to the first call, and to the first after those that are counted.
fn launch(side: &str, flags: &[&str], file: &Path) -> [f64; 2] {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(flags).env(SIDE, side).env(FILE, file);
    // Else Criterion asks `cargo metadata`, which takes longer than all the rest.
    command.env("CRITERION_HOME", file.with_extension("criterion"));
    let start = now();
    timed(&mut command);
    ["first", "after"].map(|name| {
        let text = std::fs::read_to_string(file.with_extension(name)).unwrap_or_default();
        let called: f64 = text.parse().unwrap_or(f64::NAN);
        called - start.as_nanos() as f64
    })
}
