//! A region's account with other threads: what they allocate on it.
//!
//! [`propagate`](crate::propagate) hands the innermost region of a thread on. The work that another
//! thread does for it is a region there, whose account goes to the owner when it ends, all at once;
//! the owner adds it to its own when it is judged. Work that outlives its owner is judged by what the
//! owner has left of its budget, where it ends, and counts against the region that was around the
//! owner.

use std::cell::Cell;
use std::mem::{self, ManuallyDrop};
use std::panic::Location;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::counts::{AllocStats, Charge};
use super::ledger::{self, Limits, unwatched};
use super::policy;
use super::record::{MAX_RECORDS, Record};
use super::report::{self, Subject};
use super::settle::Excess;
use super::unobserved::Failing;

/// Owners in a row that have ended, past which late work is handed on. One that hands on its own
/// successor, over and over, would else make a chain without end.
const MAX_OUTWARDS: usize = 16;

/// Whose budget late work has exceeded.
pub(super) type Failure = (Excess, Subject<'static>);

/// What other threads have in common with a region.
#[derive(Debug)]
pub(super) struct Shared {
    /// Whose budget it is, as far as that can be told when the region has ended.
    subject: Option<Subject<'static>>,
    /// Whether the region is an exemption.
    exempt: bool,
    /// Whether what is handed in reaches the region of a case's call.
    pub(super) of_case: bool,
    /// What is recorded: everything, if a limit is set at all. Whose allocation is the one too many
    /// is the scheduler's choice.
    limits: Limits,
    /// What the regions are called, from the inside out.
    names: Vec<String>,
    state: Mutex<State>,
}

#[derive(Debug)]
pub(super) struct State {
    /// Set when the owner has ended.
    ended: Option<Ended>,
    /// What was handed in, and not taken over yet.
    part: Part,
}

#[derive(Debug)]
struct Ended {
    /// Of its budget; nothing where it has failed, was dropped, or has unwound: then it is not judged
    /// any more.
    used: Option<Charge>,
    /// The region that was around it.
    outer: Option<Handle>,
}

/// What was allocated on an account by others than the account's thread.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) stats: AllocStats,
    /// Of these, what was exempt.
    pub(super) exempt: Charge,
    pub(super) records: Vec<Record>,
}

impl Shared {
    pub(super) fn new(
        subject: Option<Subject<'static>>,
        exempt: bool,
        of_case: bool,
        limits: Limits,
        names: Vec<String>,
    ) -> Self {
        let all_or_nothing = |limit: Charge| limit.map(|n| if n == u64::MAX { n } else { 0 });
        Self {
            subject,
            exempt,
            of_case,
            limits: Limits {
                net: all_or_nothing(limits.net),
                gross: limits.gross.map(all_or_nothing),
            },
            names,
            state: Mutex::new(State {
                ended: None,
                part: Part::EMPTY,
            }),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The owner has ended: having used this much of its budget, or without being judged. What was
    /// handed in since it took over the rest is late.
    pub(super) fn end(&self, used: Option<Charge>, outer: Option<Handle>) -> Option<Failure> {
        let outer = outer.and_then(|outer| outer.onwards(self));
        let rest = {
            let mut state = self.lock();
            state.end(used, outer);
            state.take()
        };
        self.deposit(rest)
    }

    /// Hands in what was allocated; or on, past the owners that have ended.
    fn deposit(&self, mut part: Part) -> Option<Failure> {
        let mut failure = None;
        let mut outer: Option<Handle> = None;
        // Two that end at once may each have the other around it.
        for _ in 0..2 * MAX_OUTWARDS {
            let shared = outer.as_deref().unwrap_or(self);
            let next = {
                let mut state = shared.lock();
                let Some(ended) = &mut state.ended else {
                    state.part.add(part);
                    return failure;
                };
                let excess = shared.judge(ended, &part);
                failure = failure.or(excess.zip(shared.subject));
                ended.outer.clone()
            };
            if shared.exempt {
                part.exempt = part.stats.charge();
            }
            if next.is_none() {
                break;
            }
            outer = next;
        }
        failure
    }

    fn may_fail(&self, ended: &Ended) -> bool {
        let is_limited = |subject: Subject<'_>| subject.budget().is_limited();
        ended.used.is_some() && self.subject.is_some_and(is_limited)
    }

    /// Whether late work is over what the owner has left of its budget.
    fn judge(&self, ended: &mut Ended, part: &Part) -> Option<Excess> {
        let budget = self.subject?.budget();
        let used = ended.used.as_mut()?;
        let (before, counted) = (*used, budget.counted(part.stats, part.exempt));
        *used = before.plus(counted);
        let is_over = counted != Charge::NONE && used.exceeds(budget.charge());
        is_over.then(|| Excess {
            used: *used,
            before: before.allocs,
            records: part.records.clone(),
            around: Vec::new(),
            late: true,
            out_of_memory: false,
        })
    }
}

impl State {
    /// Takes out what was handed in.
    pub(super) fn take(&mut self) -> Part {
        mem::replace(&mut self.part, Part::EMPTY)
    }

    /// The owner has ended: having used this much of its budget, or without being judged.
    pub(super) fn end(&mut self, used: Option<Charge>, outer: Option<Handle>) {
        self.ended = Some(Ended { used, outer });
    }
}

impl Part {
    pub(super) const EMPTY: Self = Self {
        stats: AllocStats::ZERO,
        exempt: Charge::NONE,
        records: Vec::new(),
    };

    fn add(&mut self, other: Self) {
        self.stats += other.stats;
        self.exempt = self.exempt.plus(other.exempt);
        for record in &other.records {
            self.add_record(record);
        }
    }

    /// Adds a record if there is room. Inside the allocator that room has to be there already.
    pub(super) fn add_record(&mut self, record: &Record) {
        if let Some(known) = self.records.iter_mut().find(|known| known.is_like(record)) {
            known.absorb(record);
        } else if self.records.len() < MAX_RECORDS {
            self.records.push(*record);
        }
    }

    #[cfg(feature = "cases")]
    pub(super) fn clear(&mut self) {
        self.stats = AllocStats::ZERO;
        self.exempt = Charge::NONE;
        self.records.clear();
    }

    #[cfg(feature = "cases")]
    pub(super) fn copy(&self) -> Self {
        Self {
            stats: self.stats,
            exempt: self.exempt,
            records: self.records.clone(),
        }
    }
}

/// A reference to what is shared, which may be dropped in the user's code: unseen by his regions.
#[derive(Debug, Clone)]
pub(super) struct Handle(ManuallyDrop<Arc<Shared>>);

impl Handle {
    pub(super) fn new(shared: Shared) -> Self {
        Self(ManuallyDrop::new(Arc::new(shared)))
    }

    /// From this one on outwards, the first that is active, judged still, or an exemption. None, if
    /// that leads back to `from`, or too far.
    pub(super) fn onwards(self, from: &Shared) -> Option<Self> {
        let mut first = None;
        let mut at = self;
        for _ in 0..MAX_OUTWARDS {
            if ptr::eq(&*at, from) {
                return None;
            }
            let (counts, outer) = {
                let state = at.lock();
                match &state.ended {
                    None => (true, None),
                    Some(ended) => (at.exempt || at.may_fail(ended), ended.outer.clone()),
                }
            };
            if counts && first.is_none() {
                first = Some(at.clone());
            }
            match outer {
                Some(outer) => at = outer,
                None => return first,
            }
        }
        None
    }

    /// Whether another thread may still hand something in.
    pub(super) fn is_held_elsewhere(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    fn into_raw(self) -> *const Shared {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: it is taken once, for `this` is not dropped.
        Arc::into_raw(unsafe { ManuallyDrop::take(&mut this.0) })
    }
}

impl std::ops::Deref for Handle {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: dropped once, here.
        unwatched(|| unsafe { ManuallyDrop::drop(&mut self.0) });
    }
}

/// Where an account keeps what it shares, until it is taken out. It has no destructor, so that a region
/// has none but its own: a longer one is not inlined into the functions that are guarded.
#[derive(Debug)]
pub(super) struct Slot(Cell<*const Shared>);

impl Slot {
    pub(super) const fn empty() -> Self {
        Self(Cell::new(ptr::null()))
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.get().is_null()
    }

    /// Puts it in an empty slot.
    pub(super) fn put(&self, shared: Handle) {
        assert!(self.is_empty(), "an account is shared once");
        self.0.set(shared.into_raw());
    }

    pub(super) fn take(&self) -> Option<Handle> {
        let shared = self.0.replace(ptr::null());
        if shared.is_null() {
            return None;
        }
        // SAFETY: it comes from `Arc::into_raw` in `put`, and is taken out once.
        Some(Handle(ManuallyDrop::new(unsafe { Arc::from_raw(shared) })))
    }

    pub(super) fn get_or_put(&self, new: impl FnOnce() -> Shared) -> Handle {
        let shared = self.take().unwrap_or_else(|| Handle::new(new()));
        self.put(shared.clone());
        shared
    }
}

/// A region that is handed on.
#[derive(Debug, Clone)]
pub struct Carried {
    shared: Handle,
    /// Where it was handed on.
    at: &'static Location<'static>,
}

impl Carried {
    /// The innermost region of this thread, if there is one.
    #[inline(always)]
    pub fn here(at: &'static Location<'static>) -> Option<Self> {
        if !ledger::is_watched() {
            return None;
        }
        let shared = ledger::share_innermost()?;
        Some(Self { shared, at })
    }

    pub(super) fn shared(&self) -> Handle {
        self.shared.clone()
    }

    /// Whether what is allocated reaches the region of a case's call.
    pub(super) fn is_of_case(&self) -> bool {
        self.shared.of_case
    }

    pub(super) fn limits(&self) -> Limits {
        self.shared.limits
    }

    /// What the regions that it is handed on from are called, from the inside out.
    pub(super) fn names(&self) -> &[String] {
        &self.shared.names
    }

    /// Hands in what was allocated.
    pub(super) fn deposit(&self, mut part: Part) -> Option<Failure> {
        for record in &mut part.records {
            // The innermost hand-over is the one that led there.
            record.carried.get_or_insert(self.at);
        }
        self.shared.deposit(part)
    }
}

/// Fails on the thread that is left with it.
pub(super) fn fail((excess, subject): Failure) {
    let _failing = Failing::begin();
    let Some(report) = report::render(subject, &excess).report else {
        return;
    };
    if policy::raises(&report) {
        match subject {
            Subject::Function(site) => (site.raise)(&report),
            _ => panic!("{report}"),
        }
    }
}
