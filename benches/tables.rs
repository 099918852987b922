//! `cargo run -p hotbench-benches` prints the tables of hotbench beside its peers, which the README and `docs/` carry:
//! one after the other, each by the command that stands beside it there.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints its results"
)]

use std::process::{Command, ExitCode};

/// Has code lie still where a row is a few cycles.
const ALIGNED: &str = "-C llvm-args=-align-all-functions=6 -C llvm-args=-align-loops=64";

/// Bench targets, the features that each needs, and the compiler's flags.
const TABLES: [(&str, &str, &str); 4] = [
    ("guard", "guard-release", ALIGNED),
    ("profile", "profile", ALIGNED),
    ("peers", "", ""),
    ("comparison", "", ""),
];

fn main() -> ExitCode {
    for (bench, features, flags) in TABLES {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["bench", "--quiet", "--package", "hotbench-benches"]);
        cargo.args(["--bench", bench]);
        if !features.is_empty() {
            cargo.args(["--features", features]);
        }
        if !flags.is_empty() {
            cargo.env("RUSTFLAGS", flags);
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
