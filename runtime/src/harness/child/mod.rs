//! The child process that measures, and the protocol between it and the harness.
//!
//! Criterion can't be silenced and a case may abort, so neither runs in the process that reports.
//! The child is this same executable with [`FLAG`], and serves until the harness hangs up or a case
//! takes it along.

#[cfg(not(unix))]
compile_error!(
    "hotbench's harness talks to its child over a Unix socket, which this platform lacks: leave \
     the feature `harness` off here; `guard` works without it"
);

mod link;
mod protocol;
mod serve;

use std::time::{Duration, Instant};

pub(crate) use link::{Answer, Child, Ended, LinkError, Printing};
pub(crate) use protocol::{Listed, Request, Response};
pub(crate) use serve::serve;

/// The argument that makes the executable a child; no user writes it.
pub(crate) const FLAG: &str = "--hotbench-child";

/// When so much time is over; none, where that is further away than any clock goes.
pub(crate) fn deadline(timeout: Duration) -> Option<Instant> {
    Instant::now().checked_add(timeout)
}
