//! Regions: stretches of a thread's run whose allocations are counted and held to a limit.
//!
//! A region is a link of its thread's list of active ones, and lives in the stack frame of the
//! function that it guards. Entering one and leaving it moves a pointer; its account in the thread's
//! [ledger] is opened by the first allocation in it.

use std::cell::{Cell, OnceCell};
use std::marker::PhantomPinned;
use std::panic::Location;
use std::pin::Pin;
use std::ptr;

use super::closures::CaseBudget;
use super::counts::Charge;
use super::ledger::{self, Account, Limits, unwatched};
use super::policy;
use super::report::Subject;
use super::settle::{self, Settled};
#[cfg(feature = "cases")]
use super::shared::Part;
use super::shared::{Carried, Handle};
use super::site::{Budget, Site};

/// Whose region it is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner<'a> {
    /// A function with `#[no_alloc]` or `#[hot]`.
    Function(&'static Site),
    /// One poll of such an async function, and what the polls before it have used.
    Poll(&'static Site, &'a Charge),
    /// A call of such a function that its `warmup` makes free.
    WarmUp(&'static Site),
    /// A closure in `assert_no_alloc`.
    Closure(&'static Location<'static>),
    /// One call of a case.
    #[cfg_attr(
        not(feature = "cases"),
        expect(dead_code, reason = "the harness has cases")
    )]
    Case(&'a CaseBudget<'a>),
    /// What a region, of another thread or of this one, has handed on.
    Carried(&'a Carried),
    /// The profile, in `#[hot]` functions around which there is no region.
    #[cfg(feature = "profile")]
    Profile,
    /// Somebody who counts.
    Count,
    /// Nobody: what is allocated counts against no region around it.
    Exempt,
}

impl<'a> Owner<'a> {
    /// Whose budget it is, for a report.
    pub(super) fn subject(&self) -> Option<Subject<'a>> {
        match self {
            Self::Case(case) => Some(Subject::Case(case)),
            Self::WarmUp(site) => Some(Subject::Function(site)),
            owner => owner.lasting_subject(),
        }
    }

    /// Whose budget it is still, when the region has ended.
    pub(super) fn lasting_subject(&self) -> Option<Subject<'static>> {
        match self {
            Self::Function(site) | Self::Poll(site, _) => Some(Subject::Function(site)),
            Self::Closure(caller) => Some(Subject::Closure(caller)),
            _ => None,
        }
    }

    #[inline(always)]
    pub(super) fn budget(&self) -> Budget {
        match self {
            Self::Function(site) | Self::Poll(site, _) => site.budget,
            Self::Closure(_) => Budget::NO_ALLOC,
            Self::Case(case) => case.budget,
            _ => Budget::UNLIMITED,
        }
    }

    /// What was used of the budget before the region was entered.
    pub(super) fn used_before(&self) -> Charge {
        match self {
            Self::Poll(_, used) => **used,
            _ => Charge::NONE,
        }
    }

    #[inline(always)]
    pub(super) fn limit(&self) -> Charge {
        self.budget().charge().minus(self.used_before())
    }

    /// What may be allocated in the region from its entry on.
    #[inline(always)]
    pub(super) fn limits(&self) -> Limits {
        match self {
            Self::Carried(carried) => carried.limits(),
            _ if self.budget().forbid => Limits {
                net: Charge::UNLIMITED,
                gross: Some(self.limit()),
            },
            _ => Limits {
                net: self.limit(),
                gross: None,
            },
        }
    }
}

/// An active region, from [`enter`](Self::enter) to its drop, which is the exit of the function that
/// it guards, and fails where the budget is exceeded.
#[derive(Debug)]
pub struct Region<'a> {
    pub(super) owner: Owner<'a>,
    /// The region around this one, or null; [`OUTSIDE`] while this one is not active.
    outer: Cell<*const Region<'static>>,
    /// The region inside this one, while accounts are opened from the outside in.
    inner: Cell<*const Region<'static>>,
    pub(super) account: OnceCell<Account>,
    /// The list points at it.
    _pinned: PhantomPinned,
}

/// In the place of the region around: this one is not in the list yet, or no more.
const OUTSIDE: *const Region<'static> = ptr::without_provenance(1);

impl Region<'static> {
    /// The region of a function; it is pinned where it stands, and then entered.
    #[inline(always)]
    pub fn of(site: &'static Site) -> Self {
        Self::new(Owner::Function(site))
    }

    /// The region of a function whose first calls are free.
    #[inline(always)]
    pub fn warming_up(site: &'static Site) -> Self {
        if site.is_warming_up() {
            return Self::new(Owner::WarmUp(site));
        }
        Self::of(site)
    }

    /// A region in which nothing counts against those around it.
    #[inline(always)]
    pub fn exempt() -> Self {
        Self::new(Owner::Exempt)
    }
}

impl<'a> Region<'a> {
    #[inline(always)]
    pub(super) const fn new(owner: Owner<'a>) -> Self {
        Self {
            owner,
            outer: Cell::new(OUTSIDE),
            inner: Cell::new(ptr::null()),
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
        assert!(self.outer.get() == OUTSIDE, "a region is entered once");
        self.outer.set(ledger::replace_top(self.address()));
    }

    /// Goes on with an account that other threads have a part in, if the region is active.
    pub(super) fn share(self: Pin<&Self>, shared: Handle) {
        if self.outer.get() != OUTSIDE {
            ledger::open(self.erased()).shared.put(shared);
        }
    }

    /// Adds what other threads have allocated, while the region is active.
    #[cfg(feature = "cases")]
    pub(super) fn add(&self, part: Part) {
        ledger::add(self.erased(), part);
    }

    /// Leaves the region, if it is active, and makes something of what was allocated in it, if
    /// anything was.
    #[inline(always)]
    pub(super) fn close<R>(&self, f: impl FnOnce(Settled) -> R) -> Option<R> {
        if self.outer.get() == OUTSIDE {
            return None;
        }
        self.unlink();
        let settled = self.account.get().map(|account| self.settle(account, f));
        self.outer.set(OUTSIDE);
        settled
    }

    #[cold]
    #[inline(never)]
    fn settle<R>(&self, account: &Account, f: impl FnOnce(Settled) -> R) -> R {
        let settled = settle::settle(self.erased(), account);
        self.outer.set(OUTSIDE);
        unwatched(|| f(settled))
    }

    /// Leaves the region without a verdict. One that is not the innermost stays.
    #[cfg(feature = "profile")]
    #[inline(always)]
    pub(super) fn unlink_unjudged(&self) {
        if !ledger::is_innermost(self.address()) {
            return;
        }
        ledger::replace_top(self.outer.replace(OUTSIDE));
        ledger::leave_unjudged();
    }

    /// Whether it is any other than the profile's, which only counts: for those inside it there is nothing
    /// around them.
    pub(super) fn is_a_guards(&self) -> bool {
        #[cfg(feature = "profile")]
        return !matches!(self.owner, Owner::Profile);
        #[cfg(not(feature = "profile"))]
        true
    }

    #[inline(always)]
    fn unlink(&self) {
        if ledger::replace_top(self.outer.get()) != self.address() {
            out_of_order();
        }
    }

    fn address(&self) -> *const Region<'static> {
        ptr::from_ref(self).cast()
    }

    /// This region as the list has it, which knows nothing of what its owner borrows from.
    fn erased(&self) -> &Region<'static> {
        // SAFETY: the result is bound by `&self`, and of the owner only what is `'static`
        // (`lasting_subject`) is kept past the region's end.
        unsafe { &*self.address() }
    }

    /// The region around this one, if this one's allocations are that one's too.
    pub(super) fn outer(&self) -> Option<&Region<'static>> {
        if matches!(self.owner, Owner::Carried(_)) {
            // They are those of the region that has handed them on.
            return None;
        }
        let outer: Option<&Region<'static>> = ledger::region_at(self.outer.get());
        outer.filter(|outer| outer.is_a_guards())
    }

    /// Whether there is none around it on its thread.
    pub(super) fn is_outermost(&self) -> bool {
        ledger::region_at(self.outer.get()).is_none()
    }

    /// Calls `f` with this region and those around it that `f` is to see before: from the outermost
    /// that is among them on, in a row, to this one.
    pub(super) fn outside_in(
        &'a self,
        is_among: impl Fn(&Region<'static>) -> bool,
        f: impl Fn(&Region<'static>),
    ) {
        let mut next = self.erased();
        while let Some(outer) = next.outer().filter(|outer| is_among(outer)) {
            outer.inner.set(next.address());
            next = outer;
        }
        loop {
            f(next);
            if ptr::eq(next, self.address()) {
                break;
            }
            // SAFETY: set above, to a region that is `self` or around it, and so lives at least as long.
            next = unsafe { &*next.inner.get() };
        }
    }

    /// Returns whether its allocations count in the region of a case's call.
    pub(super) fn is_of_case(&self) -> bool {
        let own = std::iter::once(self.erased());
        let outermost = own.chain(self.outer_regions()).last();
        outermost.is_some_and(|region| match region.owner {
            Owner::Case(_) => true,
            Owner::Carried(carried) => carried.is_of_case(),
            _ => false,
        })
    }

    /// The regions around this one, from the inside out.
    pub(super) fn outer_regions(&self) -> impl Iterator<Item = &Region<'static>> {
        std::iter::successors(self.outer(), |region| region.outer())
    }
}

impl Drop for Region<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.outer.get() == OUTSIDE {
            return;
        }
        self.unlink();
        if let Some(account) = self.account.get() {
            settle::leave(self.erased(), account);
        }
    }
}

/// Regions end in the order of the stack, as the code of the attributes has them. The list would
/// point at a region that is gone.
#[cold]
#[inline(never)]
fn out_of_order() -> ! {
    policy::print(
        "hotbench: a region was left while one inside it was active. Does a coroutine switch stacks \
         inside a guarded function? Guard what runs between two switches",
    );
    std::process::abort()
}
