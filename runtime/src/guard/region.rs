//! Regions: from the entry of a guarded function to its exit.

use std::marker::PhantomData;

use super::record::{self, Record};
use super::site::Site;
use super::thread::{self, Charge, Saved};
use super::{proof, report};

/// A stretch of a thread's run that is held to a limit.
#[derive(Debug)]
pub(super) struct Bounds {
    limit: Charge,
    saved: Saved,
    records: record::Mark,
}

/// What a stretch allocated, where that was more than its limit.
pub(super) struct Excess {
    pub(super) used: Charge,
    /// The allocations past the limit, one record for each distinct stack.
    pub(super) records: Vec<Record>,
}

impl Bounds {
    // Inlined always: see `thread::enter`.
    #[inline(always)]
    pub(super) fn open(limit: Charge) -> Self {
        Self {
            limit,
            records: record::open(),
            saved: thread::enter(limit),
        }
    }

    /// Ends the stretch. A thread that unwinds is not judged.
    #[inline]
    pub(super) fn close(&self) -> Option<Excess> {
        let used = thread::leave(self.saved);
        let excess = used.exceeds(self.limit).then(|| self.excess(used));
        record::close(self.records, self.saved.is_outermost());
        excess.flatten()
    }

    #[cold]
    fn excess(&self, used: Charge) -> Option<Excess> {
        if std::thread::panicking() {
            return None;
        }
        let records = thread::unwatched(|| record::since(self.records));
        Some(Excess { used, records })
    }
}

/// An active region of a function. Its drop is the function's exit, and fails where the budget is
/// exceeded.
#[derive(Debug)]
#[must_use = "the region ends where it is dropped"]
pub struct Region {
    site: &'static Site,
    bounds: Bounds,
    /// A region belongs to the thread that entered it.
    thread: PhantomData<*const ()>,
}

impl Region {
    /// Enters the region of `site`.
    ///
    /// # Panics
    ///
    /// If the program's allocator does not report to the guard.
    // Inlined always: see `thread::enter`.
    #[inline(always)]
    pub fn enter(site: &'static Site) -> Self {
        if !proof::is_proven()
            && let Err(message) = proof::prove()
        {
            (site.raise)(message);
        }
        Self {
            site,
            bounds: Bounds::open(site.budget.charge()),
            thread: PhantomData,
        }
    }
}

impl Drop for Region {
    #[inline]
    fn drop(&mut self) {
        if let Some(excess) = self.bounds.close() {
            fail(self.site, &excess);
        }
    }
}

#[cold]
#[inline(never)]
fn fail(site: &Site, excess: &Excess) -> ! {
    let message = thread::unwatched(|| report::function(site, excess));
    (site.raise)(&message)
}

/// Bounds that are closed, unjudged, where the code in them unwinds.
pub(super) struct Closure(Bounds);

impl Closure {
    // Inlined always: see `thread::enter`.
    #[inline(always)]
    pub(super) fn open(limit: Charge) -> Self {
        Self(Bounds::open(limit))
    }

    pub(super) fn close(self) -> Option<Excess> {
        std::mem::ManuallyDrop::new(self).0.close()
    }
}

impl Drop for Closure {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// An exemption: what is allocated until it is dropped counts against no region around it.
#[derive(Debug)]
#[must_use = "the exemption ends where it is dropped"]
pub struct Exempt {
    saved: Saved,
    thread: PhantomData<*const ()>,
}

impl Exempt {
    /// Begins the exemption.
    #[inline]
    pub fn enter() -> Self {
        Self {
            saved: thread::enter_exempt(),
            thread: PhantomData,
        }
    }
}

impl Drop for Exempt {
    #[inline]
    fn drop(&mut self) {
        thread::leave_exempt(self.saved);
    }
}
