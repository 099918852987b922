//! Regions around a closure, for tests.

use std::panic::Location;

use super::region::{Closure, Excess, Exempt};
use super::site::Budget;
use super::thread::{self, AllocStats, Charge};
use super::{proof, report};

/// Runs `f`, in which nothing may be allocated.
///
/// Exists only with the feature `guard`, so that it can't pass by being inert; it holds in every
/// profile.
///
/// # Panics
///
/// If `f` allocates: with a report of where. If the program's allocator is not
/// [`hotbench::Alloc`](crate::Alloc).
///
/// ```
/// let mut line = String::with_capacity(16);
/// hotbench::assert_no_alloc(|| line.push_str("GET /"));
/// ```
#[track_caller]
pub fn assert_no_alloc<R>(f: impl FnOnce() -> R) -> R {
    if let Err(message) = proof::prove() {
        panic!("{message}");
    }
    let caller = Location::caller();
    let (result, _, excess) = within(Budget::ZERO.charge(), f);
    if let Some(excess) = excess {
        let message = thread::unwatched(|| report::closure(caller, &excess));
        panic!("{message}");
    }
    result
}

/// Runs `f` and counts what it allocates on this thread, exempt or not.
///
/// # Panics
///
/// If the program's allocator is not [`hotbench::Alloc`](crate::Alloc).
///
/// ```
/// let (sum, stats) = hotbench::count_allocs(|| vec![1_u64, 2, 3].iter().sum::<u64>());
/// assert_eq!(sum, 6);
/// assert_eq!((stats.allocs, stats.bytes), (1, 24));
/// ```
#[track_caller]
pub fn count_allocs<R>(f: impl FnOnce() -> R) -> (R, AllocStats) {
    if let Err(message) = proof::prove() {
        panic!("{message}");
    }
    let (result, stats, _) = within(Charge::UNLIMITED, f);
    (result, stats)
}

/// Runs `f` exempt from the regions around it. Out of line: it has no part in a timed run.
#[cold]
pub(crate) fn exempt<R>(f: impl FnOnce() -> R) -> R {
    let _exempt = Exempt::enter();
    f()
}

/// Runs `f`, counts what it allocates, and holds it against `limit`.
pub(super) fn within<R>(limit: Charge, f: impl FnOnce() -> R) -> (R, AllocStats, Option<Excess>) {
    let closure = Closure::open(limit);
    let before = thread::total();
    let result = f();
    let stats = thread::total().since(before);
    (result, stats, closure.close())
}

/// Runs one call of a case. The report is there where the call is over `budget`.
#[cfg(feature = "harness")]
pub(crate) fn call<R>(
    budget: &CaseBudget<'_>,
    f: impl FnOnce() -> R,
) -> (R, AllocStats, Option<String>) {
    let (result, stats, excess) = within(budget.budget.charge(), f);
    let report = excess.map(|excess| thread::unwatched(|| report::case(budget, &excess)));
    (result, stats, report)
}

/// What one call of a case may allocate, and what a report says of the case.
#[cfg(feature = "harness")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct CaseBudget<'a> {
    pub(crate) id: &'a str,
    pub(crate) function: &'a str,
    pub(crate) file: &'a str,
    pub(crate) line: u32,
    pub(crate) budget: Budget,
}
