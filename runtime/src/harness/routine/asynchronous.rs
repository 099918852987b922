//! Calls of async functions, each run to its end on an executor.

use std::hint::black_box;
use std::time::{Duration, Instant};

use super::batches::{Setup, in_batches};
use super::{Calls, Counted, Routine, ended};
use crate::guard::{self, CaseBudget};
use crate::harness::arguments::Inputs;
use crate::harness::executor::Executor;

/// [`Kept`](super::Kept), for a routine that is awaited. The executor is entered once for a batch,
/// outside the timed part.
pub(crate) struct Async<K, N, R, C> {
    executor: Executor,
    keep: K,
    inputs: N,
    routine: R,
    check: Option<C>,
}

impl<K, N, R, C> Async<K, N, R, C> {
    pub(crate) fn new<S, O>(executor: Executor, keep: K, inputs: N, routine: R, check: C) -> Self
    where
        K: Fn() -> S,
        N: Inputs,
        R: AsyncFnMut(&mut S, N::Made) -> O,
        C: FnOnce(&O),
    {
        Self {
            executor,
            keep,
            inputs,
            routine,
            check: Some(check),
        }
    }
}

impl<S, O, K, N, R, C> Routine for Async<K, N, R, C>
where
    K: Fn() -> S,
    N: Inputs,
    R: AsyncFnMut(&mut S, N::Made) -> O,
    C: FnOnce(&O),
{
    fn sample(&mut self, bencher: &mut criterion::Bencher<'_>) {
        let Self {
            executor,
            keep,
            inputs,
            routine,
            ..
        } = self;
        let setup = Setup {
            keep,
            inputs: *inputs,
        };
        bencher.iter_custom(|iterations| {
            let size = Setup::<K, N>::batch_size::<O>(iterations);
            in_batches(iterations, size, |batch| {
                time(executor, setup, batch, routine)
            })
        });
    }

    fn count(&mut self, calls: Calls, budget: &CaseBudget<'_>) -> Counted {
        let mut kept = (self.keep)();
        calls.run(|| {
            // Before the executor is entered: an argument's `async` block enters it by itself.
            let input = self.inputs.make();
            let call = guard::call_future(budget, (self.routine)(&mut kept, input));
            ended(self.executor.block_on(call), &mut self.check)
        })
    }
}

/// [`Setup::time`], awaited.
fn time<S, K, N, O>(
    executor: &Executor,
    setup: Setup<'_, K, N>,
    iterations: u64,
    routine: &mut impl AsyncFnMut(&mut S, N::Made) -> O,
) -> Duration
where
    K: Fn() -> S,
    N: Inputs,
{
    let mut kept = setup.kept();
    if !N::FRESH && !std::mem::needs_drop::<O>() {
        return executor.block_on(async {
            let start = Instant::now();
            for _ in 0..iterations {
                black_box(routine(&mut kept, setup.inputs.make()).await);
            }
            start.elapsed()
        });
    }
    let inputs = setup.batch(iterations);
    let mut outputs = Vec::with_capacity(inputs.len());
    let elapsed = executor.block_on(async {
        let start = Instant::now();
        for input in inputs {
            outputs.push(routine(&mut kept, input).await);
        }
        start.elapsed()
    });
    black_box(outputs);
    elapsed
}
