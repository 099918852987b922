//! Batches in turns with another executable, which has the core meanwhile.

use std::time::Duration;

use super::{Engine, Observation};
use crate::harness::declared::Declared;
use crate::harness::routine::{Routine, Stopwatch};

/// Who says when it is an executable's turn.
pub(crate) trait Turns {
    /// The calls of the first batch, if there is one, of a case that runs on so many threads.
    fn first(&mut self, threads: usize) -> Option<u64>;

    /// Those of the next, after one that took `last`.
    fn next(&mut self, last: Duration) -> Option<u64>;
}

pub(super) struct LockStep<'a>(pub(super) &'a mut dyn Turns);

impl Engine for LockStep<'_> {
    fn drive(&mut self, routine: &mut dyn Routine, _: &Declared) -> Observation {
        let threads = routine
            .side_by_side()
            .map_or(1, |side_by_side| side_by_side.threads);
        let mut next = self.0.first(threads);
        while let Some(calls) = next {
            next = self.0.next(Stopwatch::time(routine, calls));
        }
        Observation::TurnsTaken
    }
}
