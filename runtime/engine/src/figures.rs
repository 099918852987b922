//! What is measured of a case: written by engines, read by reports. The fields are those of the JSON document.

#![allow(missing_docs, reason = "docs/report-schema.md says what each field is")]

use hotbench_guard::AllocStats;
use serde::{Deserialize, Serialize};

/// The time of one call, in nanoseconds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Timing {
    /// The figure for the table: the slope where there is one, else the mean.
    pub time_ns: Estimate,
    pub mean_ns: Estimate,
    pub median_ns: Estimate,
    pub standard_deviation_ns: Estimate,
    pub confidence_level: f64,
    pub samples: usize,
    /// Of the samples, those beyond Tukey's upper fence: the third quartile and 1.5 interquartile ranges.
    pub slow_outliers: usize,
    /// In all samples together.
    pub iterations: u64,
    /// Where the case is called on several, which are timed from the first one's start to the last one's end.
    pub threads: Option<ThreadTimes>,
    /// Why it may be that nothing was timed.
    pub optimised_away: Option<Elision>,
}

/// The times of a handful of calls, of which nothing is estimated.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SingleCalls {
    /// In the order of the calls, in nanoseconds.
    pub each_ns: Vec<f64>,
    pub median_ns: f64,
    pub min_ns: f64,
    pub max_ns: f64,
}

impl SingleCalls {
    /// Of at least one call.
    pub fn of(each_ns: Vec<f64>) -> Self {
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
pub struct ThreadTimes {
    pub count: usize,
    /// Of all threads.
    pub mean_ns: f64,
}

/// A sign that the compiler has removed the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Elision {
    /// A call takes no longer than a turn of an empty loop: a cycle.
    NoLongerThanEmptyLoop,
    /// Many calls take no longer than few.
    TimeDoesNotGrow,
}

/// A figure with its bootstrap confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    pub point: f64,
    pub lower: f64,
    pub upper: f64,
}

impl Estimate {
    /// Half of the interval, as a part of the figure.
    pub fn relative_half_width(&self) -> f64 {
        (self.upper - self.lower) / 2.0 / self.point
    }
}

/// What one call allocated, from entry to return: the mean of so many calls.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Allocations {
    pub calls: u32,
    /// `alloc`, `alloc_zeroed` and `realloc`.
    pub allocs: f64,
    /// Of these, the calls of `realloc`.
    pub reallocs: f64,
    pub deallocs: f64,
    pub bytes: f64,
    /// The fewest and the most of these calls, if other threads made them differ. None if the figures are exact.
    pub varies: Option<Varies>,
}

/// Allocations of which no two runs have to agree, since threads share the work as they come.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Varies {
    pub allocs: [f64; 2],
    pub bytes: [f64; 2],
}

impl Varies {
    /// Whether a figure is within what these calls allocated.
    pub fn includes([least, most]: [f64; 2], figure: f64) -> bool {
        (least..=most).contains(&figure)
    }
}

impl Allocations {
    pub fn of(total: AllocStats, calls: u32, varies: Option<Varies>) -> Self {
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
pub struct Instructions {
    /// So many were counted.
    pub calls: u64,
    pub per_call: f64,
    /// By which part of it two counts of different calls differ.
    pub spread: f64,
    /// These agree to 0.1 %. Where they don't, calls differ.
    pub exact: bool,
    /// Where they were simulated.
    pub caches: Option<Caches>,
}

/// What one call does to the caches that Callgrind simulates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Caches {
    /// An access that the first level has counts 1, one that the last has 5, and one to memory 35: the weights
    /// that `cachegrind` benchmarks have used since Itamar Turner-Trauring's "CI for performance" (2020).
    pub estimated_cycles: f64,
    /// Of instructions and of data.
    pub l1_misses: f64,
    /// Of the last level.
    pub ll_misses: f64,
}

impl Caches {
    /// `accesses` are all that there were, of instructions, too.
    pub fn new(accesses: f64, l1_misses: f64, ll_misses: f64) -> Self {
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
pub struct Heap {
    pub calls: u64,
    pub blocks: u64,
    pub bytes: u64,
    /// When there were most bytes at a time.
    pub max_blocks: u64,
    pub max_bytes: u64,
    /// After the last call.
    pub end_blocks: u64,
    pub end_bytes: u64,
    /// Of blocks that are left: to the end.
    pub mean_lifetime_ns: Option<f64>,
    /// DHAT's file, with all stacks. None if it could not be written.
    pub file: Option<String>,
    /// The reason why the file could not be written.
    pub not_written: Option<String>,
    pub symbols: Symbols,
    /// Blocks whose stack was not kept.
    pub without_stack: u64,
    /// Blocks that were not followed to their end.
    pub not_followed: u64,
    /// Blocks whose stack is deeper than what is kept of it.
    pub cut_stacks: u64,
    /// Blocks whose stack ends in code without unwind tables.
    pub broken_stacks: u64,
    /// All that there are.
    pub number_of_sites: usize,
    /// Those of most bytes and those of most blocks, most bytes first.
    pub sites: Vec<HeapSite>,
}

/// A place in the user's code, and what came from there in all calls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeapSite {
    pub function: Option<String>,
    pub file: Option<String>,
    pub line: Option<usize>,
    /// Of code without a name.
    pub address: Option<String>,
    pub blocks: u64,
    pub bytes: u64,
    pub end_bytes: u64,
    pub mean_lifetime_ns: Option<f64>,
    /// What to write instead.
    pub hint: Option<String>,
}

/// Where the time of calls goes, by samples of the stacks that they run on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sampled {
    /// In the case's function and in what it calls.
    pub samples: u64,
    /// In the loop around it, and on other threads in code that is not the user's.
    pub outside: u64,
    /// For which there was no room.
    pub lost: u64,
    /// What the calls took together.
    pub duration_s: f64,
    /// Of it, what the process spent on a CPU, on all its threads.
    pub cpu_s: f64,
    /// What all took, with the set-up of the calls.
    pub elapsed_s: f64,
    pub symbols: Symbols,
    /// The program handles the signal, too, by which samples are taken.
    pub own_handler: bool,
    /// Those of the user's own functions with the largest `self_share`, at most five.
    pub hottest: Vec<HotFunction>,
    /// The drawing's file, and that of the stacks that it is made of.
    pub flamegraph: Option<String>,
    pub folded: Option<String>,
    /// The reason why a file could not be written.
    pub not_written: Option<String>,
}

/// One of the user's functions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HotFunction {
    pub function: String,
    pub file: Option<String>,
    /// The one that has most of its samples.
    pub line: Option<u32>,
    /// Its part of the samples, without what it calls of the user's other functions, but with what it calls of the
    /// standard library and of other crates.
    pub self_share: f64,
    /// With all that it calls.
    pub total_share: f64,
}

/// What is known of the program's functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Symbols {
    /// Their lines, and what was inlined.
    Lines,
    /// The names of those that are left when all is inlined.
    Names,
    /// Nothing: the program is stripped.
    None,
}

/// What one call may allocate; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    pub max_allocs: Option<u64>,
    pub max_bytes: Option<u64>,
}

/// What one call works on, and what goes through in a second, on all threads together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Throughput {
    pub bytes_per_call: Option<u64>,
    pub elements_per_call: Option<u64>,
    /// Where it was timed.
    pub bytes_per_second: Option<f64>,
    pub elements_per_second: Option<f64>,
}

impl Throughput {
    /// With the rates at which calls of this time take place.
    pub fn at(self, timing: &Timing) -> Self {
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
