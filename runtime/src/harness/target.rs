//! Where the harness writes: under `target/hotbench/`.

use std::io;
use std::path::{Path, PathBuf};

use crate::executable;
use crate::guard::reached::target_of;

/// Cargo's target directory: the folder above this executable that Cargo has tagged, or `target`.
pub(crate) fn directory() -> PathBuf {
    let executable = executable::path().unwrap_or_default();
    let tagged = target_of(&executable).map(Path::to_owned);
    // Made absolute now: a case may change the working directory.
    tagged.unwrap_or_else(|| std::path::absolute("target").unwrap_or_else(|_| "target".into()))
}

/// An empty folder for Criterion's files of one run, removed at its end. No two runs share one, so
/// that none reads back what another has measured.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// # Errors
    ///
    /// If the folder can't be made in `target`.
    pub(crate) fn new(target: &Path, package: &str, bench: &str) -> io::Result<Self> {
        let name = format!("{package}-{bench}-{}", std::process::id());
        let path = target.join("hotbench").join("criterion").join(name);
        // What a run of the same number left when it was killed.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // All that is of interest has been read; what can't be removed does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
