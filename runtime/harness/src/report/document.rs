//! What a run found, whole: what `--format json` prints, and what every other format is made from.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::arrange::arrange;
use super::hot_paths::HotPaths;
use super::looked_for::LookedFor;
use super::measurement::{Measurement, Objection};
use super::ratchet::Ratchet;
use super::variants::Variants;
use hotbench_guard::GuardStatus;

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
    /// Of a test run of all cases.
    pub(crate) hot_paths: Option<HotPaths>,
    pub(crate) machine: Machine,
    pub(crate) toolchain: Toolchain,
    /// Absent outside a repository, or where there is no `git`.
    pub(crate) git: Option<Revision>,
    /// What it was compared with.
    pub(crate) compared: Option<Compared>,
    /// The build settings that it was measured in.
    pub(crate) variants: Option<Variants>,
    /// What it was held to, or what it has blessed.
    pub(crate) ratchet: Option<Ratchet>,
}

/// An older version that this one was compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Compared {
    pub(crate) with: String,
    /// Up to which part of the old time a change is none.
    pub(crate) margin: f64,
    /// What is inconclusive fails, too.
    pub(crate) strict: bool,
    /// Cases that the older version does not have, of those that were selected.
    pub(crate) new: Vec<String>,
    /// Cases that this version does not have.
    pub(crate) gone: Vec<String>,
}

/// What was measured of each case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Measured {
    /// Its time and its allocations.
    Time,
    /// Its allocations, for its budget.
    Check,
    /// Its time and its allocations, against an older version's.
    Compare,
    /// Its time in several build settings, against that in the profile as it is, and its allocations.
    Variants,
    /// Where its time or its memory goes, and its allocations.
    Cause,
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
        let mut ratchets = self.runs.iter().filter_map(|run| run.ratchet.as_ref());
        let mut cases = self.cases.iter();
        ratchets.all(Ratchet::holds) && cases.all(|case| case.holds(self.is_strict(case)))
    }

    /// What keeps a case from passing that was compared with an older version.
    pub(crate) fn objection(&self, case: &Measurement) -> Option<Objection> {
        case.objection(self.is_strict(case))
    }

    fn is_strict(&self, case: &Measurement) -> bool {
        let compared = self.runs[case.run].compared.as_ref();
        compared.is_some_and(|compared| compared.strict)
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
    Empty(PathBuf),
    /// No such document, for this reason.
    Foreign(PathBuf, String),
    Schema(PathBuf, u64),
    Twice {
        id: String,
        files: [PathBuf; 2],
    },
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(path, error) => {
                let looked_for = LookedFor(path);
                write!(f, "{} can't be read: {error}{looked_for}", path.display())
            }
            Self::Empty(path) => write!(
                f,
                "{} is empty: the run that was to write it could not start, and has said why",
                path.display()
            ),
            Self::Foreign(path, reason) => write!(
                f,
                "{} is not what `--format json` prints: {reason}",
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
/// If a file can't be read, is no such document, or has a case of a bench target that another has too.
pub(crate) fn merge(files: &[PathBuf]) -> Result<Report, MergeError> {
    let mut runs: Vec<Run> = Vec::new();
    let mut cases = Vec::new();
    let mut origins: HashMap<(String, String, String), &Path> = HashMap::new();
    for file in files {
        let report = read(file)?;
        for mut case in report.cases {
            let Some(run) = report.runs.get(case.run) else {
                let reason = format!("`{}` is of a run that it does not tell of", case.id);
                return Err(MergeError::Foreign(file.to_owned(), reason));
            };
            let key = (run.package.clone(), run.bench.clone(), case.id.clone());
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
    let foreign = |reason: String| MergeError::Foreign(file.to_owned(), reason);
    let text = std::fs::read(file).map_err(|error| MergeError::Read(file.to_owned(), error))?;
    if text.iter().all(u8::is_ascii_whitespace) {
        return Err(MergeError::Empty(file.to_owned()));
    }
    let document: serde_json::Value =
        serde_json::from_slice(&text).map_err(|error| foreign(error.to_string()))?;
    // First, for the rest need not be there in another version.
    match document.get("schema") {
        None => return Err(foreign("it has no `schema`".to_owned())),
        Some(schema) => match schema.as_u64() {
            Some(schema) if schema == u64::from(SCHEMA) => {}
            Some(schema) => return Err(MergeError::Schema(file.to_owned(), schema)),
            None => return Err(foreign("its `schema` is no number".to_owned())),
        },
    }
    let report: Report =
        serde_json::from_slice(&text).map_err(|error| foreign(error.to_string()))?;
    if report.runs.is_empty() {
        return Err(foreign("it tells of no run".to_owned()));
    }
    Ok(report)
}

/// So many shards are named where they are missing.
const NAMED: usize = 10;

/// What is missing of a report that is to be whole, a sentence each: shares of a suite, and the rest of runs
/// that were interrupted; and what is of one suite, but not of one revision.
pub(crate) fn gaps(report: &Report) -> Vec<String> {
    let mut gaps = Vec::new();
    let mut shares: BTreeMap<(&str, &str, u64), BTreeSet<u64>> = BTreeMap::new();
    let mut commits: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for run in &report.runs {
        let target = (run.package.as_str(), run.bench.as_str());
        if run.partial {
            gaps.push(format!("a run of {} was interrupted", name(target)));
        }
        if let Some(paths) = run.hot_paths.as_ref().filter(|paths| !paths.holds()) {
            gaps.push(format!("of {}, {paths}", name(target)));
        }
        if let Some(Shard { index, of }) = run.shard {
            let (package, bench) = target;
            shares
                .entry((package, bench, of))
                .or_default()
                .insert(index);
        }
        if let Some(git) = &run.git {
            commits.entry(target).or_default().insert(&git.commit);
        }
    }
    for ((package, bench, of), there) in shares {
        let mut missing = (1..=of).filter(|index| !there.contains(index));
        let mut named: Vec<String> = missing
            .by_ref()
            .take(NAMED)
            .map(|index| format!("{index}/{of}"))
            .collect();
        if missing.next().is_some() {
            named.push("…".to_owned());
        }
        if !named.is_empty() {
            gaps.push(format!(
                "of {}, no file has the shard {}",
                name((package, bench)),
                named.join(", ")
            ));
        }
    }
    for (target, commits) in commits {
        if commits.len() > 1 {
            let commits: Vec<&str> = commits.into_iter().collect();
            gaps.push(format!(
                "{} was measured at several revisions: {}",
                name(target),
                commits.join(", ")
            ));
        }
    }
    gaps
}

fn name((package, bench): (&str, &str)) -> String {
    format!("`{bench}` of `{package}`")
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
