//! No samples are taken on this system: the harness says so before anything is run.

use std::time::Duration;

pub const EXISTS: bool = false;

pub(super) struct Sampler;

impl Sampler {
    pub(super) fn install() -> Result<Self, String> {
        Err("there is no sampler for this system".to_owned())
    }

    pub(super) fn start(&mut self) {}

    pub(super) fn stop(&mut self) {}

    pub(super) fn take(&mut self, _: impl FnMut(&[usize])) -> u64 {
        0
    }

    pub(super) fn has_met_another(&self) -> bool {
        false
    }
}

pub(super) fn cpu_time() -> Duration {
    Duration::ZERO
}
