//! `cargo run -p hotbench-benches` prints the tables of hotbench beside its peers, which the README and `docs/` carry:
//! one after the other, each by the command that stands beside it there.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints its results"
)]

use std::process::{Command, ExitCode};

/// Bench targets, and the features that each needs.
const TABLES: [(&str, &str); 4] = [
    ("guard", "guard-release"),
    ("profile", "profile"),
    ("peers", ""),
    ("comparison", ""),
];

fn main() -> ExitCode {
    for (bench, features) in TABLES {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["bench", "--quiet", "--package", "hotbench-benches"]);
        cargo.args(["--bench", bench]);
        if !features.is_empty() {
            cargo.args(["--features", features]);
        }
        println!("\n## {bench}\n");
        match cargo.status() {
            Ok(status) if status.success() => {}
            Ok(status) => {
                eprintln!("`{bench}` ended with {status}");
                return ExitCode::FAILURE;
            }
            Err(error) => {
                eprintln!("`cargo` can't be started: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
