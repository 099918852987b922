//! Samples in batches, as Criterion's `iter_batched` has them with `BatchSize::SmallInput`, for the
//! routines that it has no loop for.

use std::hint::black_box;
use std::time::Duration;

use crate::arguments::Inputs;

/// So many to a sample.
const BATCHES: u64 = 10;

/// Runs a sample batch by batch, and adds up what these took.
pub(super) fn in_batches(
    iterations: u64,
    size: u64,
    mut time: impl FnMut(u64) -> Duration,
) -> Duration {
    let mut elapsed = Duration::ZERO;
    let mut left = iterations;
    while left > 0 {
        let batch = left.min(size);
        elapsed += time(batch);
        left -= batch;
    }
    elapsed
}

/// What is made outside the timed part.
pub(super) struct Setup<'a, K, N> {
    /// Makes what the calls of a batch share.
    pub(super) keep: &'a K,
    /// Make what each call gets.
    pub(super) inputs: N,
}

// Not derived: what makes the shared value need not be `Copy`.
impl<K, N: Inputs> Clone for Setup<'_, K, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, N: Inputs> Copy for Setup<'_, K, N> {}

impl<S, K: Fn() -> S, N: Inputs> Setup<'_, K, N> {
    /// The iterations of a batch: all of the sample's, where there is nothing to make before and no output
    /// to keep until afterwards.
    pub(super) fn batch_size<O>(iterations: u64) -> u64 {
        if N::FRESH || size_of::<S>() > 0 || std::mem::needs_drop::<O>() {
            iterations.div_ceil(BATCHES)
        } else {
            iterations
        }
    }

    pub(super) fn kept(self) -> S {
        unmetered(|| black_box((self.keep)()))
    }

    /// The inputs of a batch.
    pub(super) fn batch(self, iterations: u64) -> Vec<N::Made> {
        unmetered(|| {
            let inputs = (0..iterations).map(|_| self.inputs.make());
            black_box(inputs.collect())
        })
    }

    /// Runs a batch: `start` before the calls, `stop` after them. What these put out is dropped afterwards, if
    /// it needs that.
    pub(super) fn run<O, T, U>(
        self,
        iterations: u64,
        start: impl FnOnce() -> T,
        mut routine: impl FnMut(&mut S, N::Made) -> O,
        stop: impl FnOnce(T) -> U,
    ) -> U {
        let mut kept = self.kept();
        if !N::FRESH && !std::mem::needs_drop::<O>() {
            let started = start();
            for _ in 0..iterations {
                black_box(routine(&mut kept, self.inputs.make()));
            }
            return stop(started);
        }
        let inputs = self.batch(iterations);
        let mut outputs = Vec::with_capacity(inputs.len());
        let started = start();
        outputs.extend(inputs.into_iter().map(|input| routine(&mut kept, input)));
        let stopped = stop(started);
        unmetered(|| drop(black_box(outputs)));
        stopped
    }
}

/// Runs what is no part of the calls. By its name in their stacks, samples of other threads are told from those of
/// calls: a meter is on for all threads together.
#[inline(never)]
pub(super) fn unmetered<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[cfg(test)]
mod tests {
    use super::Setup;

    #[test]
    fn outputs_that_need_a_drop_are_kept_for_a_batch_alone() {
        type Nothing = Setup<'static, fn(), ()>;
        type Kept = Setup<'static, fn() -> u64, ()>;
        assert_eq!(Nothing::batch_size::<u64>(1_001), 1_001);
        assert_eq!(Nothing::batch_size::<String>(1_001), 101);
        assert_eq!(Kept::batch_size::<u64>(1_001), 101);
    }
}
