//! The signals that end a run: Ctrl-C, Ctrl-\, a terminal that is closed, and what ends a job of CI. The first ends
//! the run, with a report of what there is; the second ends the process.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::{flag, low_level};

use super::INTERRUPTED;

/// How long after a child's death by the signal this process may take to hear of it.
const DELAY: Duration = Duration::from_millis(200);

#[derive(Debug)]
pub(crate) struct Interrupt {
    raised: Arc<AtomicBool>,
    /// Readable from the first signal on.
    pipe: UnixStream,
}

impl Interrupt {
    /// Listens from now on.
    pub(crate) fn listen() -> io::Result<Self> {
        let raised = Arc::new(AtomicBool::new(false));
        let (pipe, signalled) = UnixStream::pair()?;
        let signals = [SIGHUP, SIGINT, SIGQUIT, SIGTERM].into_iter();
        for signal in signals.filter(|signal| !is_ignored(*signal)) {
            // In this order: the first signal finds the flag down.
            flag::register_conditional_shutdown(signal, INTERRUPTED.into(), Arc::clone(&raised))?;
            flag::register(signal, Arc::clone(&raised))?;
            low_level::pipe::register(signal, signalled.try_clone()?)?;
        }
        Ok(Self { raised, pipe })
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.raised.load(Ordering::Relaxed)
    }

    /// The same, asked after the child has died of it: the terminal tells them both.
    pub(crate) fn is_raised_soon(&self) -> bool {
        if !self.is_raised() {
            std::thread::sleep(DELAY);
        }
        self.is_raised()
    }

    /// For a `poll`.
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }
}

/// Whether the process was started with a signal ignored, as `nohup` does: that is the user's wish. Linux alone says
/// so in a file.
pub(super) fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
