//! What one thread knows of its active regions: counters, and the limits that they may not pass.

use std::cell::Cell;

use super::record;

/// What a piece of code asked of the allocator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "harness", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct AllocStats {
    /// Calls that asked for memory: `alloc`, `alloc_zeroed` and `realloc`.
    pub allocs: u64,
    /// Of [`allocs`](Self::allocs), the calls of `realloc`.
    pub reallocs: u64,
    /// Calls that gave memory back.
    pub deallocs: u64,
    /// Bytes asked for: the size of each new block, and what each `realloc` added to its block.
    pub bytes: u64,
}

impl AllocStats {
    /// What has been counted between `earlier` and now.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            allocs: self.allocs - earlier.allocs,
            reallocs: self.reallocs - earlier.reallocs,
            deallocs: self.deallocs - earlier.deallocs,
            bytes: self.bytes - earlier.bytes,
        }
    }
}

#[cfg(feature = "harness")]
impl std::ops::AddAssign for AllocStats {
    fn add_assign(&mut self, other: Self) {
        self.allocs += other.allocs;
        self.reallocs += other.reallocs;
        self.deallocs += other.deallocs;
        self.bytes += other.bytes;
    }
}

/// Which of the allocator's methods was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Alloc,
    AllocZeroed,
    Realloc,
}

/// Allocations and bytes, either used up or allowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Charge {
    pub(super) allocs: u64,
    pub(super) bytes: u64,
}

impl Charge {
    pub(super) const NONE: Self = Self {
        allocs: 0,
        bytes: 0,
    };
    pub(super) const UNLIMITED: Self = Self {
        allocs: u64::MAX,
        bytes: u64::MAX,
    };

    pub(super) fn since(self, earlier: Self) -> Self {
        Self {
            allocs: self.allocs - earlier.allocs,
            bytes: self.bytes - earlier.bytes,
        }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            allocs: self.allocs.saturating_add(other.allocs),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }

    pub(super) fn at_most(self, other: Self) -> Self {
        Self {
            allocs: self.allocs.min(other.allocs),
            bytes: self.bytes.min(other.bytes),
        }
    }

    pub(super) fn exceeds(self, limit: Self) -> bool {
        self.allocs > limit.allocs || self.bytes > limit.bytes
    }
}

/// The state of a thread. Its counters only ever grow, so that a region's share is a difference,
/// and what happens in an inner region is part of every outer one.
struct Thread {
    /// Whether any region is active: the one thing that the allocator's fast path reads.
    watched: Cell<bool>,
    total: Cell<AllocStats>,
    /// What counts against budgets: everything but what was exempt.
    charged: Cell<Charge>,
    /// The value of `charged` past which the tightest of the active regions is broken.
    limit: Cell<Charge>,
    /// The stack's address where the innermost region was entered.
    stack: Cell<usize>,
}

thread_local! {
    // Constant and without a destructor, so that it can be read at any time of a thread's life,
    // for the price of one load.
    static THREAD: Thread = const {
        Thread {
            watched: Cell::new(false),
            total: Cell::new(AllocStats { allocs: 0, reallocs: 0, deallocs: 0, bytes: 0 }),
            charged: Cell::new(Charge::NONE),
            limit: Cell::new(Charge::UNLIMITED),
            stack: Cell::new(usize::MAX),
        }
    };
}

/// What a region puts back when it is left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Saved {
    watched: bool,
    charged: Charge,
    limit: Charge,
    stack: usize,
}

impl Saved {
    /// Whether no other region was active.
    pub(super) fn is_outermost(self) -> bool {
        !self.watched
    }
}

#[inline]
pub(crate) fn is_watched() -> bool {
    THREAD.with(|thread| thread.watched.get())
}

/// Turns counting on, with `budget` from here, or with what is left of an outer region's.
///
/// Inlined without optimisation too, and so are its callers: the address of `here` tells the frames
/// of the region from those around it, so it must lie in the frame of the function that is guarded.
#[inline(always)]
pub(super) fn enter(budget: Charge) -> Saved {
    let here = 0_u8;
    THREAD.with(|thread| {
        let charged = thread.charged.get();
        let saved = Saved {
            watched: thread.watched.replace(true),
            charged,
            limit: thread.limit.get(),
            stack: thread.stack.replace(&raw const here as usize),
        };
        thread.limit.set(saved.limit.at_most(charged.plus(budget)));
        saved
    })
}

/// Lifts every limit until [`leave_exempt`].
#[inline]
pub(super) fn enter_exempt() -> Saved {
    THREAD.with(|thread| Saved {
        watched: thread.watched.get(),
        charged: thread.charged.get(),
        limit: thread.limit.replace(Charge::UNLIMITED),
        stack: thread.stack.get(),
    })
}

/// Puts back what [`enter`] replaced; returns what was charged since.
#[inline]
pub(super) fn leave(saved: Saved) -> Charge {
    THREAD.with(|thread| {
        thread.watched.set(saved.watched);
        thread.limit.set(saved.limit);
        thread.stack.set(saved.stack);
        thread.charged.get().since(saved.charged)
    })
}

/// Puts back what [`enter_exempt`] replaced, as if nothing had been charged since.
#[inline]
pub(super) fn leave_exempt(saved: Saved) {
    THREAD.with(|thread| {
        thread.limit.set(saved.limit);
        thread.charged.set(saved.charged);
    });
}

/// Everything counted on this thread while it was watched.
#[inline]
pub(crate) fn total() -> AllocStats {
    THREAD.with(|thread| thread.total.get())
}

/// Runs `f` unseen by the guard: the guard's own work.
pub(super) fn unwatched<R>(f: impl FnOnce() -> R) -> R {
    THREAD.with(|thread| {
        let watched = thread.watched.replace(false);
        let result = f();
        thread.watched.set(watched);
        result
    })
}

/// The allocator's slow path: counts, and records where it came from if a limit is passed.
pub(crate) fn allocated(operation: Operation, bytes: usize) {
    // A panic allocates, and it is the panic that the user must see.
    if std::thread::panicking() {
        return;
    }
    let bytes = bytes as u64;
    THREAD.with(|thread| {
        let mut total = thread.total.get();
        total.allocs += 1;
        total.bytes += bytes;
        if operation == Operation::Realloc {
            total.reallocs += 1;
        }
        thread.total.set(total);

        let charged = thread.charged.get().plus(Charge { allocs: 1, bytes });
        thread.charged.set(charged);
        if charged.exceeds(thread.limit.get()) {
            unwatched(|| record::record(operation, bytes, thread.stack.get()));
        }
    });
}

/// The allocator's slow path for a block that is given back.
pub(crate) fn deallocated() {
    THREAD.with(|thread| {
        let mut total = thread.total.get();
        total.deallocs += 1;
        thread.total.set(total);
    });
}
