//! The stack of an allocation: its return addresses from the program's own frame out, in a buffer that is there
//! already.

use std::cell::Cell;

use super::unwind::Unwinder;
use hotbench_guard::recorder::Here;

/// Frames of a stack that are kept, innermost first.
pub(super) const MAX_FRAMES: usize = 96;

thread_local! {
    /// A place in the frame of the function that has the program's called, where it is known: what is around it
    /// is not the program's.
    static OUTERMOST: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Has walks on this thread end at `here`, until the guard is dropped.
pub(super) fn ends_at(here: &Here) -> Outermost {
    Outermost(OUTERMOST.replace(here.address()))
}

/// The end of walks before.
#[derive(Debug)]
pub(crate) struct Outermost(usize);

impl Drop for Outermost {
    fn drop(&mut self) {
        OUTERMOST.set(self.0);
    }
}

/// What a walk ended at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The thread's first function, or the one that has the program's called.
    Outermost,
    /// A frame that can't be left, for there are no unwind tables.
    Unknown,
    /// The end of the buffer.
    Cut,
    /// Nothing: it was not begun with.
    NotWalked,
}

#[derive(Debug)]
pub(super) struct Walker {
    unwinder: Unwinder,
    frames: [usize; MAX_FRAMES],
}

impl Walker {
    pub(super) fn new() -> Self {
        Self {
            unwinder: Unwinder::new(),
            frames: [0; MAX_FRAMES],
        }
    }

    /// The return addresses around `here`, innermost first, with what the walk ended at and a hash of both. It is
    /// made on the way, while the processor waits for the next frame.
    #[inline]
    pub(super) fn walk(&mut self, here: &Here) -> (&[usize], End, u64) {
        let Self { unwinder, frames } = self;
        let (innermost, outermost) = (here.address(), OUTERMOST.get());
        let is_known = outermost != usize::MAX;
        let mut end = if is_known {
            End::Unknown
        } else {
            End::Outermost
        };
        let (mut depth, mut hash) = (0, 0_u64);
        unwinder.walk(|instruction, stack| {
            if stack <= innermost {
                return true;
            }
            if stack > outermost {
                end = End::Outermost;
                return false;
            }
            if depth == MAX_FRAMES {
                end = End::Cut;
                return false;
            }
            frames[depth] = instruction;
            depth += 1;
            hash = mixed(hash, instruction as u64);
            true
        });
        (&frames[..depth], end, mixed(hash, end as u64))
    }
}

#[inline(always)]
fn mixed(hash: u64, number: u64) -> u64 {
    (hash.rotate_left(5) ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}
