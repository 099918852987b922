//! What has been measured of a case: written by engines, read by reports, and the `cases` of the JSON
//! document, whose fields these are.

use serde::{Deserialize, Serialize};

use super::comparison::{Change, Comparison, Versus};
use super::ratchet::Held;
use super::variants::InVariant;
use crate::guard::AllocStats;

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

/// The time of one call, in nanoseconds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Timing {
    /// The figure for the table: the slope where there is one, else the mean.
    pub(crate) time_ns: Estimate,
    pub(crate) mean_ns: Estimate,
    pub(crate) median_ns: Estimate,
    pub(crate) standard_deviation_ns: Estimate,
    pub(crate) confidence_level: f64,
    pub(crate) samples: usize,
    /// Of the samples, those beyond Tukey's upper fence: the third quartile and 1.5 interquartile ranges.
    pub(crate) slow_outliers: usize,
    /// In all samples together.
    pub(crate) iterations: u64,
    /// Where the case is called on several, which are timed from the first one's start to the last one's end.
    pub(crate) threads: Option<ThreadTimes>,
    /// Why it may be that nothing was timed.
    pub(crate) optimised_away: Option<Elision>,
}

/// The times of a handful of calls, of which nothing is estimated.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SingleCalls {
    /// In the order of the calls, in nanoseconds.
    pub(crate) each_ns: Vec<f64>,
    pub(crate) median_ns: f64,
    pub(crate) min_ns: f64,
    pub(crate) max_ns: f64,
}

impl SingleCalls {
    /// Of at least one call.
    pub(crate) fn of(each_ns: Vec<f64>) -> Self {
        let mut sorted = each_ns.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
        let count = sorted.len();
        Self {
            median_ns: (at(count.saturating_sub(1) / 2) + at(count / 2)) / 2.0,
            min_ns: at(0),
            max_ns: at(count.saturating_sub(1)),
            each_ns,
        }
    }
}

/// What threads take for a call, side by side.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct ThreadTimes {
    pub(crate) count: usize,
    /// Of all threads.
    pub(crate) mean_ns: f64,
}

/// A sign that the compiler has removed the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Elision {
    /// A call takes no longer than a turn of an empty loop: a cycle.
    NoLongerThanEmptyLoop,
    /// Many calls take no longer than few.
    TimeDoesNotGrow,
}

/// A figure with its bootstrap confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Estimate {
    pub(crate) point: f64,
    pub(crate) lower: f64,
    pub(crate) upper: f64,
}

impl Estimate {
    /// Half of the interval, as a part of the figure.
    pub(crate) fn relative_half_width(&self) -> f64 {
        (self.upper - self.lower) / 2.0 / self.point
    }
}

/// What one call allocated, from entry to return: the mean of so many calls.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Allocations {
    pub(crate) calls: u32,
    /// `alloc`, `alloc_zeroed` and `realloc`.
    pub(crate) allocs: f64,
    /// Of these, the calls of `realloc`.
    pub(crate) reallocs: f64,
    pub(crate) deallocs: f64,
    pub(crate) bytes: f64,
    /// The fewest and the most of these calls, if other threads made them differ. None if the figures are exact.
    pub(crate) varies: Option<Varies>,
}

/// Allocations of which no two runs have to agree, since threads share the work as they come.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Varies {
    pub(crate) allocs: [f64; 2],
    pub(crate) bytes: [f64; 2],
}

impl Varies {
    /// Whether a figure is within what these calls allocated.
    pub(crate) fn includes([least, most]: [f64; 2], figure: f64) -> bool {
        (least..=most).contains(&figure)
    }
}

impl Allocations {
    pub(crate) fn of(total: AllocStats, calls: u32, varies: Option<Varies>) -> Self {
        let per_call = |n: u64| n as f64 / f64::from(calls);
        Self {
            calls,
            allocs: per_call(total.allocs),
            reallocs: per_call(total.reallocs),
            deallocs: per_call(total.deallocs),
            bytes: per_call(total.bytes),
            varies,
        }
    }
}

/// What one call executes, as Callgrind counts it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Instructions {
    /// So many were counted.
    pub(crate) calls: u64,
    pub(crate) per_call: f64,
    /// By which part of it two counts of different calls differ.
    pub(crate) spread: f64,
    /// These agree to 0.1 %. Where they don't, calls differ.
    pub(crate) exact: bool,
    /// Where they were simulated.
    pub(crate) caches: Option<Caches>,
}

/// What one call does to the caches that Callgrind simulates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Caches {
    /// An access that the first level has counts 1, one that the last has 5, and one to memory 35: the weights
    /// that `cachegrind` benchmarks have used since Itamar Turner-Trauring's "CI for performance" (2020).
    pub(crate) estimated_cycles: f64,
    /// Of instructions and of data.
    pub(crate) l1_misses: f64,
    /// Of the last level.
    pub(crate) ll_misses: f64,
}

impl Caches {
    /// `accesses` are all that there were, of instructions, too.
    pub(crate) fn new(accesses: f64, l1_misses: f64, ll_misses: f64) -> Self {
        let l1_hits = accesses - l1_misses;
        let ll_hits = l1_misses - ll_misses;
        Self {
            estimated_cycles: l1_hits + 5.0 * ll_hits + 35.0 * ll_misses,
            l1_misses,
            ll_misses,
        }
    }
}

/// What so many calls allocated, all together, as DHAT counts: a `realloc` is a block of its new size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Heap {
    pub(crate) calls: u64,
    pub(crate) blocks: u64,
    pub(crate) bytes: u64,
    /// When there were most bytes at a time.
    pub(crate) max_blocks: u64,
    pub(crate) max_bytes: u64,
    /// After the last call.
    pub(crate) end_blocks: u64,
    pub(crate) end_bytes: u64,
    /// Of blocks that are left: to the end.
    pub(crate) mean_lifetime_ns: Option<f64>,
    /// DHAT's file, with all stacks. None if it could not be written.
    pub(crate) file: Option<String>,
    /// The reason why the file could not be written.
    pub(crate) not_written: Option<String>,
    pub(crate) symbols: Symbols,
    /// Blocks whose stack was not kept.
    pub(crate) without_stack: u64,
    /// Blocks that were not followed to their end.
    pub(crate) not_followed: u64,
    /// Blocks whose stack is deeper than what is kept of it.
    pub(crate) cut_stacks: u64,
    /// Blocks whose stack ends in code without unwind tables.
    pub(crate) broken_stacks: u64,
    /// All that there are.
    pub(crate) number_of_sites: usize,
    /// Those of most bytes and those of most blocks, most bytes first.
    pub(crate) sites: Vec<HeapSite>,
}

/// A place in the user's code, and what came from there in all calls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct HeapSite {
    pub(crate) function: Option<String>,
    pub(crate) file: Option<String>,
    pub(crate) line: Option<usize>,
    /// Of code without a name.
    pub(crate) address: Option<String>,
    pub(crate) blocks: u64,
    pub(crate) bytes: u64,
    pub(crate) end_bytes: u64,
    pub(crate) mean_lifetime_ns: Option<f64>,
    /// What to write instead.
    pub(crate) hint: Option<String>,
}

/// Where the time of calls goes, by samples of the stacks that they run on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sampled {
    /// In the case's function and in what it calls.
    pub(crate) samples: u64,
    /// In the loop around it, and on other threads in code that is not the user's.
    pub(crate) outside: u64,
    /// For which there was no room.
    pub(crate) lost: u64,
    /// What the calls took together.
    pub(crate) duration_s: f64,
    /// Of it, what the process spent on a CPU, on all its threads.
    pub(crate) cpu_s: f64,
    /// What all took, with the set-up of the calls.
    pub(crate) elapsed_s: f64,
    pub(crate) symbols: Symbols,
    /// The program handles the signal, too, by which samples are taken.
    pub(crate) own_handler: bool,
    /// Those of the user's own functions with the largest `self_share`, at most five.
    pub(crate) hottest: Vec<HotFunction>,
    /// The drawing's file, and that of the stacks that it is made of.
    pub(crate) flamegraph: Option<String>,
    pub(crate) folded: Option<String>,
    /// The reason why a file could not be written.
    pub(crate) not_written: Option<String>,
}

/// One of the user's functions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct HotFunction {
    pub(crate) function: String,
    pub(crate) file: Option<String>,
    /// The one that has most of its samples.
    pub(crate) line: Option<u32>,
    /// Its part of the samples, without what it calls of the user's other functions, but with what it calls of the
    /// standard library and of other crates.
    pub(crate) self_share: f64,
    /// With all that it calls.
    pub(crate) total_share: f64,
}

/// What is known of the program's functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Symbols {
    /// Their lines, and what was inlined.
    Lines,
    /// The names of those that are left when all is inlined.
    Names,
    /// Nothing: the program is stripped.
    None,
}

/// What one call may allocate; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Budget {
    pub(crate) max_allocs: Option<u64>,
    pub(crate) max_bytes: Option<u64>,
}

/// What one call works on, and what goes through in a second, on all threads together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Throughput {
    pub(crate) bytes_per_call: Option<u64>,
    pub(crate) elements_per_call: Option<u64>,
    /// Where it was timed.
    pub(crate) bytes_per_second: Option<f64>,
    pub(crate) elements_per_second: Option<f64>,
}

impl Throughput {
    /// With the rates at which calls of this time take place.
    pub(crate) fn at(self, timing: &Timing) -> Self {
        let threads = timing.threads.map_or(1, |threads| threads.count);
        let calls = threads as f64 * 1e9 / timing.time_ns.point;
        let rate = |n: u64| n as f64 * calls;
        Self {
            bytes_per_second: self.bytes_per_call.map(rate),
            elements_per_second: self.elements_per_call.map(rate),
            ..self
        }
    }
}
