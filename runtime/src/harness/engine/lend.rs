//! Lends a case's routine to a Criterion that is not the harness's: hotbench's own tests and
//! benchmarks hold it against a routine that is written by hand, in the same loop.

use super::{Engine, Observation};
use crate::harness::bencher::Bencher;
use crate::harness::declared::Declared;
use crate::harness::routine::Routine;
use crate::registry::Case;

/// Runs the loop of one of Criterion's samples.
pub(crate) type Sample<'a> = dyn FnMut(&mut criterion::Bencher<'_>) + 'a;

struct Lender<F>(Option<F>);

impl<F: FnOnce(&mut Sample<'_>)> Engine for Lender<F> {
    fn drive(&mut self, routine: &mut dyn Routine, _: &Declared) -> Observation {
        if let Some(borrow) = self.0.take() {
            borrow(&mut |bencher| routine.sample(bencher));
        }
        Observation::Failed("lent, not measured".to_owned())
    }
}

/// Sets the case up as an engine finds it, with the first value of its sweeps, and calls `borrow`
/// with its loop.
pub fn lend(case: &Case, borrow: impl FnOnce(&mut Sample<'_>)) {
    let mut lender = Lender(Some(borrow));
    let mut bencher = Bencher::new(&mut lender);
    (case.routine)(&mut bencher, 0);
}
