//! Why there is nothing to compare with, in the words of whoever meets it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::report::looked_for::LookedFor;

#[derive(Debug)]
pub(crate) enum CompareError {
    NoGit(io::Error),
    /// A command that has failed, and what it printed.
    Git {
        command: String,
        reason: String,
    },
    UnknownRevision {
        name: String,
        is_shallow: bool,
    },
    /// No folder can have the older version's tree; what is against each that was tried.
    NoCache(String),
    /// It is a revision's name, too.
    Ambiguous(String),
    /// Nothing was saved by this name.
    NotSaved(String),
    /// What is known of an executable that was saved, and why it can't be read.
    Unreadable(PathBuf, String),
    /// Another comparison is under way.
    Busy(PathBuf),
    Read(PathBuf, io::Error),
    Write(PathBuf, io::Error),
    /// Cargo can't be started.
    NoCargo(io::Error),
    /// What was built, and the first error.
    Build {
        version: String,
        error: String,
        note: String,
    },
    /// The version that has no such bench target.
    NoHarness {
        version: String,
        bench: String,
    },
    /// A version whose process can't be spoken with.
    Foreign {
        version: String,
        reason: String,
    },
}

impl fmt::Display for CompareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoGit(error) => write!(f, "`git` can't be started: {error}"),
            Self::Git { command, reason } => write!(
                f,
                "`git {command}` failed: {}",
                reason.trim_start_matches("fatal: ")
            ),
            Self::UnknownRevision { name, is_shallow } => {
                write!(
                    f,
                    "`{name}` is neither a revision of this repository nor a bench executable, nor was one saved by \
                     that name"
                )?;
                if name.contains('/') {
                    LookedFor(Path::new(name)).fmt(f)?;
                }
                if *is_shallow {
                    f.write_str(
                        ". The repository is shallow: fetch it, `git fetch --unshallow`, or check out with \
                         `fetch-depth: 0`",
                    )?;
                }
                Ok(())
            }
            Self::NoCache(refused) => write!(
                f,
                "no folder is fit for the older version's tree: {refused}. Set `XDG_CACHE_HOME` to a folder that can be \
                 written to, and lies outside the repository"
            ),
            Self::Ambiguous(name) => write!(
                f,
                "`{name}` is both what was saved, and a revision: write `--compare saved:{name}` or \
                 `--compare {name}~0`"
            ),
            Self::NotSaved(name) => write!(
                f,
                "nothing was saved as `{name}`: `--save {name}` does, and `cargo clean` takes it away"
            ),
            Self::Unreadable(path, reason) => write!(
                f,
                "{} can't be read: {reason}. Save that version anew",
                path.display()
            ),
            Self::Busy(home) => write!(
                f,
                "another comparison is under way in {}: wait for it",
                home.display()
            ),
            Self::Read(path, error) => write!(f, "can't read {}: {error}", path.display()),
            Self::Write(path, error) => write!(f, "can't write to {}: {error}", path.display()),
            Self::NoCargo(error) => write!(f, "`cargo` can't be started: {error}"),
            Self::Build {
                version,
                error,
                note,
            } => {
                write!(f, "{version} does not build:\n{}", error.trim_end())?;
                if note.is_empty() {
                    return Ok(());
                }
                write!(f, "\nnote: {note}")
            }
            Self::NoHarness { version, bench } => write!(
                f,
                "{version} has no bench target `{bench}` to compare with: compare with a later \
                 revision"
            ),
            Self::Foreign { version, reason } => {
                write!(f, "{version} can't be compared with: {reason}")
            }
        }
    }
}
