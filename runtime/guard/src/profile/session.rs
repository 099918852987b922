//! Whether a profile is running, and what its threads have seen.
//!
//! A thread borrows a store for as long as it lives; the next thread goes on with it. So there are as
//! many as there are threads at a time. They are never freed: a frame may outlive its profile, and writes
//! where nobody looks any more.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use quanta::Clock;

use super::destination::Destination;
use super::figures::Store;
use super::frame::joining;
use super::summary::{Summary, Totals};
use crate::policy::{allocator_is_installed, print};
use crate::{Site, SiteEntry, SiteState, unwatched};

/// A profile of this process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Id(NonZeroU32);

/// The environment was not read yet.
const UNDECIDED: u32 = 0;
const OFF: u32 = 1;
/// What comes after are profiles that are running.
static SESSION: AtomicU32 = AtomicU32::new(UNDECIDED);

static STATE: Mutex<State> = Mutex::new(State {
    last: OFF,
    running: None,
    stores: Vec::new(),
    free: Vec::new(),
    functions: 0,
    is_told: false,
    ends_at_exit: false,
});

struct State {
    last: u32,
    running: Option<Running>,
    /// What the threads of the last profile have seen.
    stores: Vec<&'static Store>,
    /// Of these, those of threads that have ended.
    free: Vec<&'static Store>,
    /// Functions that have an index.
    functions: usize,
    /// Whether it was said that the environment is wrong.
    is_told: bool,
    /// Whether the end of the process ends a profile.
    ends_at_exit: bool,
}

struct Running {
    id: Id,
    clock: Clock,
    /// In ticks of the clock.
    began: u64,
    destination: Destination,
    counts_allocs: bool,
    /// Whether a value of `profile()` ends it.
    is_owned: bool,
}

/// The profile that is running.
#[inline(always)]
pub(super) fn current() -> Option<Id> {
    match SESSION.load(Ordering::Relaxed) {
        OFF => None,
        UNDECIDED => decide(),
        session => NonZeroU32::new(session).map(Id),
    }
}

/// The first hot function: the environment alone may ask for a profile.
#[cold]
#[inline(never)]
fn decide() -> Option<Id> {
    joining(|| {
        let mut state = lock();
        if SESSION.load(Ordering::Relaxed) == UNDECIDED {
            match state.destination() {
                Some(Some(destination)) => {
                    state.begin(destination, false);
                }
                _ => SESSION.store(OFF, Ordering::Relaxed),
            }
        }
        state.running.as_ref().map(|running| running.id)
    })
}

/// Begins a profile, or takes over the one that the environment has asked for. Nothing where there is one
/// that somebody else ends, or where the environment is wrong.
pub(super) fn start() -> Option<Id> {
    joining(|| {
        let mut state = lock();
        if let Some(running) = &mut state.running {
            let is_free = !std::mem::replace(&mut running.is_owned, true);
            return is_free.then_some(running.id);
        }
        match state.destination() {
            Some(said) => Some(state.begin(said.unwrap_or(Destination::TABLE), true)),
            None => {
                SESSION.store(OFF, Ordering::Relaxed);
                None
            }
        }
    })
}

/// Ends a profile, and writes it.
pub(super) fn finish(id: Id) {
    unwatched(|| finish_if(|running| running.id == id));
}

fn finish_if(is_meant: impl Fn(&Running) -> bool) {
    let mut state = lock();
    let Some(running) = state.running.take_if(|running| is_meant(running)) else {
        return;
    };
    let ended = running.clock.raw();
    SESSION.store(OFF, Ordering::Relaxed);
    let stores = std::mem::take(&mut state.stores);
    drop(state);
    let mut totals: Vec<Totals> = hot_sites().map(Totals::new).collect();
    for totals in &mut totals {
        let index = totals.site.state.profile_index.load(Ordering::Relaxed);
        for figures in stores.iter().filter_map(|store| store.seen(index)) {
            totals.add(figures);
        }
    }
    let ticks = ended.saturating_sub(running.began);
    let summary = Summary::new(
        totals,
        ticks,
        tick_ns(&running.clock),
        running.counts_allocs,
    );
    running.destination.write(&summary);
}

extern "C" fn at_exit() {
    // A panic must not leave it: it would hide how the program ends.
    let _ = std::panic::catch_unwind(|| unwatched(|| finish_if(|_| true)));
}

/// Nanoseconds of a tick.
fn tick_ns(clock: &Clock) -> f64 {
    const TICKS: u64 = 1 << 40;
    clock.delta_as_nanos(0, TICKS) as f64 / TICKS as f64
}

/// A store for a thread that begins, in a profile that is still running.
pub(super) fn lend(id: Id) -> Option<&'static Store> {
    let mut state = lock();
    let running = state.running.as_ref().filter(|running| running.id == id)?;
    let clock = running.clock.clone();
    if let Some(store) = state.free.pop() {
        return Some(store);
    }
    let store: &Store = Box::leak(Box::new(Store::new(clock, hot_sites().count())));
    state.stores.push(store);
    Some(store)
}

/// A thread has ended.
pub(super) fn give_back(id: Id, store: &'static Store) {
    unwatched(|| {
        let mut state = lock();
        if state
            .running
            .as_ref()
            .is_some_and(|running| running.id == id)
        {
            state.free.push(store);
        }
    });
}

/// The index of a function's figures, in all stores.
pub(super) fn index(site: &'static Site) -> usize {
    let mut state = lock();
    let index = &site.state.profile_index;
    if index.load(Ordering::Relaxed) == SiteState::NO_INDEX {
        index.store(state.functions, Ordering::Relaxed);
        state.functions += 1;
    }
    index.load(Ordering::Relaxed)
}

fn hot_sites() -> impl Iterator<Item = &'static Site> {
    let sites = inventory::iter::<SiteEntry>().map(|entry| entry.0);
    sites.filter(|site| site.is_hot())
}

fn lock() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// What the environment says: nothing where that is wrong, of which it is told once.
    fn destination(&mut self) -> Option<Option<Destination>> {
        match Destination::from_environment() {
            Ok(said) => Some(said),
            Err(message) => {
                if !std::mem::replace(&mut self.is_told, true) {
                    print(&format!("hotbench: nothing is profiled: {message}"));
                }
                None
            }
        }
    }

    fn begin(&mut self, destination: Destination, is_owned: bool) -> Id {
        if !std::mem::replace(&mut self.ends_at_exit, true) {
            // SAFETY: the function does not unwind. It fails where there is no memory left; then a
            // program that never drops its profile has none.
            unsafe { libc::atexit(at_exit) };
        }
        self.last += 1;
        let id = Id(NonZeroU32::new(self.last).expect("they are counted from 2 on"));
        self.stores.clear();
        self.free.clear();
        // The first is calibrated, which takes a while.
        let clock = Clock::new();
        self.running = Some(Running {
            id,
            destination,
            counts_allocs: allocator_is_installed(),
            is_owned,
            began: clock.raw(),
            clock,
        });
        SESSION.store(self.last, Ordering::Relaxed);
        id
    }
}
