//! How a case is measured: how many calls a batch has, and which batches are made before one counts.

use std::time::{Duration, Instant};

use hotbench_engine::engines::Turn;

/// What a batch is to take.
const BATCH: Duration = Duration::from_micros(100);
/// What it may take with what is not timed: the making of arguments, for one.
const LONGEST_BATCH: Duration = Duration::from_millis(2);
/// Of calls that take longer, what it costs to have one's memory back in the caches is a small part.
const LONGEST_WARMED: Duration = Duration::from_millis(2);
/// Of either side, before it counts.
const WARM_UP: usize = 3;
const FEWEST_PAIRS: usize = 8;
/// Except that a launch should take no longer, so that there are several.
const LONGEST_LAUNCH: Duration = Duration::from_millis(300);
/// More calls to a batch than any that does something has in its time.
const MOST_CALLS: u64 = 1 << 20;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// To a batch.
    calls: u64,
    /// What that takes, more or less.
    batch: Duration,
    is_single_threaded: bool,
}

impl Pace {
    /// What becomes of a case that was declared to run on so many threads is found out by batches of it.
    ///
    /// # Errors
    ///
    /// Those of `batch`, which says what a batch took.
    pub(super) fn of<E>(
        threads: usize,
        mut batch: impl FnMut(Turn) -> Result<Duration, E>,
    ) -> Result<Self, E> {
        let mut batch_of = |calls| {
            batch(Turn {
                calls,
                is_warmed: false,
            })
        };
        // The first call of a process finds nothing ready, and may take a multiple of any other.
        batch_of(1)?;
        let mut calls = 1;
        loop {
            let start = Instant::now();
            let took = batch_of(calls)?;
            let elapsed = start.elapsed();
            if took * 2 >= BATCH || elapsed * 2 >= LONGEST_BATCH || calls >= MOST_CALLS {
                let times = nanoseconds(BATCH) / nanoseconds(took);
                let at_most = nanoseconds(LONGEST_BATCH) / nanoseconds(elapsed);
                let exact = calls as f64 * times.min(at_most);
                return Ok(Self {
                    calls: (exact.round() as u64).clamp(1, MOST_CALLS),
                    batch: elapsed.max(BATCH),
                    is_single_threaded: threads == 1,
                });
            }
            calls *= 2;
        }
    }

    /// With several threads, the sides take turns on all cores.
    pub(super) fn is_single_threaded(self) -> bool {
        self.is_single_threaded
    }

    /// The same, for a case that starts threads of its own.
    pub(super) fn on_all_cores(self) -> Self {
        Self {
            is_single_threaded: false,
            ..self
        }
    }

    /// Fewer of batches that are long: of a case that takes seconds there can be no eight pairs.
    pub(super) fn fewest_pairs(self) -> usize {
        let pairs = LONGEST_LAUNCH.as_nanos() / (self.batch * 2).as_nanos().max(1);
        usize::try_from(pairs).map_or(FEWEST_PAIRS, |pairs| pairs.clamp(1, FEWEST_PAIRS))
    }

    /// The turn of either side.
    pub(super) fn turn(self) -> Turn {
        Turn {
            calls: self.calls,
            is_warmed: self.batch <= LONGEST_WARMED,
        }
    }

    /// How many turns of either side come before those that count. What takes long is warm for most of its time.
    pub(super) fn warm_up(self) -> usize {
        match self.fewest_pairs() {
            1 => 0,
            FEWEST_PAIRS => WARM_UP,
            _ => 1,
        }
    }
}

pub(super) fn nanoseconds(duration: Duration) -> f64 {
    duration.as_nanos() as f64
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// Of a case whose process takes so long for its first call, and for each that follows.
    fn pace(first: Duration, call: Duration) -> Pace {
        let mut took = Some(first);
        let found = Pace::of(1, |turn| {
            let took = took.take().unwrap_or(call * turn.calls as u32);
            Ok::<_, Infallible>(took)
        });
        let Ok(pace) = found;
        pace
    }

    #[test]
    fn a_batch_has_as_many_calls_as_fill_its_time() {
        let microsecond = Duration::from_micros(1);
        assert_eq!(pace(microsecond, microsecond).turn().calls, 100);
        let second = Duration::from_secs(1);
        assert_eq!(pace(second, second).turn().calls, 1);
    }

    #[test]
    fn a_first_call_that_is_slow_says_nothing_of_the_others() {
        let pace = pace(Duration::from_secs(1), Duration::from_micros(1));
        assert_eq!(pace.turn().calls, 100);
    }

    #[test]
    fn long_batches_are_fewer_and_not_warmed() {
        let of = |batch| Pace {
            calls: 1,
            batch,
            is_single_threaded: true,
        };
        let rows = [
            (Duration::from_micros(100), true, 8, 3),
            (Duration::from_millis(2), true, 8, 3),
            (Duration::from_millis(3), false, 8, 3),
            (Duration::from_millis(50), false, 3, 1),
            (Duration::from_secs(2), false, 1, 0),
        ];
        for (batch, is_warmed, pairs, warm_up) in rows {
            let pace = of(batch);
            let found = (pace.turn().is_warmed, pace.fewest_pairs(), pace.warm_up());
            assert_eq!(found, (is_warmed, pairs, warm_up), "{batch:?}");
        }
    }
}
