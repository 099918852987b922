//! Two versions against each other: an older one, and this one.
//!
//! [`sides`] finds or builds the [`executable`]s ([`cargo`], of a [`checkout`]; [`saved`] keeps one), in which [`layout`]
//! has what they share lie alike, [`launch`] has a [`player`] of each take turns on one core ([`cores`]), at a [`pace`]
//! that suits the case, [`comparer`] makes launches until [`decision`] has a verdict by the [`estimate`]. What is not
//! timed says why: the [`sites`] of allocations that one of them alone has, and the instructions.

mod addresses;
pub(super) mod cargo;
pub(super) mod checkout;
pub(super) mod comparer;
mod cores;
pub(super) mod decision;
mod error;
mod estimate;
pub(super) mod executable;
mod git;
pub(super) mod launch;
mod layout;
mod mirror;
mod pace;
mod player;
mod saved;
pub(super) mod sides;
mod sites;
mod symbols;
pub(super) mod variables;
pub(super) mod wanted;

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use super::Build;
use super::child::callgrind::{Callgrind, NO_VALGRIND};
use super::child::{Ended, Listed, Program};
use super::compiled::Compiled;
use super::environment::Sources;
use super::interrupt::Interrupt;
use super::selection::Selection;
use super::stop::Stop;
use crate::plan::Instance;
use crate::report::comparison::{InstructionPair, Versus, VersusVerdict};
use crate::report::document::Compared;
use crate::report::measurement::{Failure, FailureKind, Measurement};
use crate::report::progress::Steps;
use comparer::Comparer;
use decision::Rule;
use hotbench_engine::engines::Observation;
use hotbench_engine::routine::Calls;
use launch::{Both, Launcher, Side};
use player::Lost;
use sides::{Old, Sides};

pub(crate) use error::CompareError;
pub(crate) use saved::check_name;

/// How often all comparisons of a run together may err.
pub(super) const ALPHA: f64 = 0.01;
/// What a batch, a count or a start may take where `--timeout` says nothing.
pub(super) const TIMEOUT: Duration = Duration::from_secs(60);

/// What there is to be said where launches stay on no core.
pub(super) const UNPINNED: &str =
    "no process can be kept on one core here, so that intervals are wider than they might be";

/// Of a case that takes longer, instructions are counted only if that is asked for: Callgrind would take seconds.
const QUICKLY_COUNTED: Duration = Duration::from_millis(2);

/// What the command line says of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options<'a> {
    pub(crate) old: &'a str,
    /// Up to which part of the old time a change is none.
    pub(crate) margin: f64,
    pub(crate) strict: bool,
    pub(crate) native_layout: bool,
    /// Those of all cases are to be counted.
    pub(crate) instructions: bool,
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
    /// Where there is one.
    callgrind: Option<Callgrind>,
    /// Whether it counts for all cases.
    counts_all: bool,
    sources: Sources,
    /// What has not gone as it should.
    remarks: Vec<String>,
    /// The ids of cases that run on several threads.
    on_all_cores: Vec<String>,
    sides: Sides,
}

impl Comparison {
    /// `cases` are those that are to be compared; `program` is this one, and `home` is where Criterion may write.
    ///
    /// # Errors
    ///
    /// If there is no older version, or no building it, or the user has had enough.
    pub(crate) fn prepare(
        build: &Build,
        options: Options<'_>,
        cases: &[&Instance],
        (program, home): (&Program, &Path),
        interrupt: &Rc<Interrupt>,
    ) -> Result<Self, Stop<CompareError>> {
        let old = Old::find(build, options.old)?;
        let mut steps = Steps::new(options.quiet);
        let aligned = !options.native_layout;
        let mut remarks = old.differences(build, aligned);
        let sides = Sides::prepare(build, &old, aligned, (program, home), interrupt, &mut steps)?;
        remarks.extend(sides.remarks.iter().cloned());
        let mut launcher = Launcher::new(
            sides.executables.clone(),
            home.to_owned(),
            Rc::clone(interrupt),
            options.timeout.unwrap_or(TIMEOUT),
        );
        let name_of = |side| match side {
            Side::Old => old.name(),
            Side::New => "this version".to_owned(),
        };
        let mut refused = Vec::new();
        let mut listed = |side| match launcher.cases(side, &options.selection, |case, message| {
            let version = name_of(side);
            refused.push(format!(
                "`{case}` is not compared: its sweep panicked in {version}: {message}"
            ));
        }) {
            Ok(offered) => Ok(offered),
            Err(lost) => {
                let lost = lost.unless_interrupted()?;
                let version = name_of(lost.side);
                let reason = describe(&lost);
                Err(Stop::from(CompareError::Foreign { version, reason }))
            }
        };
        let [offered_by_old, offered] = [listed(Side::Old)?, listed(Side::New)?];
        remarks.extend(refused);
        if old.is_built_for() {
            remarks.extend(built_otherwise(&Compiled::of(build), &offered.compiled));
        }
        let counts = offered_by_old.counts && offered.counts;
        let cases_of_both = Both {
            old: by_id(offered_by_old.cases),
            new: by_id(offered.cases),
        };
        let ids = cases.iter().map(|instance| &instance.id);
        let new = sorted(ids.filter(|id| !cases_of_both.old.contains_key(*id)));
        let takes = |id: &&String| options.selection.takes_id(id);
        let ids = cases_of_both.old.keys().filter(takes);
        let gone = sorted(ids.filter(|id| !cases_of_both.new.contains_key(*id)));
        let callgrind = Callgrind::find(home, false);
        if callgrind.is_none() && options.instructions {
            remarks.push(NO_VALGRIND.to_owned());
        }
        Ok(Self {
            comparer: Comparer {
                launcher,
                rule: Rule::new(options.margin, ALPHA, cases.len()),
            },
            old,
            margin: options.margin,
            strict: options.strict,
            counts,
            cases: cases_of_both,
            new,
            gone,
            callgrind,
            counts_all: options.instructions,
            sources: Sources::of(build),
            remarks,
            on_all_cores: Vec::new(),
            sides,
        })
    }

    /// Compares a case, if the older version has it: its allocations, then its time. Then it finds out what explains
    /// the difference, by processes that nothing is timed beside.
    pub(crate) fn compare(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        calls: Calls,
    ) -> Result<(), Stop<CompareError>> {
        let id = &instance.id;
        let (Some(old), Some(new)) = (self.cases.old.get(id), self.cases.new.get(id)) else {
            return Ok(());
        };
        let case = Both {
            old: old.clone(),
            new: new.clone(),
        };
        match self.comparer.compare(&case, self.counts.then_some(calls)) {
            Ok(mut versus) => {
                if versus.allocates_differently() {
                    self.find_sites(&case, calls, &mut versus)?;
                }
                self.count_instructions(&case, &mut versus)?;
                if !versus.one_core && self.comparer.launcher.is_pinned() {
                    self.on_all_cores.push(id.clone());
                }
                measurement.vs_revision = Some(versus);
                Ok(())
            }
            Err(lost) => {
                let lost = lost.unless_interrupted()?;
                measurement.failure = Some(failure(lost, &VERSIONS));
                Ok(())
            }
        }
    }

    fn find_sites(
        &mut self,
        case: &Both<Listed>,
        calls: Calls,
        versus: &mut Versus,
    ) -> Result<(), Stop<CompareError>> {
        let recorded = self.comparer.launcher.record(case, calls);
        let missing = "it is not known where it allocates differently";
        let Some(mut recorded) = self.unless_lost(recorded, case, missing)? else {
            return Ok(());
        };
        let origin = |file: &str| self.sides.origin(file.as_ref());
        recorded
            .old
            .move_files(|file| Some(origin(file)?.display().to_string()));
        if !self.old.has_sources() {
            // What stands at its lines now is not what it was built of.
            recorded.old.forget_texts();
        }
        versus.sites = sites::differing(recorded);
        for site in &mut versus.sites {
            let shown = site.file.as_ref();
            let shown = shown.map(|file| self.sources.shown(file.as_ref()));
            site.file = shown.map(|file| file.display().to_string());
        }
        Ok(())
    }

    /// Of all cases, or else of those of which they say something: whether it is the code that takes another time,
    /// or where it lies.
    fn count_instructions(
        &mut self,
        case: &Both<Listed>,
        versus: &mut Versus,
    ) -> Result<(), Stop<CompareError>> {
        let longest = versus.time_ns.old.max(versus.time_ns.new);
        let call = Duration::from_nanos(longest as u64);
        let is_same = versus.verdict == VersusVerdict::Same;
        let Some(callgrind) = &self.callgrind else {
            return Ok(());
        };
        if !self.counts_all && (is_same || call > QUICKLY_COUNTED) {
            return Ok(());
        }
        let launcher = &mut self.comparer.launcher;
        let counted = launcher.count_instructions(case, callgrind, call);
        let missing = "its instructions are not counted";
        let said = self.remarks.len();
        let counted = self.unless_lost(counted, case, missing)?;
        if !self.counts_all {
            // Nobody has asked.
            self.remarks.truncate(said);
        }
        let pair = counted.map(|Both { old, new }| InstructionPair {
            old: old.per_call,
            new: new.per_call,
            exact: old.exact && new.exact,
        });
        // Where threads wait for each other, more calls may have executed less.
        versus.instructions = pair.filter(|pair| pair.old > 0.0 && pair.new > 0.0);
        Ok(())
    }

    /// What can't be found out is no failure of the case.
    fn unless_lost<T>(
        &mut self,
        found: Result<T, Lost>,
        case: &Both<Listed>,
        missing: &str,
    ) -> Result<Option<T>, Stop<CompareError>> {
        match found {
            Ok(found) => Ok(Some(found)),
            Err(lost) => {
                let lost = lost.unless_interrupted()?;
                let (id, side) = (&case.new.id, VERSIONS.get(lost.side));
                let reason = describe(&lost);
                let reason = reason.lines().next().unwrap_or_default();
                self.remarks
                    .push(format!("`{id}`: {missing}: in {side}: {reason}"));
                Ok(None)
            }
        }
    }

    /// What has not gone as it should, a sentence each.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let is_pinned = self.comparer.launcher.is_pinned();
        let unpinned = (!is_pinned).then(|| UNPINNED.to_owned());
        let parallel = on_all_cores(&self.on_all_cores);
        let remarks = self.remarks.iter().cloned();
        remarks.chain(unpinned).chain(parallel).collect()
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

/// Builds this version as a comparison would, and keeps its executable. Returns what is to be said of it.
///
/// # Errors
///
/// If it does not build, or can't be written, or the user has had enough.
pub(crate) fn save(
    build: &Build,
    name: &str,
    native_layout: bool,
    quiet: bool,
    interrupt: &Interrupt,
) -> Result<String, Stop<CompareError>> {
    let mut steps = Steps::new(quiet);
    let saved = sides::save(build, name, !native_layout, interrupt, &mut steps)?;
    // Which would be that of the revision.
    let prefix = match sides::is_revision(build, name) {
        true => saved::PREFIX,
        false => "",
    };
    let argument = match name.contains(char::is_whitespace) {
        true => format!("'{prefix}{name}'"),
        false => format!("{prefix}{name}"),
    };
    Ok(format!(
        "saved {} as `{name}`: {}\ncompare with it: cargo bench --bench {} -- --compare {argument}",
        saved.made.shown(),
        saved.executable.display(),
        build.bench
    ))
}

/// Says of which cases the sides took turns on all cores.
pub(super) fn on_all_cores(ids: &[String]) -> Option<String> {
    let quoted: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
    let (run, its) = match quoted.len() {
        0 => return None,
        1 => ("runs", "its interval is"),
        _ => ("run", "their intervals are"),
    };
    Some(format!(
        "{} {run} on several threads, and so on all cores: {its} wider than on one",
        quoted.join(", ")
    ))
}

/// Says how this version's build for the comparison differs from the executable that the user has started: Cargo may
/// have been given settings by an alias, or by a wrapper's `--config`, that can't be seen.
fn built_otherwise(started: &Compiled, built: &Compiled) -> Option<String> {
    let [started, built] = started.differences(built)?;
    Some(format!(
        "this executable was compiled with {started}; for the comparison both versions were built with {built}. What an \
         alias or a wrapper gives to Cargo by `--config` is not seen: `.cargo/config.toml` and `Cargo.toml` are"
    ))
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
        Ended::TimedOut => format!(
            "it did not answer within {} s; `--timeout` says how long it may take",
            lost.timeout.as_secs_f64()
        ),
        Ended::Missing => "it has no such case, or no such value of its sweeps".to_owned(),
        Ended::Broken(error) => error.to_string(),
        Ended::Interrupted => "it was interrupted".to_owned(),
        Ended::Observed(Observation::Failed(reason)) => reason.clone(),
        Ended::Observed(observation) => format!("it answered {observation:?}"),
    }
}

const VERSIONS: Both<&str> = Both {
    old: "the older version",
    new: "this version",
};

/// The case's, of which a side was lost.
pub(super) fn failure(lost: Lost, names: &Both<&str>) -> Failure {
    let side = names.get(lost.side);
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
