//! What the profile asks of the guard: that the allocations of a thread are counted while it is in
//! `#[hot]` functions, and how many there have been.

use std::mem::ManuallyDrop;
use std::pin::Pin;

use super::ledger;
use super::region::{Owner, Region};

thread_local! {
    /// The region in which nothing is held to anything. Constant and without a destructor, as the
    /// list of regions is that it is in.
    static WATCH: ManuallyDrop<Region<'static>> =
        const { ManuallyDrop::new(Region::new(Owner::Profile)) };
}

/// What this thread has allocated in regions: a running total, whose differences count.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Totals {
    pub(crate) allocs: u64,
    pub(crate) bytes: u64,
}

impl Totals {
    /// What has come since. The totals may have begun anew.
    #[inline(always)]
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            allocs: self.allocs.saturating_sub(earlier.allocs),
            bytes: self.bytes.saturating_sub(earlier.bytes),
        }
    }
}

/// Has allocations counted, and returns whether they were not so before: then they are until
/// [`unwatch`].
#[inline(always)]
pub(crate) fn watch() -> bool {
    if ledger::is_watched() {
        return false;
    }
    WATCH.with(|region| {
        // SAFETY: a thread-local stays where it is.
        unsafe { Pin::new_unchecked(&**region) }.link();
    });
    true
}

#[inline(always)]
pub(crate) fn unwatch() {
    WATCH.with(|region| region.unlink_unjudged());
}

#[inline(always)]
pub(crate) fn totals() -> Totals {
    ledger::totals()
}
