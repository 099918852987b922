//! What a case measures, in the forms that every engine can drive.

use std::hint::black_box;
use std::time::Duration;

use criterion::BatchSize;

use crate::guard::{self, AllocStats, CaseBudget};

/// A routine with its set-up. Object-safe, so that engines and routines don't multiply; the loop
/// inside each method is monomorphic.
pub(crate) trait Routine {
    /// Runs the loop of one of Criterion's samples.
    fn sample(&mut self, bencher: &mut criterion::Bencher<'_>);

    /// Runs once, and counts what it allocates from entry to return.
    fn call(&mut self, budget: &CaseBudget<'_>) -> Call;
}

/// What one call allocated, and a report if that was over its budget.
pub(crate) struct Call {
    pub(crate) stats: AllocStats,
    pub(crate) over_budget: Option<String>,
}

fn call<O>(
    budget: &CaseBudget<'_>,
    check: &mut Option<impl FnOnce(&O)>,
    routine: impl FnOnce() -> O,
) -> Call {
    let (output, stats, over_budget) = guard::call(budget, routine);
    if let Some(check) = check.take() {
        check(&output);
    }
    // Dropped here, where nothing is counted.
    black_box(output);
    Call { stats, over_budget }
}

/// A call without set-up, the drop of its output included.
pub(crate) struct Plain<R, C> {
    routine: R,
    check: Option<C>,
}

impl<R, C> Plain<R, C> {
    pub(crate) fn new<O>(routine: R, check: C) -> Self
    where
        R: FnMut() -> O,
        C: FnOnce(&O),
    {
        let check = Some(check);
        Self { routine, check }
    }
}

impl<O, R: FnMut() -> O, C: FnOnce(&O)> Routine for Plain<R, C> {
    fn sample(&mut self, bencher: &mut criterion::Bencher<'_>) {
        bencher.iter(&mut self.routine);
    }

    fn call(&mut self, budget: &CaseBudget<'_>) -> Call {
        call(budget, &mut self.check, &mut self.routine)
    }
}

/// How many inputs are made at once.
const SIZE: BatchSize = BatchSize::SmallInput;

/// A call that consumes an input made outside the timed part.
pub(crate) struct Batched<S, R, C> {
    setup: S,
    routine: R,
    check: Option<C>,
}

impl<S, R, C> Batched<S, R, C> {
    pub(crate) fn new<I, O>(setup: S, routine: R, check: C) -> Self
    where
        S: FnMut() -> I,
        R: FnMut(I) -> O,
        C: FnOnce(&O),
    {
        let check = Some(check);
        Self {
            setup,
            routine,
            check,
        }
    }
}

impl<I, O, S, R, C> Routine for Batched<S, R, C>
where
    S: FnMut() -> I,
    R: FnMut(I) -> O,
    C: FnOnce(&O),
{
    fn sample(&mut self, bencher: &mut criterion::Bencher<'_>) {
        bencher.iter_batched(&mut self.setup, &mut self.routine, SIZE);
    }

    fn call(&mut self, budget: &CaseBudget<'_>) -> Call {
        let input = black_box((self.setup)());
        call(budget, &mut self.check, || (self.routine)(input))
    }
}

/// A call that borrows an input made, and dropped, outside the timed part.
pub(crate) struct BatchedRef<S, R> {
    setup: S,
    routine: R,
}

impl<S, R> BatchedRef<S, R> {
    pub(crate) fn new(setup: S, routine: R) -> Self {
        Self { setup, routine }
    }
}

impl<I, O, S: FnMut() -> I, R: FnMut(&mut I) -> O> Routine for BatchedRef<S, R> {
    fn sample(&mut self, bencher: &mut criterion::Bencher<'_>) {
        bencher.iter_batched_ref(&mut self.setup, &mut self.routine, SIZE);
    }

    fn call(&mut self, budget: &CaseBudget<'_>) -> Call {
        let mut input = black_box((self.setup)());
        let unchecked = &mut Some(|_: &_| ());
        call(budget, unchecked, || (self.routine)(&mut input))
    }
}

/// A routine that takes an iteration count and tells how long it took.
pub(crate) struct Custom<R>(pub(crate) R);

impl<R: FnMut(u64) -> Duration> Routine for Custom<R> {
    fn sample(&mut self, bencher: &mut criterion::Bencher<'_>) {
        bencher.iter_custom(&mut self.0);
    }

    fn call(&mut self, budget: &CaseBudget<'_>) -> Call {
        call(budget, &mut Some(|_: &_| ()), || (self.0)(1))
    }
}
