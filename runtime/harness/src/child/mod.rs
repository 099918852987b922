//! The worker process that measures, and the protocol between it and the harness.
//!
//! Criterion can't be silenced, a case may abort, and a sweep is code of the user's, so none of them runs in the
//! process that reports. The worker is this same executable with [`FLAG`], as [`program`] starts it, and serves until
//! the harness hangs up or a case ends its process.

#[cfg(not(unix))]
compile_error!(
    "hotbench's harness talks to its child over a Unix socket, which this platform lacks: leave \
     the feature `harness` off here; `guard` works without it"
);

pub(crate) mod callgrind;
mod ending;
mod group;
mod link;
mod program;

use std::time::{Duration, Instant};

pub(crate) use hotbench_engine::protocol::{Listed, Request, Response};
pub(crate) use link::{Answer, Child, Ended, LinkError, Printing};
pub(crate) use program::Program;

pub(crate) use hotbench_guard::executable::WORKER as FLAG;

/// When so much time is over; none, where that is further away than any clock goes.
pub(crate) fn deadline(timeout: Duration) -> Option<Instant> {
    Instant::now().checked_add(timeout)
}

/// What a sweep may take at least, though `--timeout` gives a case less.
const LEAST_FOR_SWEEPS: Duration = Duration::from_secs(60);

/// How long the sweeps of a case may take to be evaluated: not on the time of the case.
pub(crate) fn time_for_sweeps(timeout: Option<Duration>) -> Option<Duration> {
    timeout.map(|timeout| timeout.max(LEAST_FOR_SWEEPS))
}
