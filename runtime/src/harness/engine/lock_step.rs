//! Batches in turns with another executable, which has the core meanwhile.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Engine, Observation};
use crate::harness::declared::Declared;
use crate::harness::routine::{Routine, Stopwatch};

/// What is done in a turn.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Turn {
    /// To a batch, which is timed as a whole.
    pub(crate) calls: u64,
    /// After a call that isn't timed: the caches are the other executable's until then.
    pub(crate) is_warmed: bool,
}

/// Who says when it is an executable's turn.
pub(crate) trait Turns {
    /// The first, if there is one, of a case that runs on so many threads.
    fn first(&mut self, threads: usize) -> Option<Turn>;

    /// The next, after one whose batch took `last`.
    fn next(&mut self, last: Duration) -> Option<Turn>;
}

pub(super) struct LockStep<T>(pub(super) T);

impl<T: Turns> Engine for LockStep<T> {
    fn drive(&mut self, routine: &mut dyn Routine, _: &Declared) -> Observation {
        let threads = routine
            .side_by_side()
            .map_or(1, |side_by_side| side_by_side.threads);
        let mut next = self.0.first(threads);
        while let Some(Turn { calls, is_warmed }) = next {
            if is_warmed {
                Stopwatch::time(routine, 1);
            }
            next = self.0.next(Stopwatch::time(routine, calls));
        }
        Observation::TurnsTaken
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::guard::CaseBudget;
    use crate::harness::routine::{Calls, Counted, Meter};

    /// Notes the batches that it is asked for, and says that each of its calls took a second.
    #[derive(Default)]
    struct Noting(RefCell<Vec<u64>>);

    impl Routine for &Noting {
        fn sample(&mut self, _: &mut criterion::Bencher<'_>) {}

        fn batch(&mut self, calls: u64, meter: &mut dyn Meter) {
            self.0.borrow_mut().push(calls);
            meter.stop_timed(Duration::from_secs(calls));
        }

        fn count(&mut self, _: Calls, _: &CaseBudget<'_>) -> Counted {
            Counted::default()
        }
    }

    /// Has its turns taken, and keeps what they took.
    struct Planned {
        turns: std::vec::IntoIter<Turn>,
        took: Vec<u64>,
    }

    impl Turns for Planned {
        fn first(&mut self, _: usize) -> Option<Turn> {
            self.turns.next()
        }

        fn next(&mut self, last: Duration) -> Option<Turn> {
            self.took.push(last.as_secs());
            self.turns.next()
        }
    }

    #[test]
    fn the_call_that_warms_is_not_timed() {
        let turn = |calls, is_warmed| Turn { calls, is_warmed };
        let turns = vec![turn(5, false), turn(7, true)];
        let planned = Planned {
            turns: turns.into_iter(),
            took: Vec::new(),
        };
        let noting = Noting::default();
        let mut engine = LockStep(planned);
        engine.drive(&mut &noting, &Declared::NOTHING);
        assert_eq!(*noting.0.borrow(), [5, 1, 7]);
        assert_eq!(engine.0.took, [5, 7]);
    }
}
