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

fn call<O>(budget: &CaseBudget<'_>, routine: impl FnOnce() -> O) -> Call {
    let (output, stats, over_budget) = guard::call(budget, routine);
    // Dropped here, where nothing is counted.
    black_box(output);
    Call { stats, over_budget }
}

/// A call without set-up, the drop of its output included.
pub(crate) struct Plain<R>(pub(crate) R);

impl<O, R: FnMut() -> O> Routine for Plain<R> {
    fn sample(&mut self, bencher: &mut criterion::Bencher<'_>) {
        bencher.iter(&mut self.0);
    }

    fn call(&mut self, budget: &CaseBudget<'_>) -> Call {
        call(budget, &mut self.0)
    }
}

/// A call that consumes an input made outside the timed part.
pub(crate) struct Batched<S, R> {
    setup: S,
    routine: R,
    size: BatchSize,
}

impl<S, R> Batched<S, R> {
    pub(crate) fn new(setup: S, routine: R, size: BatchSize) -> Self {
        Self {
            setup,
            routine,
            size,
        }
    }
}

impl<I, O, S: FnMut() -> I, R: FnMut(I) -> O> Routine for Batched<S, R> {
    fn sample(&mut self, bencher: &mut criterion::Bencher<'_>) {
        bencher.iter_batched(&mut self.setup, &mut self.routine, self.size);
    }

    fn call(&mut self, budget: &CaseBudget<'_>) -> Call {
        let input = black_box((self.setup)());
        call(budget, || (self.routine)(input))
    }
}

/// A call that borrows an input made, and dropped, outside the timed part.
pub(crate) struct BatchedRef<S, R>(pub(crate) Batched<S, R>);

impl<I, O, S: FnMut() -> I, R: FnMut(&mut I) -> O> Routine for BatchedRef<S, R> {
    fn sample(&mut self, bencher: &mut criterion::Bencher<'_>) {
        let Batched {
            setup,
            routine,
            size,
        } = &mut self.0;
        bencher.iter_batched_ref(setup, routine, *size);
    }

    fn call(&mut self, budget: &CaseBudget<'_>) -> Call {
        let mut input = black_box((self.0.setup)());
        call(budget, || (self.0.routine)(&mut input))
    }
}

/// A routine that takes an iteration count and tells how long it took.
pub(crate) struct Custom<R>(pub(crate) R);

impl<R: FnMut(u64) -> Duration> Routine for Custom<R> {
    fn sample(&mut self, bencher: &mut criterion::Bencher<'_>) {
        bencher.iter_custom(&mut self.0);
    }

    fn call(&mut self, budget: &CaseBudget<'_>) -> Call {
        call(budget, || (self.0)(1))
    }
}
