//! A hook for an allocation profile: passes each allocation of the process to a [`Recorder`].
//!
//! Only the allocator's slow path checks for a recorder. While one is armed, new threads stay on that path.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Records the blocks of a process.
///
/// The methods run inside the allocator. They must allocate inside [`unwatched`](crate::unwatched) only.
pub trait Recorder: Sync {
    /// Called after a block was allocated. `here` is in the frame of the allocator.
    fn allocated(&self, block: *mut u8, size: usize, here: &Here);
    /// Called before a block is freed.
    fn freed(&self, block: *mut u8);
    /// Called before a `realloc`. The result is passed to [`moved`](Self::moved).
    fn moving(&self, block: *mut u8) -> Option<Block>;
    /// Called after a `realloc` to `to`. A null `to` means that the block stays where it was.
    fn moved(&self, was: Option<Block>, block: *mut u8, to: *mut u8, size: usize, here: &Here);
}

/// A recorder's entry for a live block.
#[derive(Debug, Clone, Copy)]
pub struct Block {
    /// The recorder's index of the allocating stack.
    pub point: u32,
    /// The size in bytes.
    pub size: u64,
    /// The time of the allocation, in nanoseconds of the recorder's clock.
    pub born_ns: u64,
}

/// A marker in a stack frame. Stacks grow down, so the stack pointers of inner frames are below its address.
#[derive(Debug)]
pub struct Here(#[expect(dead_code, reason = "it is there for its address")] u8);

impl Here {
    /// Makes a marker in the caller's frame.
    #[inline(always)]
    #[expect(clippy::new_without_default, reason = "it is of one place")]
    pub fn new() -> Self {
        Self(0)
    }

    /// Returns the marker's address.
    pub fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

static IS_ARMED: AtomicBool = AtomicBool::new(false);
static RECORDER: OnceLock<&'static dyn Recorder> = OnceLock::new();

/// Makes new threads report to `recorder`. Only the first recorder of a process is ever used.
pub fn arm(recorder: &'static dyn Recorder) {
    RECORDER.get_or_init(|| recorder);
    IS_ARMED.store(true, Ordering::Relaxed);
}

/// Lets threads return to the allocator's fast path.
pub fn disarm() {
    IS_ARMED.store(false, Ordering::Relaxed);
}

/// Returns whether a recorder is armed.
#[inline(always)]
pub fn is_armed() -> bool {
    IS_ARMED.load(Ordering::Relaxed)
}

pub(crate) fn allocated(block: *mut u8, size: usize, here: &Here) {
    if let (Some(recorder), false) = (RECORDER.get(), block.is_null()) {
        recorder.allocated(block, size, here);
    }
}

pub(crate) fn freed(block: *mut u8) {
    if let Some(recorder) = RECORDER.get() {
        recorder.freed(block);
    }
}

pub(crate) fn moving(block: *mut u8) -> Option<Block> {
    RECORDER.get()?.moving(block)
}

pub(crate) fn moved(was: Option<Block>, block: *mut u8, to: *mut u8, size: usize, here: &Here) {
    if let Some(recorder) = RECORDER.get() {
        recorder.moved(was, block, to, size, here);
    }
}
