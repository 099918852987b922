//! This program built once more, and with a function that has nothing to do with the others.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// As `--compare` has functions and loops aligned.
const ALIGNED: &str = "-Cllvm-args=-align-all-functions=6 -Cllvm-args=-align-loops=64";

/// The executable, by Cargo.
///
/// # Panics
///
/// If it can't be built.
pub(crate) fn executable(with_unrelated: bool, aligned: bool) -> PathBuf {
    let name = if aligned { "aligned" } else { "native" };
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("rebuilt")
        .join(name);
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["bench", "--no-run", "--quiet", "--message-format", "json"])
        .args(["--bench", "comparison", "--manifest-path"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .arg("--target-dir")
        .arg(target)
        .env("RUSTFLAGS", if aligned { ALIGNED } else { "" });
    if with_unrelated {
        cargo.args(["--features", "unrelated"]);
    }
    let output = cargo.output().expect("Cargo");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let messages = String::from_utf8(output.stdout).expect("text");
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut executables =
        messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    executables.next_back().expect("an executable")
}
