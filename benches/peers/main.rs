//! What the same five functions ask of their user, by each harness: lines to write, and time to wait for intervals of
//! what width.
//!
//! `cargo bench -p hotbench-benches --bench peers [-- ROUNDS]` prints it: the files beside this one are compiled and run
//! as they stand, in turns, by what each harness does where nothing is said. Gungraun's is compiled where the feature
//! `gungraun` is on, and never run, for that needs a program of its own. Without `--bench`, as in `cargo test`, lines
//! are counted only.

#![allow(clippy::print_stdout, reason = "a program that prints its results")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use hotbench_benches::median_and_range;
use serde_json::Value;

const ROUNDS: usize = 3;
/// Five functions, of which one has two inputs and one three.
const CASES: f64 = 8.0;

/// What the user has already.
const PLAIN: &str = include_str!("plain.rs");

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Harness {
    Hotbench,
    Criterion,
    Divan,
    Tango,
    Gungraun,
}

impl Harness {
    const ALL: [Self; 5] = [
        Self::Hotbench,
        Self::Criterion,
        Self::Divan,
        Self::Tango,
        Self::Gungraun,
    ];
    /// Those that measure a version alone.
    const TIMED: [Self; 3] = [Self::Hotbench, Self::Criterion, Self::Divan];

    fn name(self) -> &'static str {
        match self {
            Self::Hotbench => "hotbench",
            Self::Criterion => "Criterion",
            Self::Divan => "Divan",
            Self::Tango => "Tango",
            Self::Gungraun => "Gungraun",
        }
    }

    fn source(self) -> &'static str {
        match self {
            Self::Hotbench => include_str!("hotbench.rs"),
            Self::Criterion => include_str!("criterion.rs"),
            Self::Divan => include_str!("divan.rs"),
            Self::Tango => include_str!("tango.rs"),
            Self::Gungraun => include_str!("gungraun.rs"),
        }
    }

    /// Lines that are written for it.
    fn lines(self) -> usize {
        let already = match self {
            // The attributes stand on the functions themselves.
            Self::Hotbench => lines(PLAIN),
            // `#[path = "plain.rs"] mod plain;`
            _ => 2,
        };
        lines(self.source()) - already
    }

    fn bench(self) -> String {
        format!("peers_{}", self.name().to_lowercase())
    }

    /// Runs all its cases: the half-widths of its intervals, in parts of what they are of.
    fn run(self, executable: &Path, home: &Path) -> Vec<f64> {
        let _ = fs::remove_dir_all(home);
        let mut command = Command::new(executable);
        command
            .arg("--bench")
            .env("CRITERION_HOME", home)
            .stderr(Stdio::null());
        if self == Self::Hotbench {
            command.args(["--format", "json", "--quiet"]);
        }
        let output = command.output().expect("a harness");
        assert!(output.status.success(), "{} failed", self.name());
        match self {
            Self::Hotbench => {
                let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
                let cases = document["cases"].as_array().expect("a list");
                cases
                    .iter()
                    .map(|case| half_width(&case["timing"]["time_ns"]))
                    .collect()
            }
            Self::Criterion => estimates(home),
            // It has none.
            _ => Vec::new(),
        }
    }
}

/// Those that are neither empty nor a comment, nor for this repository's lints.
fn lines(source: &str) -> usize {
    let lines = source.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("#!["))
        .count()
}

fn half_width(interval: &Value) -> f64 {
    let figure = |name: &str| interval[name].as_f64().expect("a number");
    (figure("upper") - figure("lower")) / 2.0 / figure("point")
}

/// Of the slope, where Criterion has one, as it prints it; else of the mean.
fn estimates(folder: &Path) -> Vec<f64> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let of = |path: PathBuf| {
        if path.is_dir() {
            return estimates(&path);
        }
        if !path.ends_with("new/estimates.json") {
            return Vec::new();
        }
        let text = fs::read(path).expect("estimates");
        let estimates: Value = serde_json::from_slice(&text).expect("JSON");
        let slope = Some(&estimates["slope"]).filter(|slope| slope.is_object());
        let estimate = slope.unwrap_or(&estimates["mean"]);
        let interval = &estimate["confidence_interval"];
        let figure = |value: &Value| value.as_f64().expect("a number");
        let [low, high] = ["lower_bound", "upper_bound"].map(|bound| figure(&interval[bound]));
        vec![(high - low) / 2.0 / figure(&estimate["point_estimate"])]
    };
    paths.flat_map(of).collect()
}

fn executable(harness: Harness) -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["bench", "--no-run", "--quiet", "--message-format", "json"])
        .args(["--package", "hotbench-benches", "--bench", &harness.bench()])
        .stderr(Stdio::inherit())
        .output()
        .expect("Cargo");
    assert!(output.status.success(), "{} is not built", harness.name());
    let messages = String::from_utf8(output.stdout).expect("text");
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut built =
        messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    built.next_back().expect("an executable")
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let rounds = match arguments.iter().any(|argument| argument == "--bench") {
        true => arguments
            .iter()
            .find_map(|argument| argument.parse().ok())
            .unwrap_or(ROUNDS),
        false => 0,
    };
    let mut figures: BTreeMap<Harness, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers");
    let executables = match rounds {
        0 => Vec::new(),
        _ => Harness::TIMED
            .map(|harness| (harness, executable(harness)))
            .to_vec(),
    };
    for _ in 0..rounds {
        for (harness, executable) in &executables {
            let start = Instant::now();
            let half_widths = harness.run(executable, &home);
            let (seconds, widths) = figures.entry(*harness).or_default();
            seconds.push(start.elapsed().as_secs_f64() / CASES);
            widths.extend(half_widths);
        }
    }
    println!("| | lines of Rust | seconds a case | interval: half of it, median | widest |");
    println!("| --- | --- | --- | --- | --- |");
    for harness in Harness::ALL {
        let (name, lines) = (harness.name(), harness.lines());
        let (seconds, widths) = figures.remove(&harness).unwrap_or_default();
        let seconds = match seconds.is_empty() {
            true => "not run".to_owned(),
            false => format!("{:.2}", median_and_range(seconds).0),
        };
        let [half, widest] = match widths.is_empty() {
            true => ["none", "none"].map(str::to_owned),
            false => {
                let (median, [_, widest]) = median_and_range(widths);
                [median, widest].map(|width| format!("±{:.2} %", width * 100.0))
            }
        };
        println!("| {name} | {lines} | {seconds} | {half} | {widest} |");
    }
}
