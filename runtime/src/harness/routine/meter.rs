//! What is switched on for the calls of a batch, and off for what is made and dropped around them.

use std::time::Duration;

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
