//! Calls of async functions, each run to its end on an executor.

use std::hint::black_box;
use std::time::Instant;

use super::batches::{Setup, in_batches};
use super::meter::switched_on;
use super::{Calls, Counted, Meter, Routine, ended};
use crate::arguments::Inputs;
use crate::executor::Executor;
use hotbench_guard::CaseBudget;

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
                run(executor, setup, batch, Instant::now, routine, |start| {
                    start.elapsed()
                })
            })
        });
    }

    fn batch(&mut self, calls: u64, meter: &mut dyn Meter) {
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
        run(
            executor,
            setup,
            calls,
            || switched_on(meter),
            routine,
            Meter::stop,
        );
    }

    fn count(&mut self, calls: Calls, budget: &CaseBudget<'_>) -> Counted {
        let mut kept = (self.keep)();
        calls.run(&mut || {
            // Before the executor is entered: an argument's `async` block enters it by itself.
            let input = self.inputs.make();
            let call = hotbench_guard::call_future(budget, (self.routine)(&mut kept, input));
            let (output, called) = self.executor.block_on(call);
            ended((Some(output), called), &mut self.check)
        })
    }
}

/// [`Setup::run`], awaited.
fn run<S, K, N, O, T, U>(
    executor: &Executor,
    setup: Setup<'_, K, N>,
    iterations: u64,
    start: impl FnOnce() -> T,
    routine: &mut impl AsyncFnMut(&mut S, N::Made) -> O,
    stop: impl FnOnce(T) -> U,
) -> U
where
    K: Fn() -> S,
    N: Inputs,
{
    let mut kept = setup.kept();
    if !N::FRESH && !std::mem::needs_drop::<O>() {
        return executor.block_on(async {
            let started = start();
            for _ in 0..iterations {
                black_box(routine(&mut kept, setup.inputs.make()).await);
            }
            stop(started)
        });
    }
    let inputs = setup.batch(iterations);
    let mut outputs = Vec::with_capacity(inputs.len());
    let stopped = executor.block_on(async {
        let started = start();
        for input in inputs {
            outputs.push(routine(&mut kept, input).await);
        }
        stop(started)
    });
    black_box(outputs);
    stopped
}
