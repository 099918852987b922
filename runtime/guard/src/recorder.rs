//! Hands each allocation of a process on to whoever records them: the engine, for an allocation profile.
//!
//! The allocator asks on its slow path alone whether there is a recorder. While there is one, each thread that begins
//! stays on that path.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Records the blocks of a process.
///
/// Its methods run inside the allocator: what they allocate themselves is to be [unwatched](crate::unwatched).
pub trait Recorder: Sync {
    /// A block was asked for, from the code around `here`.
    fn allocated(&self, block: *mut u8, size: usize, here: &Here);
    /// A block is about to be freed.
    fn freed(&self, block: *mut u8);
    /// A block is about to be moved. What is returned comes back to [`moved`](Self::moved).
    fn moving(&self, block: *mut u8) -> Option<Block>;
    /// The block has gone to `to`, or stayed where that is null.
    fn moved(&self, was: Option<Block>, block: *mut u8, to: *mut u8, size: usize, here: &Here);
}

/// What a recorder knows of a block.
#[derive(Debug, Clone, Copy)]
pub struct Block {
    /// The recorder's number of the stack that has asked for it.
    pub point: u32,
    /// In bytes.
    pub size: u64,
    /// When it was allocated, on the recorder's clock.
    pub born_ns: u64,
}

/// A place in the frame of the function that has it. Stacks grow down: the frames inside it have their stack
/// pointers below.
#[derive(Debug)]
pub struct Here(#[expect(dead_code, reason = "it is there for its address")] u8);

impl Here {
    /// A place in the frame of the caller.
    #[inline(always)]
    #[expect(clippy::new_without_default, reason = "it is of one place")]
    pub fn new() -> Self {
        Self(0)
    }

    /// Where the place is.
    pub fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

static IS_ARMED: AtomicBool = AtomicBool::new(false);
static RECORDER: OnceLock<&'static dyn Recorder> = OnceLock::new();

/// Has all threads that begin from now on tell the recorder. The first recorder of a process is its only one.
pub fn arm(recorder: &'static dyn Recorder) {
    RECORDER.get_or_init(|| recorder);
    IS_ARMED.store(true, Ordering::Relaxed);
}

/// Lets threads go back to the allocator's fast path.
pub fn disarm() {
    IS_ARMED.store(false, Ordering::Relaxed);
}

/// Returns whether this process records its heap, now or later.
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
