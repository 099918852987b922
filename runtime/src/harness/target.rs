//! Where the harness writes: under `target/hotbench/`.

use std::io;
use std::path::{Path, PathBuf};

/// Cargo's target directory: the folder above this executable that Cargo has tagged, or `target`.
pub(crate) fn directory() -> PathBuf {
    let executable = std::env::current_exe().unwrap_or_default();
    let is_tagged = |dir: &&Path| dir.join("CACHEDIR.TAG").exists();
    let tagged = executable.ancestors().find(is_tagged);
    tagged.map_or_else(|| PathBuf::from("target"), Path::to_owned)
}

/// An empty folder for Criterion's files of one bench target.
///
/// # Errors
///
/// If what an earlier run left can't be removed, or the folder can't be made.
pub(crate) fn criterion_home(package: &str, bench: &str) -> io::Result<PathBuf> {
    let home = directory()
        .join("hotbench")
        .join("criterion")
        .join(format!("{package}-{bench}"));
    match std::fs::remove_dir_all(&home) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    std::fs::create_dir_all(&home)?;
    Ok(home)
}
