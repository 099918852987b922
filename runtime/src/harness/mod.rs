//! The harness of a bench target: from the command line to the last line of the table.
//!
//! Two processes: this one plans ([`cli`], [`plan`]), drives ([`run`]) and reports
//! ([`crate::report`]); a child of it ([`child`]) holds the cases and measures them with an
//! [`engine`]. A case that panics, aborts or exits costs itself alone.

pub(crate) mod arguments;
mod bencher;
mod child;
mod cli;
mod compare;
mod compiled;
mod coverage;
mod declared;
mod engine;
mod entry;
mod environment;
mod error;
mod executor;
mod file_name;
#[cfg_attr(not(feature = "flamegraph"), path = "no_flamegraph.rs")]
mod flamegraph;
mod formats;
mod heap;
mod hot_list;
mod instructions;
mod interrupt;
mod listing;
mod notes;
#[cfg_attr(not(feature = "html"), path = "no_pages.rs")]
mod pages;
mod past;
mod plan;
mod ratchet;
mod routine;
mod run;
mod runner;
#[cfg(feature = "flamegraph")]
#[cfg_attr(
    not(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )),
    path = "no_sampler.rs"
)]
mod sampler;
mod schedule;
mod session;
mod settings;
mod shares;
mod stable_hash;
mod target;
mod unrun;
mod variants;

pub use bencher::Bencher;
pub use declared::{Declared, count};
pub use engine::lend;
pub use entry::Entry;
pub use executor::Runtime;
pub use settings::Defaults;

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::report::console::Console;

/// The flags of a bench target, for a test of those that `cargo hotbench` keeps to itself.
#[cfg(all(test, feature = "cli"))]
pub(crate) fn command() -> clap::Command {
    <cli::Cli as clap::CommandFactory>::command()
}

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
    pub(crate) fn package_directory(&self) -> PathBuf {
        let is_of_this = std::env::var("CARGO_PKG_NAME").is_ok_and(|name| name == self.package);
        let now = std::env::var_os("CARGO_MANIFEST_DIR").filter(|_| is_of_this);
        now.map_or_else(|| self.directory.into(), PathBuf::from)
    }
}

/// All held.
const OK: u8 = 0;
/// A check, a budget or a case failed.
const FAILED: u8 = 1;
/// The harness could not run: usage, zero cases, duplicate ids.
const UNUSABLE: u8 = 2;
/// A signal has ended the run: 128 and the number of Ctrl-C's, whichever it was.
const INTERRUPTED: u8 = 130;

/// The `main` of a bench target.
pub fn main(build: &Build) -> ExitCode {
    if std::env::args_os().nth(1).as_deref() == Some(OsStr::new(child::FLAG)) {
        return child::serve(build);
    }
    let mut console = Console::standard();
    let mut code = match run::run(build, &mut console) {
        Ok(run::Ending::Held) => OK,
        Ok(run::Ending::Failed) => FAILED,
        Ok(run::Ending::Interrupted) => INTERRUPTED,
        Err(error) => {
            console.error(&error);
            UNUSABLE
        }
    };
    if let Some(error) = console.failed() {
        console.error(&format_args!(
            "standard output can't be written to: {error}"
        ));
        // The terminal of a run that it has ended may be closed.
        if code != INTERRUPTED {
            code = UNUSABLE;
        }
    }
    ExitCode::from(code)
}
