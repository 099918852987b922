//! The process group of a child, so that what a case starts ends with the case.
//!
//! A terminal sends its signals to the group in the foreground, which is that of the harness. Ctrl-C needs nothing
//! here: the harness hears it, and kills its children. Ctrl-Z is passed on.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Once;
use std::sync::atomic::{AtomicI32, Ordering};

use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::SIGTSTP;
use signal_hook::low_level;

use crate::interrupt::is_ignored;

/// The groups that there are now. A comparison has two; no run has more than this.
static GROUPS: [AtomicI32; 16] = [const { AtomicI32::new(0) }; 16];

/// A child's group, which is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Group(Option<Pid>);

impl Group {
    /// Has a child start as the first process of a group of its own.
    pub(super) fn prepare(command: &mut Command) -> io::Result<()> {
        pass_stops_on()?;
        command.process_group(0);
        Ok(())
    }

    /// The group of a child that was [prepared](Self::prepare).
    pub(super) fn of(child: &std::process::Child) -> Self {
        let id = child.id().cast_signed();
        let free = |place: &&AtomicI32| {
            let taken = place.compare_exchange(0, id, Ordering::Relaxed, Ordering::Relaxed);
            taken.is_ok()
        };
        // Beyond so many a group is not stopped, but still killed.
        let _ = GROUPS.iter().find(free);
        Self(Pid::from_raw(id))
    }

    /// Kills what is left of the group. A process that has left it by `setsid` stays.
    pub(super) fn kill(&self) {
        if let Some(id) = self.0 {
            // There may be nothing left.
            let _ = kill_process_group(id, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
        let id = self.0.map_or(0, Pid::as_raw_pid);
        for place in &GROUPS {
            let _ = place.compare_exchange(id, 0, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}

/// Has Ctrl-Z stop the children, too, and `fg` continue them.
fn pass_stops_on() -> io::Result<()> {
    static REGISTERED: Once = Once::new();
    let mut registered = Ok(());
    REGISTERED.call_once(|| {
        if is_ignored(SIGTSTP) {
            return;
        }
        let stop = || {
            tell_all(Signal::STOP);
            // Returns when this process is continued.
            let _ = low_level::emulate_default_handler(SIGTSTP);
            tell_all(Signal::CONT);
        };
        // SAFETY: the handler loads atomics, and calls `kill` and `raise`, which are async-signal-safe.
        registered = unsafe { low_level::register(SIGTSTP, stop) }.map(drop);
    });
    registered
}

fn tell_all(signal: Signal) {
    let groups = GROUPS.iter().map(|group| group.load(Ordering::Relaxed));
    for id in groups.filter_map(Pid::from_raw) {
        let _ = kill_process_group(id, signal);
    }
}
