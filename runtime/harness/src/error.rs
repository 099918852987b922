//! Why nothing was run, in the words of whoever meets it.

use std::fmt;
use std::path::PathBuf;

use super::child::LinkError;
use super::cli::Format;
use super::compare::CompareError;
use super::plan::PlanError;
use super::ratchet::RatchetError;
use super::stop::Stop;
use super::variants::VariantsError;
use crate::report::document::MergeError;
use crate::report::looked_for::LookedFor;

/// What to do where there is no case.
pub(crate) const NO_CASES: &str = "no case is registered: put `#[bench_case]` on a function of a crate that \
                                   `hotbench::harness!(…)` names";

/// Why nothing was run.
#[derive(Debug)]
pub(crate) enum Error {
    Usage(clap::Error),
    Plan(PlanError),
    /// There is nothing to measure.
    NoCases,
    DebugBuild,
    /// A format that is for lists, or is not.
    Format(Format),
    /// A flag, and the feature that it needs and that is off.
    Feature(&'static str, &'static str),
    /// The page is of timed runs.
    Open,
    /// Coverage is of test runs.
    NoTest,
    /// Why it can't be told.
    Coverage(String),
    /// Samples can't be taken on this system.
    Sampler,
    Merge(MergeError),
    Compare(CompareError),
    Variants(VariantsError),
    /// A format that has no place for what it is compared with.
    InTurnsFormat(Format, &'static str),
    /// There is nothing to train.
    NothingToTrain,
    Ratchet(RatchetError),
    /// A file that was to be one of a program's profile.
    ReadProfile(PathBuf, std::io::Error),
    /// A file that is no profile, and why.
    Profile(PathBuf, String),
    Executable(std::io::Error),
    Signals(std::io::Error),
    Write(PathBuf, std::io::Error),
    Link(LinkError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(error) => {
                let text = error.to_string();
                f.write_str(text.trim_start_matches("error: ").trim_end())
            }
            Self::Plan(error) => error.fmt(f),
            Self::NoCases => f.write_str(NO_CASES),
            Self::DebugBuild => f.write_str(
                "a build with debug assertions is not timed: its figures say nothing of what \
                 ships. Run `cargo bench`, or pass `--allow-debug`",
            ),
            Self::Format(format) => write!(
                f,
                "`--format {format}` is a format of runs, and `--list`, `--list-hot` and `--save` run nothing: leave \
                 out one of them"
            ),
            Self::Feature(flag, feature) => write!(
                f,
                "`{flag}` needs the feature `{feature}` of hotbench. Write under \
                 `[dev-dependencies]`:\n\n    \
                 hotbench = {{ version = \"{}\", features = [\"harness\", \"{feature}\"] }}",
                concat!(
                    env!("CARGO_PKG_VERSION_MAJOR"),
                    ".",
                    env!("CARGO_PKG_VERSION_MINOR")
                )
            ),
            Self::Open => {
                f.write_str("`--open` is for timed runs and for `--merge`: only these make a page")
            }
            Self::NoTest => f.write_str(
                "`--require-coverage` is for test runs: run `cargo test`, or pass `--test` with it",
            ),
            Self::Coverage(reason) => {
                write!(
                    f,
                    "`--require-coverage` needs to know which hot paths are reached: {reason}"
                )
            }
            Self::Sampler => f.write_str(
                "`--flamegraph` is for Linux on x86-64 and AArch64: samples are taken on these alone",
            ),
            Self::Merge(error) => error.fmt(f),
            Self::Compare(error) => error.fmt(f),
            Self::Variants(error) => error.fmt(f),
            Self::InTurnsFormat(format, what) => write!(
                f,
                "`--format {format}` has no place for {what}: `--format json` has every figure"
            ),
            Self::NothingToTrain => f.write_str(
                "`--train` is for the setting `pgo`, which none of the variants has: `--variants pgo`",
            ),
            Self::Ratchet(error) => error.fmt(f),
            Self::ReadProfile(file, error) => {
                let looked_for = LookedFor(file);
                write!(f, "{} can't be read: {error}{looked_for}", file.display())
            }
            Self::Profile(file, reason) => write!(
                f,
                "{} is no profile of a program, as `HOTBENCH_PROFILE=profile.json` writes it: {reason}",
                file.display()
            ),
            Self::Executable(error) => write!(f, "this executable can't be found again: {error}"),
            Self::Signals(error) => write!(f, "Ctrl-C can't be listened for: {error}"),
            Self::Write(path, error) => write!(f, "can't write to {}: {error}", path.display()),
            Self::Link(error) => error.fmt(f),
        }
    }
}

impl From<PlanError> for Error {
    fn from(error: PlanError) -> Self {
        Self::Plan(error)
    }
}

impl From<CompareError> for Error {
    fn from(error: CompareError) -> Self {
        Self::Compare(error)
    }
}

impl From<RatchetError> for Error {
    fn from(error: RatchetError) -> Self {
        Self::Ratchet(error)
    }
}

impl From<LinkError> for Error {
    fn from(error: LinkError) -> Self {
        Self::Link(error)
    }
}

impl From<LinkError> for Stop<Error> {
    fn from(error: LinkError) -> Self {
        Self::Error(error.into())
    }
}

impl From<Stop<CompareError>> for Stop<Error> {
    fn from(stop: Stop<CompareError>) -> Self {
        stop.map(Error::Compare)
    }
}

impl From<Stop<VariantsError>> for Stop<Error> {
    fn from(stop: Stop<VariantsError>) -> Self {
        stop.map(Error::Variants)
    }
}
