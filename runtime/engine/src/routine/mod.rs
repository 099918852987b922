//! What a case measures, in the forms that every engine can drive.

mod asynchronous;
mod batches;
mod kept;
mod meter;
mod plain;
mod threads;

use std::hint::black_box;
use std::ops::AddAssign;
use std::time::{Duration, Instant};

pub(crate) use asynchronous::Async;
pub(crate) use kept::Kept;
pub(crate) use meter::{Meter, Off, Stopwatch};
pub(crate) use plain::{Batched, BatchedRef, Custom, Plain};
pub(crate) use threads::{SideBySide, on_threads};

use batches::in_batches;
use serde::{Deserialize, Serialize};

use hotbench_guard::{AllocStats, Called, CaseBudget};

/// A routine with its set-up. Object-safe, so that engines and routines don't multiply; the loop
/// inside each method is monomorphic.
pub(crate) trait Routine {
    /// Runs the loop of one of Criterion's samples.
    fn sample(&mut self, bencher: &mut criterion::Bencher<'_>);

    /// Runs so often, on each thread of a case that has several, in one batch, with the meter on for the calls.
    fn batch(&mut self, calls: u64, meter: &mut dyn Meter);

    /// Runs so often, on each thread of a case that has several, and counts what the calls allocate from
    /// entry to return.
    fn count(&mut self, calls: Calls, budget: &CaseBudget<'_>) -> Counted;

    /// What the threads took, where there are several.
    fn side_by_side(&self) -> Option<SideBySide<'_>> {
        None
    }
}

/// How often a routine is called.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Calls {
    /// Before the count: what is initialised at first use is no cost of a call.
    pub warm_up: u32,
    /// The number of counted calls.
    pub counted: u32,
}

/// Of calls that take longer, one is counted: the others would be waited for.
pub(crate) const SLOW: Duration = Duration::from_secs(2);

impl Calls {
    /// Calls, and adds up what was counted. Calls that take seconds are fewer.
    fn run(self, call: &mut dyn FnMut() -> Counted) -> Counted {
        let start = Instant::now();
        for _ in 0..self.warm_up {
            call();
        }
        let counted = match start.elapsed() > SLOW * self.warm_up.max(1) {
            true => self.counted.min(1),
            false => self.counted,
        };
        let mut all = Counted::default();
        for _ in 0..counted {
            all += call();
        }
        all
    }
}

/// What calls allocated, and the report of the first that was over its budget.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    pub(crate) calls: u32,
    pub(crate) total: AllocStats,
    /// Whether other threads than those that call had a part in it.
    pub(crate) elsewhere: bool,
    /// The fewest and the most that a call allocated. None if calls ran side by side with threads of their own.
    pub(crate) extremes: Option<Extremes>,
    pub(crate) over_budget: Option<String>,
}

/// The fewest and the most of some calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extremes {
    pub(crate) allocs: [u64; 2],
    pub(crate) bytes: [u64; 2],
}

impl Extremes {
    fn of(stats: AllocStats) -> Self {
        Self {
            allocs: [stats.allocs; 2],
            bytes: [stats.bytes; 2],
        }
    }

    fn and(self, other: Self) -> Self {
        let both = |a: [u64; 2], b: [u64; 2]| [a[0].min(b[0]), a[1].max(b[1])];
        Self {
            allocs: both(self.allocs, other.allocs),
            bytes: both(self.bytes, other.bytes),
        }
    }
}

impl Counted {
    /// Adds what threads have allocated besides those that called, side by side.
    fn add_side_by_side(&mut self, called: Called) {
        self.total = called.stats;
        if called.elsewhere != AllocStats::default() {
            self.elsewhere = true;
            // Whose call it belongs to is unknown.
            self.extremes = None;
        }
        self.over_budget = self.over_budget.take().or(called.report);
    }
}

impl AddAssign for Counted {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.total += other.total;
        self.elsewhere |= other.elsewhere;
        self.extremes = match (self.extremes, other.extremes) {
            (Some(one), Some(other)) => Some(one.and(other)),
            (one, other) => one.or(other),
        };
        self.over_budget = self.over_budget.take().or(other.over_budget);
    }
}

/// One call.
fn call<O>(
    budget: &CaseBudget<'_>,
    check: &mut Option<impl FnOnce(&O)>,
    routine: impl FnOnce() -> O,
) -> Counted {
    let mut routine = Some(routine);
    let mut output = None;
    let called = counted(budget, &mut || {
        output = routine.take().map(|routine| routine());
    });
    ended((output, called), check)
}

/// Counts one call. Not generic, so that it is compiled once.
fn counted(budget: &CaseBudget<'_>, call: &mut dyn FnMut()) -> Called {
    let ((), called) = hotbench_guard::call(budget, call);
    called
}

/// The end of a call whose output is there: it is checked, and dropped where nothing is counted.
fn ended<O>((output, called): (Option<O>, Called), check: &mut Option<impl FnOnce(&O)>) -> Counted {
    if let (Some(output), Some(check)) = (&output, check.take()) {
        check(output);
    }
    black_box(output);
    Counted::from(called)
}

impl From<Called> for Counted {
    fn from(called: Called) -> Self {
        Self {
            calls: 1,
            total: called.stats,
            elsewhere: called.elsewhere != AllocStats::default(),
            extremes: Some(Extremes::of(called.stats)),
            over_budget: called.report,
        }
    }
}

/// Runs a sample of Criterion's as one batch. Not generic, so that it is compiled once.
fn sample_by_one_batch(routine: &mut dyn Routine, bencher: &mut criterion::Bencher<'_>) {
    bencher.iter_custom(|iterations| Stopwatch::time(routine, iterations));
}

/// Runs a sample of Criterion's as several batches of `size(iterations)` calls. Not generic, so that it is compiled once.
fn sample_by_batches(
    routine: &mut dyn Routine,
    bencher: &mut criterion::Bencher<'_>,
    size: &dyn Fn(u64) -> u64,
) {
    bencher.iter_custom(|iterations| {
        in_batches(iterations, size(iterations), |calls| {
            Stopwatch::time(routine, calls)
        })
    });
}
