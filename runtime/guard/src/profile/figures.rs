//! What one thread has seen of each hot function. It alone writes, without a lock; whoever makes the
//! report reads, while it goes on.

use std::sync::OnceLock;
use std::sync::atomic::Ordering;

use quanta::Clock;

use super::histogram::{Counter, Histogram};
use super::session;
use crate::watch::Totals;
use crate::{Site, unwatched};

/// Durations, in ticks of the clock.
#[derive(Debug)]
pub(super) struct Durations {
    pub(super) count: Counter,
    pub(super) sum: Counter,
    pub(super) max: Counter,
    pub(super) histogram: Histogram,
}

/// Of one function.
#[derive(Debug)]
pub(super) struct Figures {
    /// Of each call; of an async one, in its polls.
    pub(super) calls: Durations,
    /// Of each async call that has ended, from its first poll on.
    pub(super) until_ready: OnceLock<Box<Durations>>,
    /// In calls that are in no other call of the same function.
    pub(super) total: Counter,
    /// Without the hot functions that it called.
    pub(super) own: Counter,
    pub(super) allocs: Counter,
    pub(super) bytes: Counter,
    pub(super) polls: Counter,
    /// Calls that ended in a panic.
    pub(super) panicked: Counter,
    /// Async calls that were dropped before they were ready.
    pub(super) dropped: Counter,
    /// Calls that are running, one in the other.
    pub(super) depth: Counter,
}

/// Of all functions.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) clock: Clock,
    by_index: Box<[OnceLock<Box<Figures>>]>,
}

impl Durations {
    pub(super) const fn new() -> Self {
        Self {
            count: Counter::new(),
            sum: Counter::new(),
            max: Counter::new(),
            histogram: Histogram::new(),
        }
    }

    #[inline(always)]
    pub(super) fn record(&self, ticks: u64) {
        self.count.add(1);
        self.sum.add(ticks);
        if ticks > self.max.get() {
            self.max.set(ticks);
        }
        self.histogram.record(ticks);
    }
}

impl Figures {
    pub(super) const fn new() -> Self {
        Self {
            calls: Durations::new(),
            until_ready: OnceLock::new(),
            total: Counter::new(),
            own: Counter::new(),
            allocs: Counter::new(),
            bytes: Counter::new(),
            polls: Counter::new(),
            panicked: Counter::new(),
            dropped: Counter::new(),
            depth: Counter::new(),
        }
    }

    pub(super) fn until_ready(&self) -> &Durations {
        let until_ready = &self.until_ready;
        until_ready
            .get()
            .unwrap_or_else(|| unwatched(|| until_ready.get_or_init(|| Box::new(Durations::new()))))
    }

    #[inline(always)]
    pub(super) fn add_used(&self, used: Totals) {
        // Most hot functions allocate nothing.
        if used.allocs != 0 {
            self.allocs.add(used.allocs);
            self.bytes.add(used.bytes);
        }
    }
}

impl Store {
    /// With room for so many functions.
    pub(super) fn new(clock: Clock, functions: usize) -> Self {
        Self {
            clock,
            by_index: (0..functions).map(|_| OnceLock::new()).collect(),
        }
    }

    /// Nothing for functions that the profile did not know when it began, as those of a library that
    /// was loaded since.
    #[inline(always)]
    pub(super) fn of(&self, site: &'static Site) -> Option<&Figures> {
        let index = site.state.profile_index.load(Ordering::Relaxed);
        match self.seen(index) {
            Some(figures) => Some(figures),
            None => self.make(site),
        }
    }

    /// Nothing where the function was not called.
    pub(super) fn seen(&self, index: usize) -> Option<&Figures> {
        self.by_index.get(index)?.get().map(|figures| &**figures)
    }

    #[cold]
    #[inline(never)]
    fn make(&self, site: &'static Site) -> Option<&Figures> {
        unwatched(|| {
            let slot = self.by_index.get(session::index(site))?;
            Some(&**slot.get_or_init(|| Box::new(Figures::new())))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Durations;

    #[test]
    fn durations_are_counted_summed_and_the_longest_kept() {
        let durations = Durations::new();
        for ticks in [3, 900, 40] {
            durations.record(ticks);
        }
        assert_eq!(durations.count.get(), 3);
        assert_eq!(durations.sum.get(), 943);
        assert_eq!(durations.max.get(), 900);
    }
}
