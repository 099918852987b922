//! Batches in turns with another executable, which has the core meanwhile.

use std::time::Duration;

use rustix::time::{ClockId, Timespec, clock_gettime};
use serde::{Deserialize, Serialize};

use super::{Engine, Observation};
use crate::declared::Declared;
use crate::routine::{Routine, Stopwatch};

/// What is done in a turn.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Turn {
    /// To a batch, which is timed as a whole.
    pub calls: u64,
    /// After a call that isn't timed: the caches are the other executable's until then.
    pub is_warmed: bool,
}

/// What a batch took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Took {
    /// What its calls took.
    pub time: Duration,
    /// Of processors, on other threads of the process than the one that calls.
    elsewhere: Duration,
}

impl Took {
    /// Whether other threads had a part in it. What a process does aside takes next to nothing in the time of a batch.
    pub fn is_parallel(self) -> bool {
        self.elsewhere * 100 > self.time
    }
}

/// Who says when it is an executable's turn.
pub trait Turns {
    /// The first, if there is one, of a case that runs on so many threads.
    fn first(&mut self, threads: usize) -> Option<Turn>;

    /// The next, after one whose batch took `last`.
    fn next(&mut self, last: Took) -> Option<Turn>;
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
            let start = Processors::now();
            let time = Stopwatch::time(routine, calls);
            let elsewhere = start.elsewhere();
            next = self.0.next(Took { time, elsewhere });
        }
        Observation::TurnsTaken
    }
}

/// The time that processors have spent, with this thread and with all threads of the process: those that have ended,
/// too.
struct Processors {
    thread: Duration,
    process: Duration,
}

impl Processors {
    fn now() -> Self {
        Self {
            thread: read(ClockId::ThreadCPUTime),
            process: read(ClockId::ProcessCPUTime),
        }
    }

    /// What other threads have had since. The clock that was read last is read first, so that reading them is no part
    /// of it.
    fn elsewhere(&self) -> Duration {
        let process = read(ClockId::ProcessCPUTime).saturating_sub(self.process);
        let thread = read(ClockId::ThreadCPUTime).saturating_sub(self.thread);
        process.saturating_sub(thread)
    }
}

fn read(clock: ClockId) -> Duration {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(clock);
    let nanoseconds = u32::try_from(tv_nsec).unwrap_or_default();
    Duration::new(tv_sec.cast_unsigned(), nanoseconds)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::time::Instant;

    use super::*;
    use crate::routine::{Calls, Counted, Meter};
    use hotbench_guard::CaseBudget;

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

        fn next(&mut self, last: Took) -> Option<Turn> {
            self.took.push(last.time.as_secs());
            self.turns.next()
        }
    }

    #[test]
    fn threads_that_a_batch_has_started_are_seen_when_they_have_ended() {
        let spin = || {
            let start = Instant::now();
            while start.elapsed() < Duration::from_millis(20) {}
        };
        let took = |batch: &dyn Fn()| {
            let (start, clock) = (Processors::now(), Instant::now());
            batch();
            let elsewhere = start.elsewhere();
            Took {
                time: clock.elapsed(),
                elsewhere,
            }
        };
        let parallel = took(&|| {
            std::thread::scope(|scope| {
                scope.spawn(spin);
                spin();
            });
        });
        assert!(parallel.is_parallel(), "{parallel:?}");
        assert!(
            !Took {
                time: Duration::from_millis(1),
                elsewhere: Duration::from_micros(10)
            }
            .is_parallel()
        );
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
