//! What is switched on for the calls of a batch, and off for what is made and dropped around them.

use std::time::{Duration, Instant};

use super::Routine;

/// Switched by a routine, on the thread that drives it.
pub(crate) trait Meter {
    fn start(&mut self);
    fn stop(&mut self);
    /// Instead of [`stop`](Self::stop), by a routine that has timed its calls itself.
    fn stop_timed(&mut self, _: Duration) {
        self.stop();
    }
}

/// For calls that nothing is switched on for.
pub(crate) struct Off;

impl Meter for Off {
    fn start(&mut self) {}
    fn stop(&mut self) {}
}

/// The meter, switched on.
pub(super) fn switched_on(meter: &mut dyn Meter) -> &mut dyn Meter {
    meter.start();
    meter
}

/// What the calls of a batch take.
pub(crate) enum Stopwatch {
    Ready,
    Running(Instant),
    Stopped(Duration),
}

impl Stopwatch {
    /// Runs a batch.
    pub(crate) fn time(routine: &mut dyn Routine, calls: u64) -> Duration {
        let mut stopwatch = Self::Ready;
        routine.batch(calls, &mut stopwatch);
        match stopwatch {
            Self::Stopped(elapsed) => elapsed,
            Self::Ready | Self::Running(_) => Duration::ZERO,
        }
    }
}

impl Meter for Stopwatch {
    fn start(&mut self) {
        *self = Self::Running(Instant::now());
    }

    fn stop(&mut self) {
        if let Self::Running(start) = self {
            *self = Self::Stopped(start.elapsed());
        }
    }

    fn stop_timed(&mut self, took: Duration) {
        *self = Self::Stopped(took);
    }
}
