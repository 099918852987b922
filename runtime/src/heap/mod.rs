//! Every allocation of a stretch of a process's run, with its stack.
//!
//! A process that is [armed](Recording::arm) has its threads take the allocator's slow path, which leads here:
//! [`walk`] has the stack, by [`unwind`], and [`recorder`] adds up. What it knows becomes a [`profile`], with the
//! names of functions, [`dhat`] the file of it, [`sites`] what of it is worth showing, and [`ways`] what another
//! version's is held against.

mod dhat;
mod profile;
mod recorder;
mod sites;
#[cfg_attr(
    not(all(
        target_os = "linux",
        target_pointer_width = "64",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )),
    path = "no_unwind.rs"
)]
mod unwind;
mod unwind_elsewhere;
mod walk;
mod ways;

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::guard::ledger::{unwatched, watch};
use walk::Outermost;

pub(crate) use profile::Profile;
pub(crate) use recorder::{Bounds, Moving};
pub(crate) use sites::sites;
pub(crate) use walk::Here;
pub(crate) use ways::{Function, Way, ways};

use recorder::Recorder;

/// No thread is asked for anything.
const OFF: u8 = 0;
/// Threads stay on the slow path, and nothing is recorded yet, or any more.
const ARMED: u8 = 1;
const ON: u8 = 2;

static STATE: AtomicU8 = AtomicU8::new(OFF);
static RECORDER: Mutex<Option<Recorder>> = Mutex::new(None);

/// Whether this process records its heap, now or later.
#[inline(always)]
pub(crate) fn is_armed() -> bool {
    STATE.load(Ordering::Relaxed) != OFF
}

fn lock() -> MutexGuard<'static, Option<Recorder>> {
    RECORDER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls `f` with the recorder while it records, itself unrecorded.
#[inline]
fn recording<R>(f: impl FnOnce(&mut Recorder) -> R) -> Option<R> {
    if STATE.load(Ordering::Relaxed) != ON {
        return None;
    }
    unwatched(|| {
        let mut recorder = lock();
        // It may have been stopped meanwhile.
        let is_on = STATE.load(Ordering::Relaxed) == ON;
        recorder.as_mut().filter(|_| is_on).map(f)
    })
}

/// A block that was asked for from the code around `here`; null is none.
pub(crate) fn allocated(block: *mut u8, size: usize, here: &Here) {
    if !block.is_null() {
        recording(|recorder| recorder.allocated(block.addr(), size, here));
    }
}

/// A block that is about to be freed.
pub(crate) fn freed(block: *mut u8) {
    recording(|recorder| recorder.freed(block.addr()));
}

/// A block that is about to be moved.
pub(crate) fn moving(block: *mut u8) -> Moving {
    recording(|recorder| recorder.moving(block.addr())).flatten()
}

/// And where it has gone to, if it could be moved.
pub(crate) fn moved(was: Moving, block: *mut u8, to: *mut u8, size: usize, here: &Here) {
    recording(|recorder| {
        if to.is_null() {
            recorder.kept(block.addr(), was);
        } else {
            recorder.moved(to.addr(), size, was, here);
        }
    });
}

/// The recording of this process.
#[derive(Debug)]
pub(crate) struct Recording(());

impl Recording {
    /// Has all threads that begin from now on, and this one, on which no region is active, ready to be recorded.
    pub(crate) fn arm(bounds: Bounds) -> Self {
        *lock() = Some(Recorder::new(bounds));
        STATE.store(ARMED, Ordering::Relaxed);
        watch(true);
        Self(())
    }

    pub(crate) fn start(&self) {
        unwatched(|| {
            let mut recorder = lock();
            recorder.iter_mut().for_each(Recorder::start);
            STATE.store(ON, Ordering::Relaxed);
        });
    }

    pub(crate) fn stop(&self) {
        unwatched(|| {
            let mut recorder = lock();
            STATE.store(ARMED, Ordering::Relaxed);
            recorder.iter_mut().for_each(Recorder::stop);
        });
    }

    /// What was recorded.
    pub(crate) fn profile(&self) -> Option<Profile> {
        unwatched(|| lock().as_ref().map(Profile::of))
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        STATE.store(OFF, Ordering::Relaxed);
        watch(false);
        *lock() = None;
    }
}

/// Calls `f` with this thread recorded, and returns how many blocks it asked for: benchmarks hold the recording
/// against others.
pub fn recorded<R>(f: impl FnOnce() -> R) -> (R, u64) {
    let recording = Recording::arm(Bounds::USUAL);
    recording.start();
    let result = f();
    recording.stop();
    let blocks = unwatched(|| lock().as_ref().map_or(0, Recorder::blocks));
    (result, blocks)
}

/// A stretch of a thread's run that calls what is measured.
#[derive(Debug)]
pub(crate) struct Calls {
    _outermost: Outermost,
    /// Whether the thread was not watched before.
    is_own: bool,
}

/// A thread of the harness's own, on which the program's code runs between [`calls_around`] and its end alone.
pub(crate) fn begin_unwatched() {
    watch(false);
}

/// Has this thread recorded from the frame of `here` on, until the result is dropped.
pub(crate) fn calls_around(here: &Here) -> Calls {
    let is_own = is_armed();
    if is_own {
        watch(true);
    }
    Calls {
        _outermost: here.is_outermost(),
        is_own,
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        if self.is_own {
            watch(false);
        }
    }
}
