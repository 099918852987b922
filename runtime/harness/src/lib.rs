//! The harness of a bench target: from the command line to the last line of the table.
//!
//! Use it through `hotbench`, whose `harness!` calls [`main`].
//!
//! Two processes: this one plans (`cli`, `plan`), drives (`run`) and reports (`report`); a worker (`child`), which is
//! this executable once more, holds the cases and measures them by [`hotbench_engine`]. A case that panics, aborts or
//! exits costs itself alone.

mod child;
mod cli;
mod compare;
mod compiled;
mod coverage;
mod ended;
mod environment;
mod error;
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
mod report;
mod run;
mod runner;
mod schedule;
mod selection;
mod session;
mod shares;
mod stable_hash;
mod stop;
mod target;
mod unrun;
mod variants;

use std::ffi::OsStr;
use std::process::ExitCode;

use hotbench_engine::Build;

use crate::report::console::Console;

/// All held.
const OK: u8 = 0;
/// A check, a budget or a case failed.
const FAILED: u8 = 1;
/// The harness could not run: usage, zero cases, duplicate ids.
const UNUSABLE: u8 = 2;
/// A signal has ended the run: 128 and the number of Ctrl-C's, whichever it was.
const INTERRUPTED: u8 = 130;

inventory::submit! {
    hotbench_guard::symbols::own::OwnPackage {
        krate: "hotbench_harness",
        sources: concat!(env!("CARGO_MANIFEST_DIR"), "/src/"),
        calls_cases: false,
    }
}

/// The flags of a bench target, for a test of those that `cargo hotbench` keeps to itself.
#[doc(hidden)]
pub fn command() -> clap::Command {
    <cli::Cli as clap::CommandFactory>::command()
}

/// The `main` of a bench target.
pub fn main(build: &Build) -> ExitCode {
    if std::env::args_os().nth(1).as_deref() == Some(OsStr::new(child::FLAG)) {
        return hotbench_engine::serve(build);
    }
    let mut console = Console::standard();
    let mut code = match run::run(build, &mut console) {
        Ok(ended::Ending::Held) => OK,
        Ok(ended::Ending::Failed) => FAILED,
        Ok(ended::Ending::Interrupted) => INTERRUPTED,
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
