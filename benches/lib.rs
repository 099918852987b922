//! What the benches share.

pub mod generated;
pub mod side_by_side;

use std::path::Path;
use std::process::Command;

/// Tells the launch of a program that is a harness, too, from the program that launches it.
const LAUNCH: &str = "HOTBENCH_BENCHES_LAUNCH";

/// This program, as the harness of its cases.
///
/// # Panics
///
/// If it can't be found.
pub fn as_harness() -> Command {
    harness_of(&std::env::current_exe().expect("this program"))
}

/// A program like this one, as that.
pub fn harness_of(executable: &Path) -> Command {
    let mut command = Command::new(executable);
    command.env(LAUNCH, "1");
    command
}

/// Whether this program is to be that.
pub fn is_harness() -> bool {
    std::env::var_os(LAUNCH).is_some()
}

/// What an interval says of a bar: all of it, a part, or nothing is at most that.
pub fn held([low, high]: [f64; 2], bar: f64) -> &'static str {
    match (high <= bar, low <= bar) {
        (true, _) => "held",
        (false, true) => "undecided",
        (false, false) => "not held",
    }
}

/// A time in the unit that suits it.
pub fn time(ns: f64) -> String {
    match ns {
        ns if ns < 1e3 => format!("{ns:.2} ns"),
        ns if ns < 1e6 => format!("{:.2} µs", ns / 1e3),
        ns => format!("{:.2} ms", ns / 1e6),
    }
}

/// The median, and the smallest and the largest.
///
/// # Panics
///
/// If there are no figures.
pub fn median_and_range(mut figures: Vec<f64>) -> (f64, [f64; 2]) {
    figures.sort_by(f64::total_cmp);
    let last = figures.len().checked_sub(1).expect("a figure");
    (figures[figures.len() / 2], [figures[0], figures[last]])
}
