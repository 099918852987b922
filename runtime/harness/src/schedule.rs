//! How long each case is measured: its share of `--time-budget`, if there is one. Flags come before it, and what the
//! attribute and the harness say after it.

use std::time::{Duration, Instant};

use super::child::deadline;
use hotbench_engine::settings::{self, Settings};

/// Of a share, what goes by with the counting of allocations, the start of a process and the analysis. A
/// guess, for the first case; what the others took tells.
const OVERHEAD: Duration = Duration::from_millis(150);
/// Of the time for warm-up and measurement, the first's part: as in the defaults.
const WARM_UP: f64 = 1.0 / 6.0;
/// Less, and there is no measuring.
const SHORTEST: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(crate) struct Schedule {
    deadline: Option<Instant>,
    /// Cases whose turn has not come.
    left: usize,
    overhead: Duration,
    /// When the case at hand was begun with, and what it is given.
    current: Option<(Instant, Duration)>,
}

impl Schedule {
    pub(crate) fn new(budget: Option<Duration>, cases: usize) -> Self {
        Self {
            deadline: budget.and_then(deadline),
            left: cases,
            overhead: OVERHEAD,
            current: None,
        }
    }

    /// The next case's turn has come.
    pub(crate) fn begin(&mut self) {
        let now = Instant::now();
        if let Some((start, given)) = self.current.take() {
            self.overhead = (now - start).saturating_sub(given);
        }
        self.current = Some((now, Duration::ZERO));
        self.left = self.left.saturating_sub(1);
    }

    /// What the case at hand is given. `call` is what one call took.
    pub(crate) fn settings(&mut self, call: Duration) -> Settings {
        let Some(deadline) = self.deadline else {
            return Settings::default();
        };
        let left = deadline.saturating_duration_since(Instant::now());
        let settings = share(left, self.left + 1, self.overhead, call);
        if let Some((_, given)) = &mut self.current {
            *given = settings.warm_up_time.unwrap_or_default()
                + settings.measurement_time.unwrap_or_default();
        }
        settings
    }
}

fn share(left: Duration, cases: usize, overhead: Duration, call: Duration) -> Settings {
    let share = left / u32::try_from(cases.max(1)).unwrap_or(u32::MAX);
    let time = share.saturating_sub(overhead).max(SHORTEST);
    let measurement_time = time.mul_f64(1.0 - WARM_UP);
    Settings {
        sample_size: Some(settings::samples(measurement_time, call)),
        warm_up_time: Some(time.mul_f64(WARM_UP)),
        measurement_time: Some(measurement_time),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{SHORTEST, Schedule, share};

    const MS: Duration = Duration::from_millis(1);
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_share_is_what_is_left_by_the_cases_that_are_left() {
        let settings = share(7000 * MS, 10, 100 * MS, MS / 100);
        assert_eq!(settings.warm_up_time, Some(100 * MS));
        assert_eq!(settings.measurement_time, Some(500 * MS));
        assert_eq!(settings.sample_size, Some(100));
    }

    #[test]
    fn slow_calls_have_fewer_samples() {
        let samples = |call| share(7000 * MS, 10, 100 * MS, call).sample_size;
        assert_eq!(samples(20 * MS), Some(25));
        assert_eq!(samples(1000 * MS), Some(10));
    }

    #[test]
    fn a_case_that_is_not_timed_leaves_its_share_to_the_others() {
        let mut schedule = Schedule::new(Some(1000 * SECOND), 2);
        schedule.begin();
        schedule.begin();
        let settings = schedule.settings(MS);
        assert!(
            settings.measurement_time > Some(700 * SECOND),
            "{settings:?}"
        );
    }

    #[test]
    fn there_is_always_some_time() {
        let settings = share(Duration::ZERO, 1, 100 * MS, MS);
        let time = settings.warm_up_time.unwrap() + settings.measurement_time.unwrap();
        assert!(
            SHORTEST.abs_diff(time) < Duration::from_nanos(2),
            "{time:?}"
        );
    }
}
