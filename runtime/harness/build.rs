//! Tells the harness, for its reports, by what it is compiled.

use std::env;
use std::process::Command;

#[allow(
    clippy::print_stdout,
    reason = "by which a build script speaks to Cargo"
)]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    let version = output.map_or_else(
        |_| "unknown".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    );
    println!("cargo::rustc-env=HOTBENCH_RUSTC={version}");
    println!(
        "cargo::rustc-env=HOTBENCH_TARGET={}",
        env::var("TARGET").unwrap_or_default()
    );
}
