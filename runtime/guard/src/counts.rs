//! What is counted, and what may be.

/// What a piece of code asked of the allocator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cases", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct AllocStats {
    /// Calls that asked for memory: `alloc`, `alloc_zeroed` and `realloc`.
    pub allocs: u64,
    /// Of [`allocs`](Self::allocs), the calls of `realloc`.
    pub reallocs: u64,
    /// Calls that gave memory back.
    pub deallocs: u64,
    /// Bytes asked for, granted or not: the size of each new block, and what each `realloc` added to
    /// its block.
    pub bytes: u64,
}

impl AllocStats {
    pub(super) const ZERO: Self = Self {
        allocs: 0,
        reallocs: 0,
        deallocs: 0,
        bytes: 0,
    };

    pub(super) fn charge(self) -> Charge {
        Charge {
            allocs: self.allocs,
            bytes: self.bytes,
            deallocs: self.deallocs,
        }
    }
}

impl std::ops::AddAssign for AllocStats {
    fn add_assign(&mut self, other: Self) {
        self.allocs += other.allocs;
        self.reallocs += other.reallocs;
        self.deallocs += other.deallocs;
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

impl std::ops::Sub for AllocStats {
    type Output = Self;

    // A panic hook that enters regions may have begun the totals anew.
    fn sub(self, earlier: Self) -> Self {
        Self {
            allocs: self.allocs.saturating_sub(earlier.allocs),
            reallocs: self.reallocs.saturating_sub(earlier.reallocs),
            deallocs: self.deallocs.saturating_sub(earlier.deallocs),
            bytes: self.bytes.saturating_sub(earlier.bytes),
        }
    }
}

/// Which of the allocator's methods was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `alloc`.
    Alloc,
    /// `alloc_zeroed`.
    AllocZeroed,
    /// `realloc`.
    Realloc,
    /// `dealloc`.
    Dealloc,
}

/// What has been used of a budget, or may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Charge {
    pub(crate) allocs: u64,
    pub(crate) bytes: u64,
    pub(crate) deallocs: u64,
}

impl Charge {
    pub(super) const NONE: Self = Self {
        allocs: 0,
        bytes: 0,
        deallocs: 0,
    };
    pub(super) const UNLIMITED: Self = Self {
        allocs: u64::MAX,
        bytes: u64::MAX,
        deallocs: u64::MAX,
    };

    pub(super) fn plus(self, other: Self) -> Self {
        self.zip(other, u64::saturating_add)
    }

    /// Not below zero: what is left of a limit that has been passed.
    pub(super) fn minus(self, other: Self) -> Self {
        self.zip(other, u64::saturating_sub)
    }

    pub(super) fn at_most(self, other: Self) -> Self {
        self.zip(other, u64::min)
    }

    pub(super) fn exceeds(self, limit: Self) -> bool {
        self.allocs > limit.allocs || self.bytes > limit.bytes || self.deallocs > limit.deallocs
    }

    pub(super) fn map(self, f: impl Fn(u64) -> u64) -> Self {
        Self {
            allocs: f(self.allocs),
            bytes: f(self.bytes),
            deallocs: f(self.deallocs),
        }
    }

    fn zip(self, other: Self, f: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            allocs: f(self.allocs, other.allocs),
            bytes: f(self.bytes, other.bytes),
            deallocs: f(self.deallocs, other.deallocs),
        }
    }
}
