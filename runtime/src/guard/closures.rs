//! Regions around a closure, for tests.

use std::panic::Location;

use super::region::Closure;
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
    let closure = Closure::open(Budget::ZERO.charge());
    let result = f();
    if let Some(excess) = closure.close() {
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
    counted(f)
}

/// [`count_allocs`], where it is known that the allocator reports.
pub(crate) fn counted<R>(f: impl FnOnce() -> R) -> (R, AllocStats) {
    let closure = Closure::open(Charge::UNLIMITED);
    let before = thread::total();
    let result = f();
    let stats = thread::total().since(before);
    // There is no limit to be over.
    let _ = closure.close();
    (result, stats)
}
