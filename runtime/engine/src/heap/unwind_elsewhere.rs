//! The frames of a stack as the system walks them: slowly, and wherever there is one.

/// Passes the instruction and the stack pointer of each frame to `visit`, as long as it wants more.
pub(super) fn walk(mut visit: impl FnMut(usize, usize) -> bool) {
    // SAFETY: the lock that `trace` takes guards symbol look-ups alone, and this is none. The harness is for
    // Unix, where the walk needs no other.
    unsafe {
        backtrace::trace_unsynchronized(|frame| visit(frame.ip() as usize, frame.sp() as usize));
    }
}
