//! The ratchet: a file in which a team keeps what its cases take, and which lets them take less alone.
//!
//! [`file`] reads it, [`hold`] holds a case to it, [`bless`] writes into it, in the order of [`arrange`], all on text
//! alone; what is said of a place in it has the form of [`diagnostic`]. Here it is opened, and each case is held to
//! it; [`end`] has what comes after the last.

mod arrange;
mod bless;
mod diagnostic;
mod end;
mod file;
mod hold;
mod spelling;

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::Build;
use super::environment::{self, Sources};
use crate::report::document::Toolchain;
use crate::report::measurement::{Failure, FailureKind, Measurement};
use crate::report::ratchet::{Held, RatchetVerdict};
use diagnostic::Source;
use file::{Allocations, Blessed, Blessings};
use hold::{Failing, Found};
use hotbench_guard::guard_status;

/// In the folder of the bench target's package.
const FILE: &str = "benches/hotbench.toml";

/// The file of a package, as it was at the start of a run.
#[derive(Debug)]
pub(crate) struct Ratchet<'a> {
    build: &'a Build,
    path: PathBuf,
    /// The path relative to the repository.
    shown: String,
    /// Absent if there is no file yet.
    text: Option<String>,
    blessings: Blessings,
    toolchain: String,
    blesses: bool,
    counts_allocations: bool,
}

/// Why a run can't be held to the file.
#[derive(Debug)]
pub(crate) enum RatchetError {
    Read(PathBuf, io::Error),
    /// What is wrong with it, in the form of the compiler's diagnostics.
    Broken(String),
    /// A bench target whose name has another meaning there.
    Name(String),
    Write(PathBuf, io::Error),
}

impl fmt::Display for RatchetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(path, error) => write!(f, "{} can't be read: {error}", path.display()),
            Self::Broken(report) => f.write_str(report.trim_start_matches("error: ")),
            Self::Name(file) => write!(
                f,
                "{file} can't have the cases of a bench target whose name is `{}`, which is a key there: give the \
                 target another name",
                file::TOLERANCE_KEY
            ),
            Self::Write(path, error) => {
                write!(f, "{} can't be written: {error}", path.display())
            }
        }
    }
}

impl<'a> Ratchet<'a> {
    /// Reads the package's file. There is no ratchet without one, unless it is to be blessed.
    ///
    /// # Errors
    ///
    /// If it can't be read, or says something that it can't say.
    pub(crate) fn open(build: &'a Build, blesses: bool) -> Result<Option<Self>, RatchetError> {
        let path = build.package_directory().join(FILE);
        let shown = Sources::of(build).shown(&path).display().to_string();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(RatchetError::Read(path, error)),
        };
        if text.is_none() && !blesses {
            return Ok(None);
        }
        if build.bench == file::TOLERANCE_KEY {
            return Err(RatchetError::Name(shown));
        }
        let parsed = text.as_deref().map(|text| file::parse(text, build.bench));
        let blessings = parsed.transpose().map_err(|problems| {
            let text = text.as_deref().unwrap_or_default();
            let file = &shown;
            RatchetError::Broken(Source { file, text }.problems(&problems))
        })?;
        Ok(Some(Self {
            build,
            path,
            shown,
            text,
            blessings: blessings.unwrap_or_default(),
            toolchain: key(&environment::toolchain()),
            blesses,
            counts_allocations: guard_status().allocator_installed,
        }))
    }

    /// Whether the allocations of a case are held to something.
    pub(crate) fn holds_allocations(&self, id: &str) -> bool {
        self.allocations(id)
            .is_some_and(|held| held.allocs.is_some() || held.bytes.is_some())
    }

    /// Whether they are a mean of calls that differ, so that one says nothing.
    pub(crate) fn is_mean(&self, id: &str) -> bool {
        let is_part =
            |spot: &Option<file::Spot>| spot.as_ref().is_some_and(|spot| spot.value.fract() != 0.0);
        self.allocations(id)
            .is_some_and(|held| is_part(&held.allocs) || is_part(&held.bytes))
    }

    fn allocations(&self, id: &str) -> Option<&Allocations> {
        let blessed = self.blessings.cases.get(id)?;
        let own = blessed.unoptimised.as_ref();
        Some(
            own.filter(|_| self.build.debug_assertions)
                .unwrap_or(&blessed.allocations),
        )
    }

    /// Whether a run without timing has instructions to count: of optimised code alone.
    pub(crate) fn wants_instructions(&self) -> bool {
        let mut ids = self.blessings.cases.keys();
        self.blesses && !self.build.debug_assertions || ids.any(|id| self.wants_instructions_of(id))
    }

    /// Whether those of a case are to be counted.
    pub(crate) fn wants_instructions_of(&self, id: &str) -> bool {
        let blessed = self.blessings.cases.get(id);
        let is_blessed =
            blessed.is_some_and(|blessed| blessed.instructions.contains_key(&self.toolchain));
        !self.build.debug_assertions && (self.blesses || is_blessed)
    }

    /// Holds a case that has been measured to what it was blessed with. One that takes more fails, unless that is
    /// to be blessed.
    pub(crate) fn hold(&self, measurement: &mut Measurement, output: &str) {
        let (Some(blessed), Some(text)) = (
            self.blessings.cases.get(&measurement.id),
            self.text.as_deref(),
        ) else {
            return;
        };
        let found = self.found(measurement);
        let limits = (self.toolchain.as_str(), self.blessings.tolerance);
        let held = hold::hold(blessed, &found, limits, text);
        if !self.blesses {
            let report = self.report(blessed, &held, measurement, text);
            match (&mut measurement.failure, report) {
                (None, Some(report)) => {
                    measurement.failure = Some(Failure {
                        kind: FailureKind::MoreThanBlessed,
                        message: report,
                        output: output.to_owned(),
                    });
                }
                // Both were broken, and the budget's report says where.
                (Some(failure), Some(report)) if failure.kind == FailureKind::OverBudget => {
                    failure.message.push('\n');
                    failure.message.push_str(&report);
                }
                _ => {}
            }
        }
        measurement.ratchet = Some(held);
    }

    fn found(&self, measurement: &Measurement) -> Found {
        Found {
            allocations: measurement.allocations,
            instructions: measurement.instructions,
            unoptimised: self.build.debug_assertions,
        }
    }

    fn report(
        &self,
        blessed: &Blessed,
        held: &Held,
        measurement: &Measurement,
        text: &str,
    ) -> Option<String> {
        let Build { package, bench, .. } = self.build;
        let id = &measurement.id;
        let allocates = [held.allocs, held.bytes]
            .into_iter()
            .flatten()
            .any(|figure| figure.verdict == RatchetVerdict::Worse);
        let mut helps = Vec::new();
        // A budget's report says where already.
        if allocates && measurement.failure.is_none() {
            helps.push(format!(
                "where it allocates: `cargo bench -p {package} --bench {bench} -- --dhat --exact '{id}'`"
            ));
        }
        let executes = held
            .instructions
            .is_some_and(|figure| figure.verdict == RatchetVerdict::Worse);
        let are_alike = measurement.instructions.is_none_or(|counted| counted.exact);
        if executes && !are_alike {
            helps.push(format!(
                "its calls differ in their instructions: give it a wider `tolerance` in {}",
                self.shown
            ));
        }
        helps.push(format!("if it has to be so: `{}`", self.bless_command()));
        let failing = Failing {
            id,
            toolchain: &self.toolchain,
            unoptimised: self.build.debug_assertions,
            helps,
        };
        let file = &self.shown;
        let report = hold::report(blessed, held, failing, Source { file, text })?;
        let profile = environment::profile(self.build);
        Some(format!("{report}\nmeasured in a {profile} build"))
    }

    /// That writes the figures of builds as this one is.
    fn bless_command(&self) -> String {
        let Build { package, bench, .. } = self.build;
        let run = if self.build.debug_assertions {
            "test"
        } else {
            "bench"
        };
        format!("cargo {run} -p {package} --bench {bench} -- --bless")
    }
}

/// The target and the compiler, without what two builds of one version don't share.
fn key(toolchain: &Toolchain) -> String {
    let Toolchain { rustc, target } = toolchain;
    // Of a nightly, the day is the version.
    let is_dated = rustc.contains("-nightly") || rustc.contains("-dev");
    let version = match rustc.split_once(" (") {
        Some((version, _)) if !is_dated => version,
        _ => rustc,
    };
    format!("{target}, {version}")
}

#[cfg(test)]
mod tests {
    use super::key;
    use crate::report::document::Toolchain;

    #[test]
    fn compilers_of_one_version_are_one_but_nightlies_are_days() {
        let key = |rustc: &str| {
            key(&Toolchain {
                rustc: rustc.to_owned(),
                target: "x".to_owned(),
            })
        };
        assert_eq!(
            key("rustc 1.95.0 (59807616e 2026-04-14) (Debian)"),
            "x, rustc 1.95.0"
        );
        assert_eq!(
            key("rustc 1.97.0-nightly (0123abc 2026-05-01)"),
            "x, rustc 1.97.0-nightly (0123abc 2026-05-01)"
        );
        assert_eq!(key("unknown"), "x, unknown");
    }
}
