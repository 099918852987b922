//! A region's account with other threads: what they allocate on it.
//!
//! [`propagate`](crate::propagate) hands the innermost region of a thread on. The work that another
//! thread does for it is a region there, whose account goes to the owner when it ends, all at once;
//! the owner adds it to its own when it is judged. Work that outlives its owner is judged by what the
//! owner has left of its budget, where it ends.

use std::cell::Cell;
use std::panic::Location;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::counts::{AllocStats, Charge};
use super::ledger::{self, Excess, Limits};
use super::policy;
use super::record::{MAX_RECORDS, Record};
use super::report::{self, Subject};

/// What other threads have in common with a region.
#[derive(Debug)]
pub(super) struct Shared {
    /// Whose budget it is, as far as that can be told when the region has ended.
    subject: Option<Subject<'static>>,
    /// What is recorded: everything, if a limit is set at all. Whose allocation is the one too many
    /// is the scheduler's choice.
    limits: Limits,
    /// What the regions are called, from the inside out.
    names: Vec<String>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    part: Part,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// The owner is to be judged yet, with what is handed in until then.
    Active,
    /// The owner has ended, with this much used.
    Ended { used: Charge },
    /// The owner has failed, or was dropped: nothing is to be said any more.
    Abandoned,
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
        limits: Limits,
        names: Vec<String>,
    ) -> Self {
        let all_or_nothing = |limit: Charge| limit.map(|n| if n == u64::MAX { n } else { 0 });
        Self {
            subject,
            limits: Limits {
                net: all_or_nothing(limits.net),
                gross: limits.gross.map(all_or_nothing),
            },
            names,
            state: Mutex::new(State {
                phase: Phase::Active,
                part: Part::EMPTY,
            }),
        }
    }

    /// Takes out what was handed in.
    pub(super) fn take(&self) -> Part {
        std::mem::replace(&mut self.lock().part, Part::EMPTY)
    }

    /// The owner has ended: having used this much of its budget, or without being judged.
    pub(super) fn end(self: Arc<Self>, used: Option<Charge>) {
        self.lock().phase = used.map_or(Phase::Abandoned, |used| Phase::Ended { used });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where an account keeps what it shares, until it is taken out. It has no destructor, so that a region
/// has none but its own: a longer one is not inlined into the functions that are guarded.
#[derive(Debug)]
pub(super) struct Slot(Cell<*const Shared>);

impl Slot {
    pub(super) fn empty() -> Self {
        Self(Cell::new(ptr::null()))
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.get().is_null()
    }

    /// Puts it in an empty slot.
    pub(super) fn put(&self, shared: Arc<Shared>) {
        assert!(self.is_empty(), "an account is shared once");
        self.0.set(Arc::into_raw(shared));
    }

    pub(super) fn take(&self) -> Option<Arc<Shared>> {
        let shared = self.0.replace(ptr::null());
        // SAFETY: it comes from `Arc::into_raw` in `put`, and is taken out once.
        (!shared.is_null()).then(|| unsafe { Arc::from_raw(shared) })
    }

    pub(super) fn get_or_put(&self, new: impl FnOnce() -> Shared) -> Arc<Shared> {
        let shared = self.take().unwrap_or_else(|| Arc::new(new()));
        self.put(shared.clone());
        shared
    }
}

impl Part {
    const EMPTY: Self = Self {
        stats: AllocStats::ZERO,
        exempt: Charge::NONE,
        records: Vec::new(),
    };

    fn add(&mut self, other: Self) {
        self.stats += other.stats;
        self.exempt = self.exempt.plus(other.exempt);
        for record in other.records {
            if let Some(known) = self.records.iter_mut().find(|known| known.is_like(&record)) {
                known.absorb(&record);
            } else if self.records.len() < MAX_RECORDS {
                self.records.push(record);
            }
        }
    }
}

/// A region that is handed on.
#[derive(Debug, Clone)]
pub(crate) struct Carried {
    shared: Arc<Shared>,
    /// Where it was handed on.
    at: &'static Location<'static>,
}

impl Carried {
    /// The innermost region of this thread, if there is one.
    #[inline(always)]
    pub(crate) fn here(at: &'static Location<'static>) -> Option<Self> {
        if !ledger::is_watched() {
            return None;
        }
        ledger::share_top(at)
    }

    pub(super) fn new(shared: Arc<Shared>, at: &'static Location<'static>) -> Self {
        Self { shared, at }
    }

    pub(super) fn shared(&self) -> Arc<Shared> {
        self.shared.clone()
    }

    pub(super) fn limits(&self) -> Limits {
        self.shared.limits
    }

    /// What the regions that it is handed on from are called, from the inside out.
    pub(super) fn names(&self) -> &[String] {
        &self.shared.names
    }

    /// Hands in what was allocated. If the owner has ended without it, it is judged by itself.
    pub(super) fn deposit(&self, mut part: Part) -> Option<Excess> {
        for record in &mut part.records {
            // The innermost hand-over is the one that led there.
            record.carried.get_or_insert(self.at);
        }
        let mut state = self.shared.lock();
        match state.phase {
            Phase::Active => state.part.add(part),
            Phase::Abandoned => {}
            Phase::Ended { used } => {
                let budget = self.shared.subject?.budget();
                let counted = match budget.forbid {
                    true => part.stats.charge(),
                    false => part.stats.charge().minus(part.exempt),
                };
                let used = used.plus(counted);
                state.phase = Phase::Ended { used };
                let is_over = counted != Charge::NONE && used.exceeds(budget.charge());
                return is_over.then(|| Excess {
                    used,
                    within: budget.max_allocs,
                    records: part.records,
                    around: Vec::new(),
                    late: true,
                });
            }
        }
        None
    }

    /// Fails on the thread that is left with it, if it is over what was left of the budget.
    pub(super) fn judge(&self, late: Option<Excess>) {
        let Some((excess, subject)) = late.zip(self.shared.subject) else {
            return;
        };
        let message = report::render(subject, &excess);
        if policy::raises(&message) {
            match subject {
                Subject::Function(site) => (site.raise)(&message),
                _ => panic!("{message}"),
            }
        }
    }
}
