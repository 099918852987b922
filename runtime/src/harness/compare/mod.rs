//! Two versions against each other: an older one, and this one.
//!
//! [`sides`] finds or builds the executables ([`cargo`], of a [`worktree`]), [`launch`] has them take turns on one
//! core ([`cores`]), [`comparer`] makes launches until [`decision`] has a verdict by the [`estimate`].

pub(super) mod cargo;
pub(super) mod comparer;
mod cores;
pub(super) mod decision;
mod error;
mod estimate;
pub(super) mod launch;
pub(super) mod sides;
pub(super) mod worktree;

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Build;
use super::child::{Ended, Listed};
use super::interrupt::Interrupt;
use super::plan::Selection;
use super::routine::Calls;
use super::runner::Stop;
use crate::registry::Instance;
use crate::report::document::Compared;
use crate::report::measurement::{Failure, FailureKind, Measurement};
use crate::report::progress::Steps;
use comparer::Comparer;
use decision::Rule;
use launch::{Both, Launcher, Lost, Side};
use sides::{Old, Prepared, Sides};

pub(crate) use error::CompareError;

/// How often all comparisons of a run together may err.
pub(super) const ALPHA: f64 = 0.01;
/// What a batch, a count or a start may take where `--timeout` says nothing.
pub(super) const TIMEOUT: Duration = Duration::from_secs(60);

/// What there is to be said where launches stay on no core.
pub(super) const UNPINNED: &str =
    "no process can be kept on one core here, so that intervals are wider than they might be";

/// What the command line says of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options<'a> {
    pub(crate) old: &'a str,
    /// Up to which part of the old time a change is none.
    pub(crate) margin: f64,
    pub(crate) strict: bool,
    pub(crate) native_layout: bool,
    pub(crate) timeout: Option<Duration>,
    pub(crate) quiet: bool,
    pub(crate) selection: Selection<'a>,
}

/// A comparison under way.
pub(crate) struct Comparison {
    comparer: Comparer,
    old: Old,
    margin: f64,
    strict: bool,
    /// Both versions have the allocator that counts.
    counts: bool,
    /// By their ids.
    cases: Both<HashMap<String, Listed>>,
    /// Of those that the run has, the ones that the older version has not.
    new: Vec<String>,
    /// Those that the filters would take, if this version still had them.
    gone: Vec<String>,
    _sides: Sides,
}

impl Comparison {
    /// `cases` are those that are to be compared; `home` is where Criterion may write.
    ///
    /// # Errors
    ///
    /// If there is no older version, or no building it, or the user has had enough.
    pub(crate) fn prepare(
        build: &Build,
        options: Options<'_>,
        cases: &[&Instance],
        home: &Path,
        interrupt: &Rc<Interrupt>,
    ) -> Result<Self, Stop> {
        let wrong = |error: CompareError| Stop::Error(error.into());
        let old = Old::find(build, options.old).map_err(wrong)?;
        let mut steps = Steps::new(options.quiet);
        let aligned = !options.native_layout;
        let prepared = Sides::prepare(build, &old, home, aligned, interrupt, &mut steps);
        let sides = match prepared.map_err(wrong)? {
            Prepared::Ready(sides) => sides,
            Prepared::Interrupted => return Err(Stop::Interrupted),
        };
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let mut launcher = Launcher::new(
            sides.executables.clone(),
            home.to_owned(),
            Rc::clone(interrupt),
            options.timeout.unwrap_or(TIMEOUT),
            since_epoch.map_or(0, |time| time.as_nanos()),
        );
        let mut listed = |side| match launcher.cases(side) {
            Ok((cases, counts)) => Ok((by_id(cases), counts)),
            Err(lost) if matches!(*lost.ended, Ended::Interrupted) => Err(Stop::Interrupted),
            Err(lost) => Err(wrong(CompareError::Foreign {
                version: match side {
                    Side::Old => old.name(),
                    Side::New => "this version".to_owned(),
                },
                reason: describe(&lost),
            })),
        };
        let (old_cases, old_counts) = listed(Side::Old)?;
        let (new_cases, new_counts) = listed(Side::New)?;
        let cases_of_both = Both {
            old: old_cases,
            new: new_cases,
        };
        let ids = cases.iter().map(|instance| &instance.id);
        let new = sorted(ids.filter(|id| !cases_of_both.old.contains_key(*id)));
        let takes = |id: &&String| options.selection.takes_id(id);
        let ids = cases_of_both.old.keys().filter(takes);
        let gone = sorted(ids.filter(|id| !cases_of_both.new.contains_key(*id)));
        Ok(Self {
            comparer: Comparer {
                launcher,
                rule: Rule::new(options.margin, ALPHA, cases.len()),
            },
            old,
            margin: options.margin,
            strict: options.strict,
            counts: old_counts && new_counts,
            cases: cases_of_both,
            new,
            gone,
            _sides: sides,
        })
    }

    /// Compares a case, if the older version has it: its allocations, then its time.
    pub(crate) fn compare(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        calls: Calls,
    ) -> Result<(), Stop> {
        let id = &instance.id;
        let (Some(old), Some(new)) = (self.cases.old.get(id), self.cases.new.get(id)) else {
            return Ok(());
        };
        let case = Both {
            old: old.clone(),
            new: new.clone(),
        };
        match self.comparer.compare(&case, self.counts.then_some(calls)) {
            Ok(versus) => {
                measurement.vs_revision = Some(versus);
                Ok(())
            }
            Err(lost) if matches!(*lost.ended, Ended::Interrupted) => Err(Stop::Interrupted),
            Err(lost) => {
                let versions = Both {
                    old: "the older version",
                    new: "this version",
                };
                measurement.failure = Some(failure(lost, &versions));
                Ok(())
            }
        }
    }

    /// What has not gone as it should.
    pub(crate) fn remark(&self) -> Option<String> {
        let is_pinned = self.comparer.launcher.is_pinned();
        (!is_pinned).then(|| UNPINNED.to_owned())
    }

    /// What it was, for the document.
    pub(crate) fn summary(&self) -> Compared {
        Compared {
            with: self.old.name(),
            margin: self.margin,
            strict: self.strict,
            new: self.new.clone(),
            gone: self.gone.clone(),
        }
    }
}

fn sorted<'a>(ids: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut ids: Vec<String> = ids.cloned().collect();
    ids.sort();
    ids
}

fn by_id(cases: Vec<Listed>) -> HashMap<String, Listed> {
    cases
        .into_iter()
        .map(|case| (case.id.clone(), case))
        .collect()
}

/// What has happened to a side.
fn describe(lost: &Lost) -> String {
    match &*lost.ended {
        Ended::Panicked(message) => format!("it panicked: {message}"),
        Ended::Died(status) => format!("it ended its process ({status})"),
        Ended::TimedOut => "it did not answer in time".to_owned(),
        Ended::Broken(error) => error.to_string(),
        Ended::Interrupted => "it was interrupted".to_owned(),
        Ended::Observed(observation) => format!("it answered {observation:?}"),
    }
}

pub(super) fn failure(lost: Lost, names: &Both<&str>) -> Failure {
    let side = match lost.side {
        Side::Old => names.old,
        Side::New => names.new,
    };
    let kind = match &*lost.ended {
        Ended::Panicked(_) => FailureKind::Panicked,
        Ended::TimedOut => FailureKind::TimedOut,
        _ => FailureKind::Died,
    };
    Failure {
        kind,
        message: format!("in {side}: {}", describe(&lost)),
        output: lost.output,
    }
}
