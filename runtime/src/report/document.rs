//! What a run found, whole: what `--format json` prints, and what every other format is made from.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::arrange::arrange;
use super::measurement::Measurement;
use crate::guard::GuardStatus;

/// Raised whenever a field changes its meaning or goes away.
pub(crate) const SCHEMA: u32 = 1;

/// One run, or several that were merged. Described in `docs/report-schema.md`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) schema: u32,
    pub(crate) runs: Vec<Run>,
    /// In the order of a report; each says which of the runs measured it.
    pub(crate) cases: Vec<Measurement>,
}

/// What is true of all cases of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) hotbench_version: String,
    pub(crate) package: String,
    /// The bench target.
    pub(crate) bench: String,
    pub(crate) measured: Measured,
    /// Cargo's, by the folder of the executable.
    pub(crate) profile: String,
    pub(crate) debug_assertions: bool,
    pub(crate) started_at_unix_s: u64,
    pub(crate) duration_s: f64,
    /// The run was interrupted: cases are missing.
    pub(crate) partial: bool,
    pub(crate) shard: Option<Shard>,
    pub(crate) filtered_out: usize,
    /// Cases with `ignore`, which were not run.
    pub(crate) ignored: usize,
    pub(crate) guard: Guard,
    pub(crate) machine: Machine,
    pub(crate) toolchain: Toolchain,
    /// Absent outside a repository, or where there is no `git`.
    pub(crate) git: Option<Revision>,
}

/// What was measured of each case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Measured {
    /// Its time and its allocations.
    Time,
    /// Its allocations, for its budget.
    Check,
    /// Nothing: each was run once, or twice where it has a budget.
    Test,
}

/// One of several shares of all cases, for a machine of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shard {
    /// From 1.
    pub(crate) index: u64,
    pub(crate) of: u64,
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (index, of) = text.split_once('/').ok_or("expected `I/N`, as in `2/5`")?;
        match (index.parse(), of.parse()) {
            (Ok(index), Ok(of)) if (1..=of).contains(&index) => Ok(Self { index, of }),
            _ => Err("expected `I/N`, with I from 1 to N, as in `2/5`"),
        }
    }
}

/// In how many of the program's guarded functions the guard is live.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Guard {
    pub(crate) guarded: usize,
    pub(crate) live: usize,
    pub(crate) allocator_installed: bool,
    pub(crate) switched_off: bool,
}

impl From<GuardStatus> for Guard {
    fn from(status: GuardStatus) -> Self {
        Self {
            guarded: status.guarded,
            live: status.live,
            allocator_installed: status.allocator_installed,
            switched_off: status.switched_off,
        }
    }
}

/// Where it was measured. What the system does not tell is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) cpu: Option<String>,
    /// Those that the process may use.
    pub(crate) cores: usize,
    pub(crate) os: String,
    pub(crate) kernel: Option<String>,
    /// Of the CPU's frequency.
    pub(crate) governor: Option<String>,
}

/// What compiled the harness.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Toolchain {
    /// As `rustc --version` has it.
    pub(crate) rustc: String,
    /// The target triple.
    pub(crate) target: String,
}

/// What was checked out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Revision {
    /// The commit's hash.
    pub(crate) commit: String,
    /// Files that git knows differ from it.
    pub(crate) dirty: bool,
}

impl Report {
    /// `cases` are in the order of their bench target.
    pub(crate) fn new(run: Run, cases: Vec<Measurement>) -> Self {
        Self {
            schema: SCHEMA,
            runs: vec![run],
            cases: arrange(cases),
        }
    }

    /// Whether all held.
    pub(crate) fn passed(&self) -> bool {
        self.cases.iter().all(|case| case.failure.is_none())
    }

    /// Whether cases are missing, for a run was interrupted.
    pub(crate) fn is_partial(&self) -> bool {
        self.runs.iter().any(|run| run.partial)
    }

    /// The cases that failed.
    pub(crate) fn failures(&self) -> impl Iterator<Item = &Measurement> + Clone {
        self.cases.iter().filter(|case| case.failure.is_some())
    }
}

/// Why documents can't be read, or make no report together.
#[derive(Debug)]
pub(crate) enum MergeError {
    Read(PathBuf, std::io::Error),
    Parse(PathBuf, serde_json::Error),
    Schema(PathBuf, u64),
    Twice { id: String, files: [PathBuf; 2] },
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(path, error) => write!(f, "{} can't be read: {error}", path.display()),
            Self::Parse(path, error) => write!(
                f,
                "{} is not what `--format json` prints: {error}",
                path.display()
            ),
            Self::Schema(path, schema) => write!(
                f,
                "{} has schema {schema}, this harness reads {SCHEMA}: measure with one version of \
                 hotbench on all machines",
                path.display()
            ),
            Self::Twice {
                id,
                files: [first, second],
            } => write!(
                f,
                "`{id}` is both in {} and in {}: give each machine a share of its own",
                first.display(),
                second.display()
            ),
        }
    }
}

/// Reads documents, and makes them one.
///
/// # Errors
///
/// If a file can't be read, is no such document, or has a case that another has too.
pub(crate) fn merge(files: &[PathBuf]) -> Result<Report, MergeError> {
    let mut runs: Vec<Run> = Vec::new();
    let mut cases = Vec::new();
    let mut origins: HashMap<(String, String), &Path> = HashMap::new();
    for file in files {
        let report = read(file)?;
        for mut case in report.cases {
            let key = (report.runs[case.run].bench.clone(), case.id.clone());
            if let Some(first) = origins.insert(key, file) {
                return Err(MergeError::Twice {
                    id: case.id,
                    files: [first.to_owned(), file.to_owned()],
                });
            }
            case.run += runs.len();
            cases.push(case);
        }
        runs.extend(report.runs);
    }
    let target = |run: usize| (&runs[run].package, &runs[run].bench);
    cases.sort_by(|a, b| (target(a.run), a.index).cmp(&(target(b.run), b.index)));
    Ok(Report {
        schema: SCHEMA,
        runs,
        cases: arrange(cases),
    })
}

fn read(file: &Path) -> Result<Report, MergeError> {
    let of = |error| MergeError::Parse(file.to_owned(), error);
    let text = std::fs::read(file).map_err(|error| MergeError::Read(file.to_owned(), error))?;
    let document: serde_json::Value = serde_json::from_slice(&text).map_err(of)?;
    match document.get("schema").and_then(serde_json::Value::as_u64) {
        Some(schema) if schema != u64::from(SCHEMA) => {
            Err(MergeError::Schema(file.to_owned(), schema))
        }
        _ => serde_json::from_value(document).and_then(whole).map_err(of),
    }
}

/// A report in which each case has its run.
fn whole(report: Report) -> Result<Report, serde_json::Error> {
    match report
        .cases
        .iter()
        .find(|case| case.run >= report.runs.len())
    {
        Some(case) => Err(serde::de::Error::custom(format_args!(
            "`{}` is of a run that is not there",
            case.id
        ))),
        None => Ok(report),
    }
}

/// What is missing of a report that is to be whole, a sentence each: shares of a suite, and the rest of runs
/// that were interrupted.
pub(crate) fn gaps(report: &Report) -> Vec<String> {
    let mut gaps = Vec::new();
    let mut shares: BTreeMap<(&str, &str, u64), Vec<u64>> = BTreeMap::new();
    for run in &report.runs {
        let target = format!("`{}` of `{}`", run.bench, run.package);
        if run.partial {
            gaps.push(format!("a run of {target} was interrupted"));
        }
        if let Some(Shard { index, of }) = run.shard {
            let key = (run.package.as_str(), run.bench.as_str(), of);
            shares.entry(key).or_default().push(index);
        }
    }
    for ((package, bench, of), there) in shares {
        let missing: Vec<String> = (1..=of)
            .filter(|index| !there.contains(index))
            .map(|index| format!("{index}/{of}"))
            .collect();
        if !missing.is_empty() {
            gaps.push(format!(
                "of `{bench}` of `{package}`, no file has the shard {}",
                missing.join(", ")
            ));
        }
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::Shard;

    #[test]
    fn a_shard_is_one_of_several() {
        assert_eq!("2/5".parse(), Ok(Shard { index: 2, of: 5 }));
        for wrong in ["", "2", "0/5", "6/5", "1/0", "a/b", "1/2/3", "-1/5"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
