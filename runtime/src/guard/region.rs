//! Regions: stretches of a thread's run whose allocations are counted and held to a limit.
//!
//! A region is a link of its thread's list of active ones, and lives in the stack frame of the
//! function that it guards. Entering one and leaving it moves a pointer; its account is opened by
//! the first allocation in it, and settled with the region around it when it is left.

use std::cell::{Cell, OnceCell};
use std::marker::PhantomPinned;
use std::panic::Location;
use std::pin::Pin;
use std::ptr;

#[cfg(feature = "harness")]
use super::closures::CaseBudget;
use super::counts::{AllocStats, Charge, Operation};
use super::record::{self, Record};
use super::site::{Budget, Site};
use super::{policy, report};

/// Regions around a broken one that its report names.
const MAX_AROUND: usize = 4;

thread_local! {
    // The innermost active region, or null: the one thing that the allocator's fast path reads.
    // Constant and without a destructor, so that it can be read at any time of a thread's life, for
    // the price of one load.
    static TOP: Cell<*const Region<'static>> = const { Cell::new(ptr::null()) };
}

/// Whose region it is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner<'a> {
    /// A function with `#[no_alloc]` or `#[hot]`.
    Function(&'static Site),
    /// One poll of such an async function, and what the polls before it have used.
    Poll(&'static Site, Charge),
    /// A call of such a function that its `warmup` makes free.
    WarmUp(&'static Site),
    /// A closure in `assert_no_alloc`.
    Closure(&'static Location<'static>),
    /// One call of a case.
    #[cfg(feature = "harness")]
    Case(&'a CaseBudget<'a>),
    /// Somebody who counts.
    Count,
    /// Nobody: what is allocated counts against no region around it.
    Exempt,
    #[cfg(not(feature = "harness"))]
    _Lifetime(std::marker::PhantomData<&'a ()>),
}

impl Owner<'_> {
    fn budget(&self) -> Budget {
        match self {
            Self::Function(site) | Self::Poll(site, _) => site.budget,
            Self::Closure(_) => Budget::NO_ALLOC,
            #[cfg(feature = "harness")]
            Self::Case(case) => case.budget,
            _ => Budget::UNLIMITED,
        }
    }

    /// What was used of the budget before the region was entered.
    fn used_before(&self) -> Charge {
        match self {
            Self::Poll(_, used) => *used,
            _ => Charge::NONE,
        }
    }

    fn limit(&self) -> Charge {
        self.budget().charge().minus(self.used_before())
    }
}

/// An active region, from [`enter`](Self::enter) to its drop, which is the exit of the function that
/// it guards, and fails where the budget is exceeded.
#[derive(Debug)]
pub struct Region<'a> {
    owner: Owner<'a>,
    state: Cell<State>,
    outer: Cell<*const Region<'static>>,
    account: OnceCell<Account>,
    /// The list points at it.
    _pinned: PhantomPinned,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    /// Not in the list yet, or no more.
    Outside,
    Active,
}

/// What has been allocated in a region.
#[derive(Debug)]
struct Account {
    total: Cell<AllocStats>,
    /// Of the total, what was exempt.
    exempt: Cell<Charge>,
    /// Known since something was allocated in the region itself, not only in one inside.
    limits: Cell<Option<Limits>>,
    /// Where the records of this region begin.
    records: usize,
}

/// The totals of a region past which it, or a region around it, is broken.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Of the regions for which exempt allocations don't count; an exemption raises it.
    soft: Charge,
    /// Of those with `forbid`.
    hard: Charge,
}

/// What a region that has been left allocated.
pub(super) struct Closed {
    pub(super) total: AllocStats,
    /// Of the budget, what was used before included.
    pub(super) used: Charge,
    pub(super) excess: Option<Excess>,
}

/// What a region allocated, where that was more than its limit.
pub(super) struct Excess {
    pub(super) used: Charge,
    /// Allocations that the limit allows.
    pub(super) within: u64,
    /// The allocations past the limit, one record for each distinct stack.
    pub(super) records: Vec<Record>,
    /// The regions around it, from the inside out.
    pub(super) around: Vec<String>,
}

impl Region<'static> {
    /// The region of a function; it is pinned where it stands, and then entered.
    #[inline(always)]
    pub fn of(site: &'static Site) -> Self {
        if site.warmup > 0 && site.is_warming_up() {
            return Self::new(Owner::WarmUp(site));
        }
        Self::new(Owner::Function(site))
    }

    /// A region in which nothing counts against those around it.
    #[inline(always)]
    pub fn exempt() -> Self {
        Self::new(Owner::Exempt)
    }
}

impl<'a> Region<'a> {
    #[inline(always)]
    pub(super) fn new(owner: Owner<'a>) -> Self {
        Self {
            owner,
            state: Cell::new(State::Outside),
            outer: Cell::new(ptr::null()),
            account: OnceCell::new(),
            _pinned: PhantomPinned,
        }
    }

    /// Enters the region.
    ///
    /// # Panics
    ///
    /// If the program's allocator does not report to the guard.
    #[inline(always)]
    pub fn enter(self: Pin<&Self>) {
        if policy::is_on(&self.owner) {
            self.link();
        }
    }

    /// Enters the region whatever the policy.
    #[inline(always)]
    pub(super) fn link(self: Pin<&Self>) {
        assert!(
            self.state.get() == State::Outside,
            "a region is entered once"
        );
        let this = ptr::from_ref(self.get_ref()).cast::<Region<'static>>();
        self.outer.set(TOP.replace(this));
        self.state.set(State::Active);
    }

    /// Leaves the region.
    pub(super) fn close(&self) -> Closed {
        self.unlink();
        match self.account.get() {
            Some(account) => self.settle(account),
            None => Closed {
                total: AllocStats::ZERO,
                used: self.owner.used_before(),
                excess: None,
            },
        }
    }

    #[inline(always)]
    fn unlink(&self) {
        if !ptr::eq(TOP.get(), ptr::from_ref(self).cast()) {
            out_of_order();
        }
        TOP.set(self.outer.get());
        self.state.set(State::Outside);
    }

    /// The region around this one.
    fn outer(&self) -> Option<&Region<'static>> {
        // SAFETY: a region is linked while it is pinned, and unlinked by its drop at the latest; and
        // `unlink` lets none go before those that were linked after it.
        unsafe { self.outer.get().as_ref() }
    }

    fn outer_regions(&self) -> impl Iterator<Item = &Region<'static>> {
        std::iter::successors(self.outer(), |region| region.outer())
    }

    /// The account, opened by the first allocation in the region, or in one inside it whose records
    /// begin at `records`.
    fn account(&self, records: usize) -> &Account {
        self.account.get_or_init(|| Account {
            total: Cell::new(AllocStats::ZERO),
            exempt: Cell::new(Charge::NONE),
            limits: Cell::new(None),
            records,
        })
    }

    /// The limits, worked out at the first allocation in this region: its own, and what is left to
    /// it by those around, as far out as the first that has worked out its own.
    fn limits(&self, account: &Account) -> Limits {
        if let Some(limits) = account.limits.get() {
            return limits;
        }
        let total = account.total.get().charge();
        let mut left = Limits {
            soft: Charge::UNLIMITED,
            hard: Charge::UNLIMITED,
        };
        // Allocated in the regions passed so far, and not yet handed on: in all, and not exempt.
        let mut inner = (total, total.minus(account.exempt.get()));
        let mut exempt = matches!(self.owner, Owner::Exempt);
        for region in self.outer_regions() {
            let outer = region.account.get();
            let known = outer.and_then(|account| account.limits.get());
            let outer_total = outer.map_or(Charge::NONE, |account| account.total.get().charge());
            let outer_exempt = outer.map_or(Charge::NONE, |account| account.exempt.get());
            let limits = known.unwrap_or_else(|| region.own_limits(outer_exempt));
            left.hard = left
                .hard
                .at_most(limits.hard.minus(outer_total).minus(inner.0));
            if !exempt {
                left.soft = left
                    .soft
                    .at_most(limits.soft.minus(outer_total).minus(inner.1));
            }
            if known.is_some() {
                break;
            }
            inner.0 = inner.0.plus(outer_total);
            inner.1 = inner.1.plus(outer_total.minus(outer_exempt));
            exempt |= matches!(region.owner, Owner::Exempt);
        }
        let own = self.own_limits(account.exempt.get());
        let limits = Limits {
            soft: own.soft.at_most(left.soft.plus(total)),
            hard: own.hard.at_most(left.hard.plus(total)),
        };
        account.limits.set(Some(limits));
        limits
    }

    fn own_limits(&self, exempt: Charge) -> Limits {
        let limit = self.owner.limit();
        if self.owner.budget().forbid {
            Limits {
                soft: Charge::UNLIMITED,
                hard: limit,
            }
        } else {
            Limits {
                soft: limit.plus(exempt),
                hard: Charge::UNLIMITED,
            }
        }
    }

    /// Hands the account on to the region around, and judges it. A thread that unwinds is not
    /// judged: the user must see that panic, which allocates, too.
    #[cold]
    #[inline(never)]
    fn settle(&self, account: &Account) -> Closed {
        let total = account.total.get();
        let exempt = match self.owner {
            Owner::Exempt => total.charge(),
            _ => account.exempt.get(),
        };
        if let Some(outer) = self.outer() {
            outer.account(account.records).take_over(total, exempt);
        }
        let counted = match self.owner.budget().forbid {
            true => total.charge(),
            false => total.charge().minus(exempt),
        };
        let used = self.owner.used_before().plus(counted);
        let panicking = std::thread::panicking();
        let is_over = counted.exceeds(self.owner.limit()) && !panicking;
        let excess = is_over.then(|| {
            unwatched(|| Excess {
                used,
                within: self.owner.budget().max_allocs,
                records: record::since(account.records),
                around: self.around(),
            })
        });
        match self.outer() {
            // What is not over this limit may be over that of a region around.
            Some(outer) if !is_over && !panicking => {
                record::merge(outer.account(account.records).records, account.records);
            }
            _ => record::truncate(account.records),
        }
        Closed {
            total,
            used,
            excess,
        }
    }

    /// What the regions around this one are called, from the inside out, as far as is of interest.
    fn around(&self) -> Vec<String> {
        let named = self
            .outer_regions()
            .filter_map(|region| report::name(&region.owner));
        named.take(MAX_AROUND).collect()
    }
}

impl Account {
    fn take_over(&self, inner: AllocStats, exempt: Charge) {
        let mut total = self.total.get();
        total += inner;
        self.total.set(total);
        self.exempt.set(self.exempt.get().plus(exempt));
        if let Some(limits) = self.limits.get() {
            self.limits.set(Some(Limits {
                soft: limits.soft.plus(exempt),
                ..limits
            }));
        }
    }
}

impl Limits {
    /// Whether the operation that made the total what it is was past a limit.
    fn are_passed(&self, operation: Operation, total: AllocStats) -> bool {
        [self.soft, self.hard].iter().any(|limit| match operation {
            Operation::Dealloc => total.deallocs > limit.deallocs,
            _ => total.allocs > limit.allocs || total.bytes > limit.bytes,
        })
    }
}

impl Drop for Region<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.state.get() == State::Outside {
            return;
        }
        self.unlink();
        if let Some(account) = self.account.get() {
            left(self, account);
        }
    }
}

/// Regions end in the order of the stack, as the code of the attributes has them. The list would
/// point at a region that is gone.
#[cold]
#[inline(never)]
fn out_of_order() -> ! {
    policy::print("hotbench: a region was left while one inside it was active");
    std::process::abort()
}

/// The exit of a function in which something was allocated.
#[cold]
#[inline(never)]
fn left(region: &Region<'_>, account: &Account) {
    let excess = region.settle(account).excess;
    if let (Some(excess), Owner::Function(site)) = (excess, region.owner) {
        let message = unwatched(|| report::function(site, &excess));
        if policy::raises(&message) {
            (site.raise)(&message);
        }
    }
}

/// Whether any region is active on this thread.
#[inline(always)]
pub(crate) fn is_watched() -> bool {
    !TOP.get().is_null()
}

/// Runs `f` unseen by the guard: the guard's own work.
pub(super) fn unwatched<R>(f: impl FnOnce() -> R) -> R {
    struct Restore(*const Region<'static>);

    impl Drop for Restore {
        fn drop(&mut self) {
            TOP.set(self.0);
        }
    }

    let _restore = Restore(TOP.replace(ptr::null()));
    f()
}

/// The allocator's slow path: counts, and records where it came from if a limit is passed.
pub(crate) fn allocated(operation: Operation, bytes: usize) {
    count(operation, bytes as u64, |total| {
        total.allocs += 1;
        // Requests that are refused may be of any size, and the allocator must not panic.
        total.bytes = total.bytes.saturating_add(bytes as u64);
        total.reallocs += u64::from(operation == Operation::Realloc);
    });
}

/// The allocator's slow path for a block that is given back.
pub(crate) fn deallocated() {
    count(Operation::Dealloc, 0, |total| total.deallocs += 1);
}

#[inline]
fn count(operation: Operation, bytes: u64, add: impl FnOnce(&mut AllocStats)) {
    // A panic allocates, and it is the panic that the user must see.
    if std::thread::panicking() {
        return;
    }
    // SAFETY: see `Region::outer`.
    let Some(region) = (unsafe { TOP.get().as_ref() }) else {
        return;
    };
    let account = region.account(record::len());
    let limits = region.limits(account);
    let mut total = account.total.get();
    add(&mut total);
    account.total.set(total);
    if limits.are_passed(operation, total) {
        let stack = ptr::from_ref(region).addr();
        unwatched(|| record::record(operation, bytes, stack, account.records));
    }
}
