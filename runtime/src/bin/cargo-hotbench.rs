//! `cargo hotbench`: adopts hotbench, says what is wrong, runs the cases. All of it is in `hotbench::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    hotbench::cli::main(std::env::args_os())
}
