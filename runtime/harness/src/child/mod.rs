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
