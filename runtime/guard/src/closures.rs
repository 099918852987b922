//! Regions around a closure, for tests.

use std::panic::Location;
use std::pin::pin;

use super::counts::AllocStats;
#[cfg(feature = "cases")]
use super::elsewhere::Window;
use super::policy;
use super::region::{Owner, Region};
use super::report::{self, Subject};
#[cfg(feature = "cases")]
use super::settle::Excess;
use super::shared::Carried;
#[cfg(feature = "cases")]
use super::shared::Part;
use super::site::Budget;
use super::unobserved::Failing;

/// Holds `f` to no allocation at all; `hotbench` documents it.
#[track_caller]
pub fn assert_no_alloc<R>(f: impl FnOnce() -> R) -> R {
    let judged = policy::judges().unwrap_or_else(|message| panic!("{message}"));
    if !judged {
        return f();
    }
    let caller = Location::caller();
    let region = pin!(Region::new(Owner::Closure(caller)));
    region.as_ref().link();
    let result = f();
    let report = region.close(|settled| {
        let excess = settled.excess?;
        let _failing = Failing::begin();
        let report = report::render(Subject::Closure(caller), &excess).report?;
        policy::raises(&report).then_some(report)
    });
    if let Some(report) = report.flatten() {
        panic!("{report}");
    }
    result
}

/// Counts what `f` allocates; `hotbench` documents it.
#[track_caller]
pub fn count_allocs<R>(f: impl FnOnce() -> R) -> (R, AllocStats) {
    if let Err(message) = policy::judges() {
        panic!("{message}");
    }
    let region = pin!(Region::new(Owner::Count));
    region.as_ref().link();
    let result = f();
    let stats = region.close(|settled| settled.stats);
    (result, stats.unwrap_or_default())
}

/// Runs `f` exempt from the regions around it. Out of line: it has no part in a timed run.
#[cold]
pub fn exempt<R>(f: impl FnOnce() -> R) -> R {
    let region = pin!(Region::exempt());
    region.as_ref().enter();
    f()
}

/// Runs `f` as part of the region that was handed on, if there was one.
#[inline]
pub fn run_carried<R>(carried: Option<&Carried>, f: impl FnOnce() -> R) -> R {
    let Some(carried) = carried else { return f() };
    let region = pin!(Region::new(Owner::Carried(carried)));
    region.as_ref().link();
    f()
}

/// The allocations of one call of a case, or of calls on several threads together.
#[cfg(feature = "cases")]
#[derive(Debug, Default)]
pub struct Called {
    /// All of them.
    pub stats: AllocStats,
    /// Those of them that other threads than the case's own made.
    pub elsewhere: AllocStats,
    /// The report of a call that is over its budget.
    pub report: Option<String>,
}

/// Runs one call of a case, which covers all threads of the process.
#[cfg(feature = "cases")]
pub fn call<R>(budget: &CaseBudget<'_>, f: impl FnOnce() -> R) -> (R, Called) {
    let region = pin!(Region::new(Owner::Case(budget)));
    let window = Window::open(budget.budget.is_limited());
    region.as_ref().link();
    let result = f();
    let called = account(region.as_ref(), budget, window.close());
    (result, called)
}

/// Runs one call of a case that other threads call at the same time: it covers this thread alone.
#[cfg(feature = "cases")]
pub fn call_on_this_thread<R>(budget: &CaseBudget<'_>, f: impl FnOnce() -> R) -> (R, Called) {
    let region = pin!(Region::new(Owner::Case(budget)));
    region.as_ref().link();
    let result = f();
    let called = account(region.as_ref(), budget, Part::EMPTY);
    (result, called)
}

/// Opens the window for calls on several threads.
#[cfg(feature = "cases")]
pub fn begin_side_by_side(budget: &CaseBudget<'_>) -> Window {
    Window::open(budget.budget.is_limited())
}

/// Adds what threads besides those that call have allocated meanwhile. Whose call it belongs to is unknown, so the
/// mean of `calls` is held to the budget.
#[cfg(feature = "cases")]
pub fn end_side_by_side(
    window: Window,
    budget: &CaseBudget<'_>,
    own: AllocStats,
    calls: u32,
) -> Called {
    let part = window.close();
    let elsewhere = part.stats;
    let mut stats = own;
    stats += elsewhere;
    let per_call = |n: u64| n.div_ceil(u64::from(calls.max(1)));
    let used = budget.budget.counted(stats, part.exempt).map(per_call);
    let is_over = elsewhere.allocs > 0 && used.exceeds(budget.budget.charge());
    let report = is_over.then(|| {
        let excess = Excess {
            used,
            before: used.allocs,
            records: part.records,
            around: Vec::new(),
            late: false,
            out_of_memory: false,
        };
        report::render(Subject::Case(budget), &excess).report
    });
    let report = report.flatten();
    Called {
        stats,
        elsewhere,
        report,
    }
}

/// Runs one call of an async function as [`call`] does, from its first poll to its last, whatever its thread does in
/// between.
///
/// For a future that is polled on one thread alone, which in between leaves all regions that it enters:
/// what a `block_on` is given. The tasks that it polls meanwhile are guarded by poll.
#[cfg(feature = "cases")]
pub async fn call_future<F: Future>(budget: &CaseBudget<'_>, future: F) -> (F::Output, Called) {
    let region = pin!(Region::new(Owner::Case(budget)));
    let window = Window::open(budget.budget.is_limited());
    region.as_ref().link();
    let result = future.await;
    let called = account(region.as_ref(), budget, window.close());
    (result, called)
}

#[cfg(feature = "cases")]
fn account(region: std::pin::Pin<&Region<'_>>, budget: &CaseBudget<'_>, part: Part) -> Called {
    let elsewhere = part.stats;
    region.add(part);
    let settled = region.close(|settled| {
        let report = |excess| report::render(Subject::Case(budget), &excess).report;
        (settled.stats, settled.excess.and_then(report))
    });
    let (stats, report) = settled.unwrap_or_default();
    Called {
        stats,
        elsewhere,
        report,
    }
}

/// What one call of a case may allocate, and what a report says of the case.
#[derive(Debug, Clone, Copy)]
pub struct CaseBudget<'a> {
    /// The case's id, its value of a sweep included.
    pub id: &'a str,
    /// The function's name.
    pub function: &'static str,
    /// As `file!()` has it.
    pub file: &'static str,
    /// The line of the function's name.
    pub line: u32,
    /// Its column, in characters, from 1.
    pub column: u32,
    /// What one call may allocate.
    pub budget: Budget,
    /// True if the attribute has `no_alloc` for `max_allocs = 0`.
    pub no_alloc: bool,
}
