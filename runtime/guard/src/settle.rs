//! The end of a region: its verdict, and where its account goes.

use super::counts::{AllocStats, Charge};
use super::ledger::{Account, LEDGER, Ledger, names, unwatched};
use super::policy;
use super::record::{self, Record};
use super::region::{Owner, Region};
use super::report::{self, Subject};
use super::shared::{self, Carried, Handle, Part};
use super::site::Site;
use super::unobserved::Failing;

/// What was allocated in a region that has been left.
pub(super) struct Settled {
    pub(super) stats: AllocStats,
    /// Of the budget, what was used before included.
    pub(super) used: Charge,
    pub(super) excess: Option<Excess>,
    /// Of a poll, what it has handed to other threads, which the next poll goes on with.
    pub(super) shared: Option<Handle>,
}

/// What was allocated in a region, where that was more than its limit.
#[derive(Debug)]
pub(super) struct Excess {
    pub(super) used: Charge,
    /// The allocations that come before those past the limit, at most.
    pub(super) before: u64,
    /// The allocations past the limit, one record for each distinct stack.
    pub(super) records: Vec<Record>,
    /// The regions around it, from the inside out.
    pub(super) around: Vec<String>,
    /// Whether it is of work on another thread that went on after the region had ended.
    pub(super) late: bool,
    /// Whether records are missing because there was no memory for them.
    pub(super) out_of_memory: bool,
}

/// The exit of a guarded function in which something was allocated.
#[cold]
#[inline(never)]
pub(super) fn leave(region: &Region<'static>, account: &Account) {
    if !LEDGER.with(|ledger| ledger.settle_within_limits(region, account)) {
        leave_and_judge(region, account);
    }
}

#[cold]
#[inline(never)]
fn leave_and_judge(region: &Region<'static>, account: &Account) {
    match region.owner {
        Owner::Carried(carried) => settle_carried(carried, account),
        Owner::Function(site) => {
            let settled = settle(region, account);
            unwatched(|| judge(site, settled.excess));
        }
        _ => drop(settle(region, account)),
    }
}

/// Fails if a function is over its budget. Returns the part of what it used that libtest's capture allocated.
pub(super) fn judge(site: &'static Site, excess: Option<Excess>) -> Charge {
    let Some(excess) = excess else {
        return Charge::NONE;
    };
    let _failing = Failing::begin();
    let verdict = report::render(Subject::Function(site), &excess);
    if let Some(report) = verdict.report
        && policy::raises(&report)
    {
        (site.raise)(&report);
    }
    verdict.captured
}

/// Ends a region that has been left, and judges it.
pub(super) fn settle(region: &Region<'static>, account: &Account) -> Settled {
    LEDGER.with(|ledger| {
        let settled = unwatched(|| verdict(ledger, region, account));
        ledger.go_on_in(region.outer());
        settled
    })
}

/// A thread that unwinds is not judged: the user must see that panic, which allocates, too.
fn verdict(ledger: &Ledger, region: &Region<'static>, account: &Account) -> Settled {
    let owner = &region.owner;
    let shared = account.shared.take();
    // Before the lock, for it takes others.
    let outer = shared.as_ref().and_then(|shared| {
        let outer = region.outer().filter(|_| shared.is_held_elsewhere())?;
        ledger.share(outer).onwards(shared)
    });
    // Held to the end: what is handed in meanwhile waits for the verdict.
    let mut state = shared.as_ref().map(|shared| shared.lock());
    if let Some(state) = &mut state {
        ledger.take_over(account, state.take());
    }
    let (stats, exempt) = ledger.since(account);
    let counted = owner.budget().counted(stats, exempt);
    let used = owner.used_before().plus(counted);
    let panicking = std::thread::panicking();
    let is_over = counted.exceeds(owner.limit()) && !panicking;
    let excess = is_over.then(|| Excess {
        used,
        before: owner.budget().max_allocs,
        records: record::since(&account.records),
        around: names(region.outer_regions()),
        late: false,
        out_of_memory: record::is_out_of_memory(),
    });
    match region.outer() {
        // They may be past the limit of a region around, too.
        Some(outer) => record::merge(&ledger.open(outer).records, &account.records),
        None => record::forget(&account.records),
    }
    if matches!(owner, Owner::Exempt) {
        ledger.set_exempt(account.exempt.plus(stats.charge()));
    }
    let goes_on = matches!(owner, Owner::Poll(..)) && !is_over && !panicking;
    if let (Some(mut state), false) = (state, goes_on) {
        let judged = !is_over && !panicking;
        state.end(judged.then_some(used), outer);
    }
    Settled {
        stats,
        used,
        excess,
        shared: shared.filter(|_| goes_on),
    }
}

/// Ends a region on whose thread another region's work was done: hands all of it to that one.
fn settle_carried(carried: &Carried, account: &Account) {
    LEDGER.with(|ledger| {
        let (stats, exempt) = ledger.since(account);
        // The regions around it on this thread had no part in it.
        ledger.set_totals(account);
        ledger.go_on_in(None);
        unwatched(|| {
            let records = record::since(&account.records);
            record::forget(&account.records);
            let late = carried.deposit(Part {
                stats,
                exempt,
                records,
            });
            if let Some(failure) = late.filter(|_| !std::thread::panicking()) {
                shared::fail(failure);
            }
        });
    });
}
