//! What has been measured of a case: written by engines, read by reports, and the `cases` of the JSON
//! document, whose fields these are.

use serde::{Deserialize, Serialize};

pub(crate) use hotbench_engine::figures::*;

use super::comparison::{Change, Comparison, Versus};
use super::ratchet::Held;
use super::variants::InVariant;

/// A case and all that is known of it after a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Measurement {
    pub(crate) id: String,
    /// Which of the document's runs measured it.
    pub(crate) run: usize,
    /// Its place among all cases of the bench target, from 0, whatever was selected.
    pub(crate) index: usize,
    pub(crate) package: Option<String>,
    /// Its scope is the package.
    pub(crate) group: Option<String>,
    pub(crate) baseline: bool,
    /// Of the case's sweeps: in a group, like is compared with like.
    pub(crate) sweep_value: Option<String>,
    /// The function's, relative to the repository; outside one, to the workspace.
    pub(crate) file: String,
    pub(crate) line: u32,
    /// What all that was done with the case took.
    pub(crate) duration_s: f64,
    pub(crate) timing: Option<Timing>,
    /// Instead, if it was measured with few calls.
    pub(crate) single_calls: Option<SingleCalls>,
    pub(crate) allocations: Option<Allocations>,
    pub(crate) instructions: Option<Instructions>,
    pub(crate) heap: Option<Heap>,
    /// Where its time goes.
    pub(crate) sampled: Option<Sampled>,
    pub(crate) budget: Option<Budget>,
    /// What it was blessed with, in runs that are held to it.
    pub(crate) ratchet: Option<Held>,
    /// The function's part of a program's time, with what it calls: more than 1 on several threads.
    pub(crate) program_share: Option<f64>,
    pub(crate) throughput: Option<Throughput>,
    /// Filled in by [`arrange`](super::arrange).
    pub(crate) vs_baseline: Option<Comparison>,
    pub(crate) since_last: Option<Change>,
    pub(crate) vs_revision: Option<Versus>,
    /// In the order of the run's.
    pub(crate) variants: Vec<InVariant>,
    pub(crate) failure: Option<Failure>,
}

impl Measurement {
    /// Whether it passes; with `strict`, a comparison that is inconclusive does not.
    pub(crate) fn holds(&self, strict: bool) -> bool {
        self.failure.is_none() && self.objection(strict).is_none()
    }

    /// What keeps the case from passing, if it was compared with an older version.
    pub(crate) fn objection(&self, strict: bool) -> Option<Objection> {
        let versus = self.vs_revision.as_ref()?;
        if let Some(regression) = versus.regression() {
            return Some(Objection::Worse(regression));
        }
        (strict && versus.is_undecided()).then(|| Objection::Inconclusive(versus.in_doubt()))
    }
}

/// Of a comparison, in words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Objection {
    /// What is worse than it was.
    Worse(String),
    /// Where the change may lie; it is one with `--strict` alone.
    Inconclusive(String),
}

/// Why a case failed, and what it wrote to its standard output and error, in the order in which it
/// came.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    /// Of a panic, its own.
    pub(crate) message: String,
    pub(crate) output: String,
}

impl Failure {
    /// The first line of the message that says something.
    pub(crate) fn summary(&self) -> &str {
        let mut lines = self.message.lines().map(str::trim);
        lines.find(|line| !line.is_empty()).unwrap_or_default()
    }
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FailureKind {
    Panicked,
    OverBudget,
    /// More than the ratchet's file allows.
    MoreThanBlessed,
    /// It took the process that measures it along.
    Died,
    /// It did not end in the time that it had.
    TimedOut,
    /// It ran, but there is no figure.
    NotMeasured,
}
