//! Why there are no variants to measure, in the words of whoever meets it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::harness::compare::CompareError;
use crate::harness::error::Error;
use crate::harness::runner::Stop;

/// The end of what a command has said, in lines.
const LAST_LINES: usize = 20;

#[derive(Debug)]
pub(crate) enum VariantsError {
    /// A build, or what it needs.
    Build(CompareError),
    Rustc(io::Error),
    /// No `llvm-profdata` of the compiler's version of LLVM, and the one that there is, of that version if it tells.
    NoProfdata {
        llvm: u32,
        foreign: Option<(PathBuf, Option<u32>)>,
    },
    /// What the user names is none.
    NoSuchProfdata(PathBuf),
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
            Self::Rustc(error) => write!(f, "`rustc` can't be started: {error}"),
            Self::NoProfdata { llvm, foreign } => {
                f.write_str("the setting `pgo` needs `llvm-profdata`")?;
                match foreign {
                    None => f.write_str(", which is not there")?,
                    Some((path, Some(other))) => write!(
                        f,
                        " of LLVM {llvm}, the compiler's; {} is of LLVM {other}",
                        path.display()
                    )?,
                    Some((path, None)) => write!(
                        f,
                        " of LLVM {llvm}, the compiler's; {} does not tell its version",
                        path.display()
                    )?,
                }
                f.write_str(
                    ". Install it:\n\n    rustup component add llvm-tools\n\n\
                     or name another by the variable `LLVM_PROFDATA`",
                )
            }
            Self::NoSuchProfdata(path) => write!(
                f,
                "`LLVM_PROFDATA` names {}, which is no `llvm-profdata` that can be run",
                path.display()
            ),
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

impl From<VariantsError> for Stop {
    fn from(error: VariantsError) -> Self {
        Self::Error(Error::Variants(error))
    }
}
