//! One call of a hot function, or one poll, on the stack of a thread.
//!
//! What a function called is taken from its own time without a list of who calls whom: a thread adds up
//! what the calls in the innermost frame took; a frame puts that aside when it begins, and adds itself
//! to it when it ends.

use std::cell::Cell;

use super::figures::{Figures, Store};
use super::session::{self, Id};
use crate::watch::{self, Totals};
use crate::{Site, unwatched};

thread_local! {
    // Constant and without a destructor: a load, at any time of a thread's life.
    static THREAD: Thread = const { Thread::new() };
    // Its destructor makes room for threads to come.
    static LEASE: Lease = const { Lease(Cell::new(None)) };
}

struct Thread {
    /// The profile that the store is of.
    session: Cell<Option<Id>>,
    store: Cell<Option<&'static Store>>,
    /// What the calls in the innermost frame took.
    inside: Cell<u64>,
    /// Whether a store is being got: for that, memory is allocated, and an allocator may have hot
    /// functions of its own.
    is_joining: Cell<bool>,
}

struct Lease(Cell<Option<(Id, &'static Store)>>);

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some((session, store)) = self.0.take() {
            THREAD.with(|thread| thread.store.set(None));
            session::give_back(session, store);
        }
    }
}

/// A call of a hot function, from [`enter`](Self::enter) to its drop.
#[derive(Debug)]
pub struct Frame(Option<Open>);

/// A frame of a profile that is running.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) store: &'static Store,
    pub(super) figures: &'static Figures,
    pub(super) start: u64,
    /// What the calls before it, in the frame around it, took.
    beside: u64,
    used_before: Totals,
    /// Whether it has allocations counted, which nothing did before.
    watches: bool,
    /// Whether the thread was unwinding before.
    unwinding: bool,
}

/// A frame that has ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Closed {
    pub(super) end: u64,
    pub(super) ticks: u64,
    /// Whether by a panic.
    pub(super) panicked: bool,
}

impl Frame {
    /// Begins a call, if there is a profile.
    #[inline(always)]
    pub fn enter(site: &'static Site) -> Self {
        match session::current() {
            Some(session) => Self(Open::begin(session, site)),
            None => Self(None),
        }
    }

    #[inline(never)]
    fn leave(open: &Open) {
        let closed = open.end();
        open.figures.calls.record(closed.ticks);
        if closed.panicked {
            open.figures.panicked.add(1);
        }
    }
}

impl Drop for Frame {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(open) = &self.0 {
            Self::leave(open);
        }
    }
}

impl Open {
    #[inline(never)]
    pub(super) fn begin(session: Id, site: &'static Site) -> Option<Self> {
        THREAD.with(|thread| {
            let store = thread.store(session)?;
            let figures = store.of(site)?;
            let watches = watch::watch();
            let beside = thread.begin(figures);
            Some(Self {
                store,
                figures,
                beside,
                used_before: watch::totals(),
                watches,
                unwinding: std::thread::panicking(),
                // Last, so that what comes before is not in it.
                start: store.clock.raw(),
            })
        })
    }

    #[inline(always)]
    pub(super) fn end(&self) -> Closed {
        let end = self.store.clock.raw();
        // The cores' counters may be a tick apart.
        let ticks = end.saturating_sub(self.start);
        THREAD.with(|thread| thread.end(self.figures, self.beside, ticks));
        self.figures
            .add_used(watch::totals().since(self.used_before));
        if self.watches {
            watch::unwatch();
        }
        Closed {
            end,
            ticks,
            panicked: std::thread::panicking() && !self.unwinding,
        }
    }
}

/// Calls `f` with what this thread has seen of a function.
pub(super) fn with_figures(session: Id, site: &'static Site, f: impl FnOnce(&Figures)) {
    let store = THREAD.with(|thread| thread.store(session));
    if let Some(figures) = store.and_then(|store| store.of(site)) {
        f(figures);
    }
}

/// Runs `f` unless it is being run on this thread: it allocates, and so it may come back here.
pub(super) fn joining<R>(f: impl FnOnce() -> Option<R>) -> Option<R> {
    THREAD.with(|thread| {
        if thread.is_joining.replace(true) {
            return None;
        }
        let result = unwatched(f);
        thread.is_joining.set(false);
        result
    })
}

impl Thread {
    const fn new() -> Self {
        Self {
            session: Cell::new(None),
            store: Cell::new(None),
            inside: Cell::new(0),
            is_joining: Cell::new(false),
        }
    }

    #[inline(always)]
    fn store(&self, session: Id) -> Option<&'static Store> {
        match self.store.get() {
            Some(store) if self.session.get() == Some(session) => Some(store),
            _ => self.join(session),
        }
    }

    #[cold]
    #[inline(never)]
    fn join(&self, session: Id) -> Option<&'static Store> {
        joining(|| {
            // At the end of a thread, where none of its destructors gives a store back any more, it gets none.
            let store = LEASE.try_with(|lease| {
                let store = session::lend(session)?;
                lease.0.set(Some((session, store)));
                Some(store)
            });
            let store = store.ok()??;
            self.session.set(Some(session));
            self.store.set(Some(store));
            Some(store)
        })
    }

    /// A call begins; returns what is to be handed in when it ends.
    #[inline(always)]
    fn begin(&self, figures: &Figures) -> u64 {
        figures.depth.add(1);
        self.inside.replace(0)
    }

    #[inline(always)]
    fn end(&self, figures: &Figures, beside: u64, ticks: u64) {
        let inside = self.inside.replace(beside.wrapping_add(ticks));
        let depth = figures.depth.get().wrapping_sub(1);
        figures.depth.set(depth);
        figures.own.add(ticks.saturating_sub(inside));
        // A call in a call of the same function is in that one's time.
        if depth == 0 {
            figures.total.add(ticks);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Figures, Thread};

    /// Calls `f` as a frame that takes so long in all.
    fn call(thread: &Thread, figures: &Figures, ticks: u64, f: impl FnOnce()) {
        let beside = thread.begin(figures);
        f();
        thread.end(figures, beside, ticks);
    }

    #[test]
    fn what_a_function_calls_is_not_its_own_time() {
        let thread = Thread::new();
        let [outer, middle, inner] = [const { Figures::new() }; 3];
        call(&thread, &outer, 100, || {
            call(&thread, &inner, 10, || ());
            call(&thread, &middle, 50, || {
                call(&thread, &inner, 20, || ());
                call(&thread, &inner, 5, || ());
            });
        });
        // What came before in the thread is nobody's.
        call(&thread, &middle, 7, || ());
        let own = [&outer, &middle, &inner].map(|figures| figures.own.get());
        let total = [&outer, &middle, &inner].map(|figures| figures.total.get());
        assert_eq!(own, [40, 25 + 7, 35]);
        assert_eq!(total, [100, 57, 35]);
    }

    #[test]
    fn recursion_counts_in_the_total_once() {
        let thread = Thread::new();
        let [even, odd] = [const { Figures::new() }; 2];
        call(&thread, &even, 100, || {
            call(&thread, &even, 60, || {
                call(&thread, &odd, 50, || {
                    call(&thread, &even, 20, || ());
                });
            });
        });
        assert_eq!(even.total.get(), 100);
        assert_eq!(even.own.get(), 40 + 10 + 20);
        assert_eq!(odd.total.get(), 50);
        assert_eq!(odd.own.get(), 30);
        // And is over when it is over.
        call(&thread, &even, 5, || ());
        assert_eq!(even.total.get(), 105);
    }

    #[test]
    fn clocks_that_disagree_make_no_time_negative() {
        let thread = Thread::new();
        let [outer, inner] = [const { Figures::new() }; 2];
        call(&thread, &outer, 10, || call(&thread, &inner, 12, || ()));
        assert_eq!(outer.own.get(), 0);
        assert_eq!(inner.own.get(), 12);
    }
}
