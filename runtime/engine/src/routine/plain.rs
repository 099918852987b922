//! The routines that Criterion has a loop of its own for.

use std::hint::black_box;
use std::time::Duration;

use criterion::BatchSize;

use super::{Calls, Counted, Meter, Routine, call};
use hotbench_guard::CaseBudget;

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
        // A `&mut` to the routine is called out of line, and its output moved once more: 2.5 % of one
        // that returns 512 bytes.
        bencher.iter(|| (self.routine)());
    }

    fn batch(&mut self, calls: u64, meter: &mut dyn Meter) {
        meter.start();
        for _ in 0..calls {
            black_box((self.routine)());
        }
        meter.stop();
    }

    fn count(&mut self, calls: Calls, budget: &CaseBudget<'_>) -> Counted {
        calls.run(|| call(budget, &mut self.check, &mut self.routine))
    }
}

/// A call that consumes an input made outside the timed part.
pub(crate) struct Batched<S, R, C> {
    setup: S,
    routine: R,
    check: Option<C>,
    size: BatchSize,
}

impl<S, R, C> Batched<S, R, C> {
    pub(crate) fn new<I, O>(setup: S, routine: R, check: C, size: BatchSize) -> Self
    where
        S: FnMut() -> I,
        R: FnMut(I) -> O,
        C: FnOnce(&O),
    {
        Self {
            setup,
            routine,
            check: Some(check),
            size,
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
        bencher.iter_batched(&mut self.setup, &mut self.routine, self.size);
    }

    fn batch(&mut self, calls: u64, meter: &mut dyn Meter) {
        let inputs: Vec<I> = black_box((0..calls).map(|_| (self.setup)()).collect());
        let mut outputs = Vec::with_capacity(inputs.len());
        meter.start();
        outputs.extend(inputs.into_iter().map(&mut self.routine));
        meter.stop();
        black_box(outputs);
    }

    fn count(&mut self, calls: Calls, budget: &CaseBudget<'_>) -> Counted {
        calls.run(|| {
            // Behind a reference: each layer between here and the call would copy a large one.
            let mut input = made(&mut self.setup);
            black_box(&mut input);
            call(budget, &mut self.check, || {
                (self.routine)(taken(&mut input))
            })
        })
    }
}

// Functions of their own, so that their copies of the input are gone when the routine is called.
fn made<I>(setup: impl FnOnce() -> I) -> Option<I> {
    Some(setup())
}

fn taken<I>(input: &mut Option<I>) -> I {
    input.take().expect("an input is made for each call")
}

/// A call that borrows an input made, and dropped, outside the timed part.
pub(crate) struct BatchedRef<S, R> {
    setup: S,
    routine: R,
    size: BatchSize,
}

impl<S, R> BatchedRef<S, R> {
    pub(crate) fn new(setup: S, routine: R, size: BatchSize) -> Self {
        Self {
            setup,
            routine,
            size,
        }
    }
}

impl<I, O, S: FnMut() -> I, R: FnMut(&mut I) -> O> Routine for BatchedRef<S, R> {
    fn sample(&mut self, bencher: &mut criterion::Bencher<'_>) {
        bencher.iter_batched_ref(&mut self.setup, &mut self.routine, self.size);
    }

    fn batch(&mut self, calls: u64, meter: &mut dyn Meter) {
        let mut inputs: Vec<I> = black_box((0..calls).map(|_| (self.setup)()).collect());
        let mut outputs = Vec::with_capacity(inputs.len());
        meter.start();
        outputs.extend(inputs.iter_mut().map(&mut self.routine));
        meter.stop();
        black_box(outputs);
    }

    fn count(&mut self, calls: Calls, budget: &CaseBudget<'_>) -> Counted {
        calls.run(|| {
            let mut input = black_box((self.setup)());
            let unchecked = &mut Some(|_: &_| ());
            call(budget, unchecked, || (self.routine)(&mut input))
        })
    }
}

/// A routine that takes an iteration count and tells how long it took.
pub(crate) struct Custom<R>(pub(crate) R);

impl<R: FnMut(u64) -> Duration> Routine for Custom<R> {
    fn sample(&mut self, bencher: &mut criterion::Bencher<'_>) {
        bencher.iter_custom(&mut self.0);
    }

    /// What the routine does outside the part that it times itself is metered, too.
    fn batch(&mut self, calls: u64, meter: &mut dyn Meter) {
        meter.start();
        let took = black_box((self.0)(calls));
        meter.stop_timed(took);
    }

    fn count(&mut self, calls: Calls, budget: &CaseBudget<'_>) -> Counted {
        calls.run(|| call(budget, &mut Some(|_: &_| ()), || (self.0)(1)))
    }
}
