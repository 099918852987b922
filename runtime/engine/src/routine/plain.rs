//! Calls of a function, and those that a case makes by its bencher.

use std::hint::black_box;
use std::time::Duration;

use criterion::BatchSize;

use super::{Calls, Counted, Meter, Routine, call, sample_by_batches, sample_by_one_batch};
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
        sample_by_one_batch(self, bencher);
    }

    fn batch(&mut self, calls: u64, meter: &mut dyn Meter) {
        meter.start();
        for _ in 0..calls {
            black_box((self.routine)());
        }
        meter.stop();
    }

    fn count(&mut self, calls: Calls, budget: &CaseBudget<'_>) -> Counted {
        calls.run(&mut || call(budget, &mut self.check, &mut self.routine))
    }
}

/// How many of a sample's calls are in a batch, as Criterion has it.
fn calls_of(size: BatchSize, iterations: u64) -> u64 {
    match size {
        BatchSize::LargeInput => iterations.div_ceil(1000),
        BatchSize::PerIteration => 1,
        BatchSize::NumBatches(batches) => iterations.div_ceil(batches.max(1)),
        BatchSize::NumIterations(calls) => calls.max(1),
        // `SmallInput`.
        _ => iterations.div_ceil(10),
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
        let size = self.size;
        sample_by_batches(self, bencher, &|iterations| calls_of(size, iterations));
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
        calls.run(&mut || {
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
        let size = self.size;
        sample_by_batches(self, bencher, &|iterations| calls_of(size, iterations));
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
        calls.run(&mut || {
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
        calls.run(&mut || call(budget, &mut Some(|_: &_| ()), || (self.0)(1)))
    }
}
