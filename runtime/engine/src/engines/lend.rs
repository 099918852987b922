//! Lends a case's routine to a Criterion that is not the harness's: hotbench's own tests and
//! benchmarks hold it against a routine that is written by hand, in the same loop.

use crate::declared::Declared;
use crate::entry::{Entry, Visit};
use crate::registry::Case;
use crate::routine::Routine;

/// Runs the loop of one of Criterion's samples.
pub(crate) type Sample<'a> = dyn FnMut(&mut criterion::Bencher<'_>) + 'a;

struct Lender<F>(Option<F>);

impl<F: FnOnce(&mut Sample<'_>)> Visit for Lender<F> {
    fn wants(&mut self, _: Option<&str>) -> bool {
        true
    }

    fn drive(&mut self, routine: &mut dyn Routine, _: &Declared) {
        if let Some(borrow) = self.0.take() {
            borrow(&mut |bencher| routine.sample(bencher));
        }
    }

    fn leave(&mut self) -> bool {
        true
    }
}

/// Sets the case up as an engine finds it, with the first value of its sweeps, and calls `borrow`
/// with its loop.
pub fn lend(case: &Case, borrow: impl FnOnce(&mut Sample<'_>)) {
    (case.routine)(&mut Entry::new(&mut Lender(Some(borrow))));
}
