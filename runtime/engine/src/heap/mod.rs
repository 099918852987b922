//! Every allocation of a stretch of a process's run, with its stack.
//!
//! A process that is armed has its threads take the allocator's slow path, which leads here:
//! `walk` has the stack, by `unwind`, and `recorder` adds up. What it knows becomes a `profile`, with the
//! names of functions, `dhat` the file of it, `sites` what of it is worth showing, and `ways` what another
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

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hotbench_guard::ledger::{unwatched, watch};
use hotbench_guard::recorder::{self as hook, Block};
use walk::Outermost;

pub(crate) use hotbench_guard::recorder::Here;
pub(crate) use profile::Profile;
pub(crate) use recorder::Bounds;
pub(crate) use sites::sites;
pub(crate) use ways::ways;
pub use ways::{Function, Way};

use recorder::Recorder;

/// Whether what threads tell is recorded.
static IS_ON: AtomicBool = AtomicBool::new(false);
static RECORDER: Mutex<Option<Recorder>> = Mutex::new(None);

fn lock() -> MutexGuard<'static, Option<Recorder>> {
    RECORDER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls `f` with the recorder while it records, itself unrecorded.
#[inline]
fn recording<R>(f: impl FnOnce(&mut Recorder) -> R) -> Option<R> {
    if !IS_ON.load(Ordering::Relaxed) {
        return None;
    }
    unwatched(|| {
        let mut recorder = lock();
        // It may have been stopped meanwhile.
        let is_on = IS_ON.load(Ordering::Relaxed);
        recorder.as_mut().filter(|_| is_on).map(f)
    })
}

/// Records what the threads of this process tell.
struct Process;

impl hook::Recorder for Process {
    fn allocated(&self, block: *mut u8, size: usize, here: &Here) {
        recording(|recorder| recorder.allocated(block.addr(), size, here));
    }

    fn freed(&self, block: *mut u8) {
        recording(|recorder| recorder.freed(block.addr()));
    }

    fn moving(&self, block: *mut u8) -> Option<Block> {
        recording(|recorder| recorder.moving(block.addr())).flatten()
    }

    fn moved(&self, was: Option<Block>, block: *mut u8, to: *mut u8, size: usize, here: &Here) {
        recording(|recorder| {
            if to.is_null() {
                recorder.kept(block.addr(), was);
            } else {
                recorder.moved(to.addr(), size, was, here);
            }
        });
    }
}

/// The recording of this process.
#[derive(Debug)]
pub(crate) struct Recording(());

impl Recording {
    /// Has all threads that begin from now on, and this one, on which no region is active, ready to be recorded.
    pub(crate) fn arm(bounds: Bounds) -> Self {
        *lock() = Some(Recorder::new(bounds));
        hook::arm(&Process);
        watch(true);
        Self(())
    }

    pub(crate) fn start(&self) {
        unwatched(|| {
            let mut recorder = lock();
            recorder.iter_mut().for_each(Recorder::start);
            IS_ON.store(true, Ordering::Relaxed);
        });
    }

    pub(crate) fn stop(&self) {
        unwatched(|| {
            let mut recorder = lock();
            IS_ON.store(false, Ordering::Relaxed);
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
        IS_ON.store(false, Ordering::Relaxed);
        hook::disarm();
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
    let is_own = hook::is_armed();
    if is_own {
        watch(true);
    }
    Calls {
        _outermost: walk::ends_at(here),
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
