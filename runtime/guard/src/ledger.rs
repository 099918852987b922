//! What a thread allocates in its regions, and the limits that this is held to.
//!
//! A thread has one set of running totals, which every allocation in a region adds to, and the
//! ceiling that these may reach in the innermost region. A region's account says what the totals
//! were when it was opened, so that allocations in a region are those of the ones around it without
//! being handed on. All of the allocator's slow path is here.

use std::cell::Cell;
use std::ptr;

use super::counts::{AllocStats, Charge, Operation};
#[cfg(feature = "cases")]
use super::elsewhere;
use super::record::{self, Limit, Range};
#[cfg(feature = "cases")]
use super::recorder;
use super::region::{Owner, Region};
use super::report;
use super::shared::{Handle, Part, Shared, Slot};

/// Bytes in a thread's totals past which these begin anew. Requests that are refused count too, and may
/// be of any size.
const MAX_CARRIED_OVER: u64 = u64::MAX / 4;
/// Regions around a broken one that its report names.
const MAX_AROUND: usize = 4;

thread_local! {
    // Constant and without a destructor, so that it can be read at any time of a thread's life, for
    // the price of one load.
    pub(super) static LEDGER: Ledger = const { Ledger::new() };
}

pub(super) struct Ledger {
    /// The innermost active region, null, or [`WATCHED`]: the one thing that the allocator's fast path reads.
    top: Cell<*const Region<'static>>,
    /// The region whose ceiling the ceiling is.
    in_force: Cell<*const Region<'static>>,
    allocs: Cell<u64>,
    bytes: Cell<u64>,
    deallocs: Cell<u64>,
    reallocs: Cell<u64>,
    /// The totals past which the innermost region, or one around it, is broken.
    ceiling: Cell<Charge>,
    /// Of the totals, what was allocated in exemptions that have ended.
    exempt: Cell<Charge>,
    /// Whether a ceiling was passed in a region that is active, or may be so.
    passed: Cell<bool>,
}

/// In the place of the innermost region: there is none, and the allocator takes its slow path all the same. So
/// each thread begins under the harness, to be asked at its first allocation whether the process records its
/// heap; and so it stays if it does.
#[cfg(feature = "cases")]
const WATCHED: *const Region<'static> = ptr::without_provenance(2);

/// What a thread begins with.
#[cfg(feature = "cases")]
const FIRST_TOP: *const Region<'static> = WATCHED;
#[cfg(not(feature = "cases"))]
const FIRST_TOP: *const Region<'static> = ptr::null();

/// The region that a pointer of the list leads to.
#[inline(always)]
pub(super) fn region_at<'a>(region: *const Region<'static>) -> Option<&'a Region<'static>> {
    #[cfg(feature = "cases")]
    if region.addr() <= WATCHED.addr() {
        return None;
    }
    // SAFETY: a region is linked while it is pinned, and unlinked by its drop at the latest; and `unlink`
    // lets none go before those that were linked after it. The reference is not kept past the region's end.
    unsafe { region.as_ref() }
}

/// What the totals were when the account was opened, and what they may become.
#[derive(Debug)]
pub(super) struct Account {
    total: AllocStats,
    pub(super) exempt: Charge,
    /// As totals.
    limits: Limits,
    pub(super) records: Range,
    /// The address of the outermost region around it: as far out as stacks are recorded.
    stack: usize,
    /// What other threads allocate on this account.
    pub(super) shared: Slot,
}

/// What may be allocated before a region, or one around it, is broken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Exempt allocations, as far as the exemptions have ended, left out.
    pub(super) net: Charge,
    /// Of the regions with `forbid`, if there are any: exempt allocations included.
    pub(super) gross: Option<Charge>,
}

/// Whether any region is active on this thread.
#[inline(always)]
pub fn is_watched() -> bool {
    LEDGER.with(|ledger| !ledger.top.get().is_null())
}

#[inline(always)]
pub(super) fn replace_top(region: *const Region<'static>) -> *const Region<'static> {
    LEDGER.with(|ledger| ledger.top.replace(region))
}

#[cfg(feature = "profile")]
#[inline(always)]
pub(super) fn is_innermost(region: *const Region<'static>) -> bool {
    LEDGER.with(|ledger| ledger.top.get() == region)
}

/// Has all allocations of this thread, on which no region is active, take the slow path, or none.
#[cfg(feature = "cases")]
pub fn watch(is_watched: bool) {
    replace_top(if is_watched { WATCHED } else { ptr::null() });
}

/// Runs `f` unseen by the guard: the guard's own work, and the panic that it ends in.
pub fn unwatched<R>(f: impl FnOnce() -> R) -> R {
    struct Restore(*const Region<'static>);

    impl Drop for Restore {
        fn drop(&mut self) {
            replace_top(self.0);
        }
    }

    let _restore = Restore(replace_top(ptr::null()));
    f()
}

/// Counts a call of the allocator in the common case: the innermost region has its account, keeps
/// to its limits, and the thread is not unwinding. Else nothing is counted yet.
#[inline(always)]
pub(crate) fn count_within_limits(operation: Operation, bytes: usize) -> bool {
    LEDGER.with(|ledger| {
        let in_force = ledger.in_force.get() == ledger.top.get();
        in_force && !std::thread::panicking() && ledger.add_below_ceiling(operation, bytes)
    })
}

/// Counts a call of the allocator, and records where it came from if a limit is passed.
#[cold]
#[inline(never)]
pub(crate) fn count(operation: Operation, bytes: usize) {
    // A panic allocates, and it is the panic that the user must see.
    if std::thread::panicking() {
        return;
    }
    LEDGER.with(|ledger| {
        let Some(region) = ledger.top() else {
            #[cfg(feature = "cases")]
            if !recorder::is_armed() && !elsewhere::is_armed() {
                ledger.top.set(ptr::null());
            }
            return;
        };
        if ledger.bytes.get() > MAX_CARRIED_OVER {
            ledger.begin_anew(region);
        }
        let account = ledger.open(region);
        ledger.put_in_force(region, account);
        if !ledger.add_below_ceiling(operation, bytes) {
            ledger.add_past_ceiling(operation, bytes, region, account);
        }
    });
}

/// Returns whether the allocations of this thread count in the region of a case's call.
#[cfg(feature = "cases")]
pub(super) fn is_of_case() -> bool {
    LEDGER.with(|ledger| ledger.top().is_some_and(Region::is_of_case))
}

/// Returns whether this thread is in an exemption.
#[cfg(feature = "cases")]
pub(super) fn is_exempt() -> bool {
    LEDGER.with(|ledger| {
        let Some(region) = ledger.top() else {
            return false;
        };
        let mut regions = std::iter::once(region).chain(region.outer_regions());
        regions.any(|region| matches!(region.owner, Owner::Exempt))
    })
}

/// Adds what other threads have allocated to the account of an active region.
#[cfg(feature = "cases")]
pub(super) fn add(region: &Region<'static>, part: Part) {
    if part.stats != AllocStats::ZERO {
        LEDGER.with(|ledger| ledger.take_over(ledger.open(region), part));
    }
}

/// The account of an active region.
pub(super) fn open<'a>(region: &'a Region<'static>) -> &'a Account {
    LEDGER.with(|ledger| ledger.open(region))
}

/// What the innermost region of this thread, if there is one, shares with others.
#[cold]
#[inline(never)]
pub(super) fn share_innermost() -> Option<Handle> {
    LEDGER.with(|ledger| {
        // The profile holds nothing to a budget, and is in no region.
        let region = ledger.top().filter(|region| region.is_a_guards())?;
        Some(unwatched(|| ledger.share(region)))
    })
}

/// What the thread has allocated in regions so far.
#[cfg(feature = "profile")]
#[inline(always)]
pub(super) fn totals() -> super::watch::Totals {
    LEDGER.with(|ledger| super::watch::Totals {
        allocs: ledger.allocs.get(),
        bytes: ledger.bytes.get(),
    })
}

/// The profile's region, in which nothing else counts any more, has been left. It keeps its account: of
/// one that holds nothing to a limit, it goes for all times.
#[cfg(feature = "profile")]
#[inline(always)]
pub(super) fn leave_unjudged() {
    LEDGER.with(|ledger| {
        if ledger.passed.get() || ledger.bytes.get() > MAX_CARRIED_OVER {
            ledger.clear();
        }
    });
}

/// Runs `f`, whose regions are nobody's inside, and forgets what was allocated in it.
pub(super) fn aside<R>(f: impl FnOnce() -> R) -> R {
    LEDGER.with(|ledger| {
        let (total, exempt) = (ledger.total(), ledger.exempt.get());
        let passed = ledger.passed.get();
        let result = unwatched(f);
        ledger.set_total(total);
        ledger.exempt.set(exempt);
        ledger.passed.set(passed);
        ledger.in_force.set(ptr::null());
        result
    })
}

/// What regions are called, as far as is of interest.
pub(super) fn names<'a>(regions: impl Iterator<Item = &'a Region<'static>>) -> Vec<String> {
    let names = regions.flat_map(|region| match region.owner {
        Owner::Carried(carried) => carried.names().to_vec(),
        owner => owner.subject().map(report::name).into_iter().collect(),
    });
    names.take(MAX_AROUND).collect()
}

impl Ledger {
    const fn new() -> Self {
        Self {
            top: Cell::new(FIRST_TOP),
            in_force: Cell::new(ptr::null()),
            allocs: Cell::new(0),
            bytes: Cell::new(0),
            deallocs: Cell::new(0),
            reallocs: Cell::new(0),
            ceiling: Cell::new(Charge::NONE),
            exempt: Cell::new(Charge::NONE),
            passed: Cell::new(false),
        }
    }

    /// The innermost active region.
    fn top(&self) -> Option<&'static Region<'static>> {
        region_at(self.top.get())
    }

    fn total(&self) -> AllocStats {
        AllocStats {
            allocs: self.allocs.get(),
            reallocs: self.reallocs.get(),
            deallocs: self.deallocs.get(),
            bytes: self.bytes.get(),
        }
    }

    /// Puts the totals back to what they were when the account was opened.
    pub(super) fn set_totals(&self, account: &Account) {
        self.set_total(account.total);
        self.exempt.set(account.exempt);
    }

    pub(super) fn set_exempt(&self, exempt: Charge) {
        self.exempt.set(exempt);
    }

    /// What an active region shares with others.
    pub(super) fn share(&self, region: &Region<'static>) -> Handle {
        if let Owner::Carried(carried) = region.owner {
            return carried.shared();
        }
        let account = self.open(region);
        account.shared.get_or_put(|| {
            let chain = std::iter::once(region).chain(region.outer_regions());
            let exempt = matches!(region.owner, Owner::Exempt);
            let subject = region.owner.lasting_subject();
            let of_case = region.is_of_case();
            Shared::new(subject, exempt, of_case, account.limits, names(chain))
        })
    }

    fn set_total(&self, total: AllocStats) {
        self.allocs.set(total.allocs);
        self.reallocs.set(total.reallocs);
        self.deallocs.set(total.deallocs);
        self.bytes.set(total.bytes);
    }

    /// Adds a call of the allocator to the totals, unless it would take them past the ceiling.
    #[inline(always)]
    fn add_below_ceiling(&self, operation: Operation, bytes: usize) -> bool {
        self.add_if(operation, bytes, |total, ceiling| total <= ceiling)
    }

    /// The same for one past the ceiling, which is recorded.
    #[cold]
    #[inline(never)]
    fn add_past_ceiling(
        &self,
        operation: Operation,
        bytes: usize,
        region: &Region<'static>,
        account: &Account,
    ) {
        self.add_if(operation, bytes, |_, _| true);
        self.passed.set(true);
        let exempt = self.exempt.get();
        let own = region
            .owner
            .limits()
            .above(account.total.charge(), account.exempt);
        let for_whom = if self.total().charge().exceeds(own.ceiling(exempt)) {
            Limit::Own
        } else {
            Limit::OfOneAround
        };
        let bytes = bytes as u64;
        unwatched(|| record::record(operation, bytes, account.stack, &account.records, for_whom));
    }

    /// Adds a call of the allocator to the totals, if `may` allows their new values.
    #[inline(always)]
    fn add_if(&self, operation: Operation, bytes: usize, may: impl Fn(u64, u64) -> bool) -> bool {
        let ceiling = self.ceiling.get();
        if operation == Operation::Dealloc {
            let deallocs = self.deallocs.get() + 1;
            let is_allowed = may(deallocs, ceiling.deallocs);
            if is_allowed {
                self.deallocs.set(deallocs);
            }
            return is_allowed;
        }
        let allocs = self.allocs.get() + 1;
        // Requests that are refused may be of any size, and the allocator must not panic.
        let bytes = self.bytes.get().saturating_add(bytes as u64);
        let is_allowed = may(allocs, ceiling.allocs) && may(bytes, ceiling.bytes);
        if is_allowed {
            self.allocs.set(allocs);
            self.bytes.set(bytes);
            if operation == Operation::Realloc {
                self.reallocs.set(self.reallocs.get() + 1);
            }
        }
        is_allowed
    }

    /// The account of an active region. Those of the regions around it are opened before, for its
    /// limits are theirs too.
    #[inline(always)]
    pub(super) fn open<'a>(&self, region: &'a Region<'static>) -> &'a Account {
        if region.account.get().is_none() {
            let has_none = |region: &Region<'static>| region.account.get().is_none();
            if region.outer().is_some_and(has_none) {
                region.outside_in(has_none, |region| self.open_one(region));
            } else {
                self.open_one(region);
            }
        }
        region.account.get().expect("it has been opened")
    }

    #[inline(always)]
    fn open_one(&self, region: &Region<'static>) {
        // Only a region without an account comes here.
        let _ = region.account.set(self.account(region));
    }

    /// Bytes that are saturated would hide what comes after them. Where nothing else counts on this
    /// thread, the totals may be anything.
    #[cold]
    #[inline(never)]
    fn begin_anew(&self, region: &Region<'static>) {
        if region.is_outermost() && region.account.get().is_none() {
            self.set_total(AllocStats::ZERO);
            self.exempt.set(Charge::NONE);
        }
    }

    /// As it was before the first region.
    #[cfg(feature = "profile")]
    #[cold]
    #[inline(never)]
    fn clear(&self) {
        self.set_total(AllocStats::ZERO);
        self.exempt.set(Charge::NONE);
        self.passed.set(false);
        self.in_force.set(ptr::null());
    }

    /// A new account for `region`, after those around it.
    #[inline(always)]
    fn account(&self, region: &Region<'static>) -> Account {
        let (total, exempt) = (self.total(), self.exempt.get());
        let own = region.owner.limits().above(total.charge(), exempt);
        let around = region.outer().and_then(|outer| outer.account.get());
        Account {
            total,
            exempt,
            limits: match around {
                None => own,
                Some(around) if matches!(region.owner, Owner::Exempt) => Limits {
                    net: Charge::UNLIMITED,
                    ..around.limits
                },
                Some(around) => own.within(around.limits),
            },
            stack: around.map_or(ptr::from_ref(region).addr(), |around| around.stack),
            records: Range::here(),
            shared: Slot::empty(),
        }
    }

    /// What the account has seen: in all, and in exemptions.
    pub(super) fn since(&self, account: &Account) -> (AllocStats, Charge) {
        let stats = self.total() - account.total;
        (stats, self.exempt.get().minus(account.exempt))
    }

    /// Adds what other threads have allocated on this account.
    pub(super) fn take_over(&self, account: &Account, part: Part) {
        let mut total = self.total();
        total += part.stats;
        self.set_total(total);
        self.exempt.set(self.exempt.get().plus(part.exempt));
        if !part.records.is_empty() {
            self.passed.set(true);
            record::extend(&account.records, &part.records);
        }
    }

    /// Ends a region if no limit was passed in it or around it, and nothing else is to be done.
    pub(super) fn settle_within_limits(&self, region: &Region<'static>, account: &Account) -> bool {
        let is_plain = matches!(
            region.owner,
            Owner::Function(_) | Owner::WarmUp(_) | Owner::Exempt
        );
        if self.passed.get() || !is_plain || !account.shared.is_empty() {
            return false;
        }
        if matches!(region.owner, Owner::Exempt) {
            let (stats, _) = self.since(account);
            self.exempt.set(account.exempt.plus(stats.charge()));
        }
        self.go_on_in(region.outer());
        true
    }

    /// The region that was innermost has ended.
    pub(super) fn go_on_in(&self, outer: Option<&Region<'static>>) {
        match outer.and_then(|outer| Some((outer, outer.account.get()?))) {
            Some((outer, account)) => self.put_in_force(outer, account),
            None => self.in_force.set(ptr::null()),
        }
        if self.top().is_none() {
            self.passed.set(false);
        }
    }

    fn put_in_force(&self, region: &Region<'static>, account: &Account) {
        self.ceiling.set(account.limits.ceiling(self.exempt.get()));
        self.in_force.set(region);
    }
}

impl Limits {
    /// The same, as totals, from these on.
    #[inline(always)]
    fn above(self, total: Charge, exempt: Charge) -> Self {
        Self {
            net: self.net.plus(total.minus(exempt)),
            gross: self.gross.map(|gross| gross.plus(total)),
        }
    }

    /// Those of a region inside one with others.
    #[inline(always)]
    fn within(self, around: Self) -> Self {
        let least = |gross: Charge| around.gross.map_or(gross, |around| gross.at_most(around));
        Self {
            net: self.net.at_most(around.net),
            gross: self.gross.map(least).or(around.gross),
        }
    }

    /// The totals that may be reached as long as this much of them is exempt.
    #[inline(always)]
    fn ceiling(&self, exempt: Charge) -> Charge {
        let net = self.net.plus(exempt);
        self.gross.map_or(net, |gross| net.at_most(gross))
    }
}
