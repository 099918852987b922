//! The bench target that a process is of.

use std::path::PathBuf;

use crate::settings::Defaults;

/// What `harness!` knows of the bench target that it stands in.
#[derive(Debug, Clone, Copy)]
pub struct Build {
    /// The package of the bench target.
    pub package: &'static str,
    /// The bench target's name.
    pub bench: &'static str,
    /// The folder of the package when it was compiled.
    pub directory: &'static str,
    /// Whether the target was compiled with `debug_assertions`.
    pub debug_assertions: bool,
    /// How the compiler was called for the target: a line for each fact.
    pub compiled: &'static str,
    /// What holds for all cases that don't say otherwise.
    pub defaults: fn() -> Defaults,
}

impl Build {
    /// The folder of the package: where Cargo says that it is, if Cargo has started this, for it may have been moved
    /// since it was compiled, or unpacked on another machine; else where it was compiled.
    pub fn package_directory(&self) -> PathBuf {
        let is_of_this = std::env::var("CARGO_PKG_NAME").is_ok_and(|name| name == self.package);
        let now = std::env::var_os("CARGO_MANIFEST_DIR").filter(|_| is_of_this);
        now.map_or_else(|| self.directory.into(), PathBuf::from)
    }
}
