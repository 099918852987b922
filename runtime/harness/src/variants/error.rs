//! Why there are no variants to measure, in the words of whoever meets it.

use std::fmt;
use std::path::PathBuf;

use crate::child::LinkError;
use crate::compare::CompareError;
use crate::stop::Stop;
use hotbench_project::profdata::ProfdataError;

/// The end of what a command has said, in lines.
const LAST_LINES: usize = 20;

#[derive(Debug)]
pub(crate) enum VariantsError {
    /// A build, or what it needs.
    Build(CompareError),
    Profdata(ProfdataError),
    /// The process that was to train.
    Link(LinkError),
    /// The command that was to train.
    Train {
        command: String,
        status: String,
        output: String,
    },
    /// The command, or the cases, have left no profile.
    NoProfile(Option<String>),
    Merge {
        tool: PathBuf,
        said: String,
    },
}

impl fmt::Display for VariantsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(error) => error.fmt(f),
            Self::Profdata(error) => error.fmt(f),
            Self::Link(error) => error.fmt(f),
            Self::Train {
                command,
                status,
                output,
            } => {
                write!(f, "the command of `--train` failed, `{command}`: {status}")?;
                let lines: Vec<&str> = output.trim_end().lines().collect();
                let last = lines.len().saturating_sub(LAST_LINES);
                lines[last..].iter().try_for_each(|line| write!(f, "\n{line}"))
            }
            Self::NoProfile(Some(command)) => write!(
                f,
                "the command of `--train` has left no profile, `{command}`: it has to build and run the program, \
                 with the `RUSTFLAGS` and the `CARGO_TARGET_DIR` that it finds in its environment, as `cargo run \
                 --release` does; and the program has to end by itself"
            ),
            Self::NoProfile(None) => f.write_str(
                "the cases have left no profile to go by: each ended its process before it could be written",
            ),
            Self::Merge { tool, said } => write!(
                f,
                "{} can't merge what the training has left: {said}\n\
                 It has to be of the compiler's version of LLVM (`rustc -vV` tells it): `rustup component add \
                 llvm-tools` installs that one",
                tool.display()
            ),
        }
    }
}

impl From<CompareError> for VariantsError {
    fn from(error: CompareError) -> Self {
        Self::Build(error)
    }
}

impl From<ProfdataError> for VariantsError {
    fn from(error: ProfdataError) -> Self {
        Self::Profdata(error)
    }
}

impl From<Stop<CompareError>> for Stop<VariantsError> {
    fn from(stop: Stop<CompareError>) -> Self {
        stop.map(VariantsError::Build)
    }
}

impl From<CompareError> for Stop<VariantsError> {
    fn from(error: CompareError) -> Self {
        Self::Error(error.into())
    }
}

impl From<LinkError> for Stop<VariantsError> {
    fn from(error: LinkError) -> Self {
        Self::Error(VariantsError::Link(error))
    }
}

impl From<ProfdataError> for Stop<VariantsError> {
    fn from(error: ProfdataError) -> Self {
        Self::Error(error.into())
    }
}
