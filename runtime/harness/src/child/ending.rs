//! How the harness notices that a worker has ended.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::Child;
use std::time::Duration;

/// How often a process is asked for that no file descriptor stands for.
const INTERVAL: Duration = Duration::from_millis(20);

/// The end of a process: on Linux, from 5.3 on, a file descriptor that is readable once the process has ended.
/// Elsewhere the process is asked now and then.
#[derive(Debug)]
pub(super) struct Ending(Option<OwnedFd>);

impl Ending {
    pub(super) fn of(process: &Child) -> Self {
        #[cfg(target_os = "linux")]
        {
            use rustix::process::{Pid, PidfdFlags, pidfd_open};

            Self(pidfd_open(Pid::from_child(process), PidfdFlags::empty()).ok())
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = process;
            Self(None)
        }
    }

    /// Readable once the process has ended, if there is such a thing.
    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.0.as_ref().map(AsFd::as_fd)
    }

    /// How long to wait for anything else before the process is asked.
    pub(super) fn shortened(&self, timeout: Option<Duration>) -> Option<Duration> {
        match self.0 {
            Some(_) => timeout,
            None => Some(timeout.map_or(INTERVAL, |timeout| timeout.min(INTERVAL))),
        }
    }
}
