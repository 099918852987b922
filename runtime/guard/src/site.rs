//! A guarded function, as the attribute describes it.

#[cfg(feature = "profile")]
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::counts::{AllocStats, Charge};
use super::ledger::unwatched;
use super::reached;

/// What one call may allocate; `u64::MAX` is no limit.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Allocations and reallocations.
    pub max_allocs: u64,
    /// Bytes asked for.
    pub max_bytes: u64,
    /// Whether a block may be given back.
    pub deny_dealloc: bool,
    /// Whether what is exempt counts too.
    pub forbid: bool,
}

impl Budget {
    /// No limit at all.
    pub const UNLIMITED: Self = Self {
        max_allocs: u64::MAX,
        max_bytes: u64::MAX,
        deny_dealloc: false,
        forbid: false,
    };
    /// No allocation at all.
    pub const NO_ALLOC: Self = Self {
        max_allocs: 0,
        ..Self::UNLIMITED
    };

    pub(super) const fn charge(self) -> Charge {
        Charge {
            allocs: self.max_allocs,
            bytes: self.max_bytes,
            deallocs: if self.deny_dealloc { 0 } else { u64::MAX },
        }
    }

    /// What counts of an account, of which some was exempt.
    pub(super) fn counted(self, stats: AllocStats, exempt: Charge) -> Charge {
        match self.forbid {
            true => stats.charge(),
            false => stats.charge().minus(exempt),
        }
    }

    pub(super) fn is_limited(self) -> bool {
        self.max_allocs != u64::MAX || self.max_bytes != u64::MAX || self.deny_dealloc
    }
}

/// A guarded function. Of one whose budget depends on what it is generic over, there is a copy for each choice of that,
/// beside the one that is registered.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    /// The attribute's name.
    pub attribute: &'static str,
    /// The name of the package, where Cargo built it.
    pub package: Option<&'static str>,
    /// `module_path!()`.
    pub module: &'static str,
    /// `file!()`.
    pub file: &'static str,
    /// The line of the function's name.
    pub line: u32,
    /// Its column, in characters, from 1.
    pub column: u32,
    /// The path of an item inside the function, from which its own path is read.
    pub inner_path: fn() -> &'static str,
    /// What one call may allocate.
    pub budget: Budget,
    /// Calls, the first of the process, that the budget does not hold for.
    pub warmup: u64,
    /// Whether there is a budget at all.
    pub is_limited: bool,
    /// What is kept of it while the program runs.
    pub state: &'static SiteState,
    /// Whether the guard is live in the code that this describes.
    pub live: bool,
    /// Panics with a message, at the function's own place.
    pub raise: fn(&str) -> !,
}

/// What is kept of a site while the program runs.
#[derive(Debug)]
pub struct SiteState {
    /// Calls so far, while that matters.
    calls: AtomicU64,
    /// Whether it was entered, if it is a hot path.
    reached: AtomicBool,
    /// Where the profile keeps its figures.
    #[cfg(feature = "profile")]
    pub(crate) profile_index: AtomicUsize,
}

impl SiteState {
    /// In the place of an index: there is none yet.
    #[cfg(feature = "profile")]
    pub(crate) const NO_INDEX: usize = usize::MAX;

    /// No calls so far.
    #[allow(
        clippy::new_without_default,
        reason = "made in constants, where there is no default"
    )]
    pub const fn new() -> Self {
        Self {
            calls: AtomicU64::new(0),
            reached: AtomicBool::new(false),
            #[cfg(feature = "profile")]
            profile_index: AtomicUsize::new(Self::NO_INDEX),
        }
    }
}

impl Site {
    /// Whether it is a hot path.
    #[cfg(any(feature = "cases", feature = "profile"))]
    pub fn is_hot(&self) -> bool {
        self.attribute == "hot"
    }

    /// The hot path is entered: leaves its mark, the first time in this process.
    #[inline(always)]
    pub fn reach(&'static self) -> &'static Self {
        if !self.state.reached.load(Ordering::Relaxed) {
            self.reach_first();
        }
        self
    }

    #[cold]
    #[inline(never)]
    fn reach_first(&self) {
        if !self.state.reached.swap(true, Ordering::Relaxed) {
            unwatched(|| reached::record(self));
        }
    }

    /// Whether the call that begins now is free.
    #[cold]
    pub(super) fn is_warming_up(&self) -> bool {
        // The calls of a hot path are too many to count them all.
        self.state.calls.load(Ordering::Relaxed) < self.warmup
            && self.state.calls.fetch_add(1, Ordering::Relaxed) < self.warmup
    }

    /// The path of the function, its `impl` included: `my_app::parse::Parser::next`.
    pub fn path(&self) -> String {
        let inner = (self.inner_path)();
        // What is inside stands in the static of the site, which stands in the function.
        let path = inner.split("::__HOTBENCH_SITE").next().unwrap_or(inner);
        // Where the guard is not live, in a constant without a name.
        let path = path.strip_suffix("::_").unwrap_or(path);
        // The body of an async function is a closure in it.
        path.trim_end_matches("::{{closure}}").to_owned()
    }
}

/// A registered site.
#[derive(Debug)]
pub struct SiteEntry(pub &'static Site);

inventory::collect!(SiteEntry);
