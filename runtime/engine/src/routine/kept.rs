//! Calls that work on one value, batch by batch: a `&mut self`.

use super::batches::Setup;
use super::meter::switched_on;
use super::{Calls, Counted, Meter, Routine, call, sample_by_batches};
use crate::arguments::Inputs;
use hotbench_guard::CaseBudget;

/// Calls that share what `keep` makes: for a batch of a timed run, for all of a counted one.
pub(crate) struct Kept<K, N, R, C> {
    keep: K,
    inputs: N,
    routine: R,
    check: Option<C>,
}

impl<K, N, R, C> Kept<K, N, R, C> {
    pub(crate) fn new<S, O>(keep: K, inputs: N, routine: R, check: C) -> Self
    where
        K: Fn() -> S,
        N: Inputs,
        R: FnMut(&mut S, N::Made) -> O,
        C: FnOnce(&O),
    {
        Self {
            keep,
            inputs,
            routine,
            check: Some(check),
        }
    }
}

impl<S, O, K, N, R, C> Routine for Kept<K, N, R, C>
where
    K: Fn() -> S,
    N: Inputs,
    R: FnMut(&mut S, N::Made) -> O,
    C: FnOnce(&O),
{
    fn sample(&mut self, bencher: &mut criterion::Bencher<'_>) {
        sample_by_batches(self, bencher, &Setup::<K, N>::batch_size::<O>);
    }

    fn batch(&mut self, calls: u64, meter: &mut dyn Meter) {
        let Self {
            keep,
            inputs,
            routine,
            ..
        } = self;
        let setup = Setup {
            keep,
            inputs: *inputs,
        };
        setup.run(calls, || switched_on(meter), routine, Meter::stop);
    }

    fn count(&mut self, calls: Calls, budget: &CaseBudget<'_>) -> Counted {
        let mut kept = (self.keep)();
        calls.run(&mut || {
            let input = self.inputs.make();
            call(budget, &mut self.check, || (self.routine)(&mut kept, input))
        })
    }
}
