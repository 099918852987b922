//! What the signal does: it walks a stack, and writes down where it has been.

use std::hint;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering};

use framehop::{CacheNative, MustNotAllocateDuringUnwind, UnwindRegsNative, Unwinder as _};

use super::readable::Stack;
use super::tables::Unwinder;

/// Frames of a stack, from the innermost: what is further out is left out. 5,000 calls of a function of itself
/// have room, and a walk takes less than an interval.
const MOST_FRAMES: usize = 1 << 14;
/// For all stacks of a batch, of which 60,000 have some 100 frames. The system provides what is written to.
const WORDS: usize = 1 << 23;

/// While calls run.
static IS_ON: AtomicBool = AtomicBool::new(false);
/// Held by whoever uses the recorder.
static IS_IN_USE: AtomicBool = AtomicBool::new(false);
static RECORDER: AtomicPtr<Recorder> = AtomicPtr::new(ptr::null_mut());
/// Samples that there was no room for, or that came while another thread's was written down.
static LOST: AtomicU64 = AtomicU64::new(0);

struct Recorder {
    unwinder: Unwinder,
    cache: CacheNative<MustNotAllocateDuringUnwind>,
    /// Of each stack the number of its frames, and these.
    words: Vec<usize>,
    used: usize,
}

/// Makes all that the handler needs; it stays, for a signal may be on its way at any time.
pub(super) fn prepare(unwinder: Unwinder) {
    let recorder = Box::new(Recorder {
        unwinder,
        cache: CacheNative::new_in(),
        words: vec![0; WORDS],
        used: 0,
    });
    let _lock = Lock::wait();
    // The one before is leaked: there is one for each case, and each case has a process.
    RECORDER.store(Box::into_raw(recorder), Ordering::Release);
    LOST.store(0, Ordering::Relaxed);
}

pub(super) fn switch(on: bool) {
    IS_ON.store(on, Ordering::Release);
}

pub(super) fn action() -> libc::sigaction {
    // SAFETY: an empty set of signals and no flags are zeros.
    let zero: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    libc::sigaction {
        sa_sigaction: handle as *const () as libc::sighandler_t,
        // Not on the alternative stack, which is for the end of the other one, and small.
        sa_flags: libc::SA_SIGINFO | libc::SA_RESTART,
        ..zero
    }
}

/// Hands over the stacks, and forgets them. Returns how many were lost.
pub(super) fn take(mut each: impl FnMut(&[usize])) -> u64 {
    let _lock = Lock::wait();
    // SAFETY: it is never freed, and who has the lock has it alone.
    let recorder = unsafe { RECORDER.load(Ordering::Acquire).as_mut() };
    if let Some(recorder) = recorder {
        let mut words = &recorder.words[..recorder.used];
        while let Some((&depth, rest)) = words.split_first() {
            let (stack, rest) = rest.split_at(depth);
            each(stack);
            words = rest;
        }
        recorder.used = 0;
    }
    LOST.swap(0, Ordering::Relaxed)
}

/// The recorder's, which the handler does not wait for.
struct Lock;

impl Lock {
    fn try_now() -> Option<Self> {
        // Not `then_some`: one that is made in vain would release it when it is dropped.
        (!IS_IN_USE.swap(true, Ordering::Acquire)).then(|| Self)
    }

    /// Not in the handler. A handler on another thread is done in less than an interval.
    fn wait() -> Self {
        loop {
            if let Some(lock) = Self::try_now() {
                return lock;
            }
            hint::spin_loop();
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        IS_IN_USE.store(false, Ordering::Release);
    }
}

extern "C" fn handle(_: libc::c_int, _: *mut libc::siginfo_t, context: *mut libc::c_void) {
    if !IS_ON.load(Ordering::Acquire) {
        return;
    }
    // SAFETY: it is there for as long as the thread is, whose code must find it as it was.
    let errno = unsafe { &mut *libc::__errno_location() };
    let before = *errno;
    let is_kept = Lock::try_now().is_some_and(|_lock| {
        // SAFETY: it is never freed, and who has the lock has it alone.
        let recorder = unsafe { RECORDER.load(Ordering::Acquire).as_mut() };
        // SAFETY: the kernel passes it to handlers with `SA_SIGINFO`.
        let context = unsafe { &*context.cast::<libc::ucontext_t>() };
        recorder.is_some_and(|recorder| recorder.record(context))
    });
    if !is_kept {
        LOST.fetch_add(1, Ordering::Relaxed);
    }
    *errno = before;
}

impl Recorder {
    /// Writes down a stack, if there is room.
    fn record(&mut self, context: &libc::ucontext_t) -> bool {
        let free = &mut self.words[self.used..];
        let Some((count, frames)) = free.split_first_mut() else {
            return false;
        };
        let Some(frames) = frames.get_mut(..MOST_FRAMES) else {
            return false;
        };
        let (pc, registers) = registers(context);
        let mut stack = Stack::default();
        let mut read = |address| stack.read(address);
        let mut callers = self
            .unwinder
            .iter_frames(pc, registers, &mut self.cache, &mut read);
        let mut depth = 0;
        // An error is the end of what is known.
        while depth < frames.len()
            && let Ok(Some(frame)) = callers.next()
        {
            // As a return address, the innermost too: symbols are those of the instruction before.
            frames[depth] = frame.address_for_lookup() as usize + 1;
            depth += 1;
        }
        *count = depth;
        self.used += 1 + depth;
        true
    }
}

#[cfg(target_arch = "x86_64")]
fn registers(context: &libc::ucontext_t) -> (u64, UnwindRegsNative) {
    let register = |index: libc::c_int| context.uc_mcontext.gregs[index as usize].cast_unsigned();
    let pc = register(libc::REG_RIP);
    let registers = UnwindRegsNative::new(pc, register(libc::REG_RSP), register(libc::REG_RBP));
    (pc, registers)
}

#[cfg(target_arch = "aarch64")]
fn registers(context: &libc::ucontext_t) -> (u64, UnwindRegsNative) {
    let machine = &context.uc_mcontext;
    let registers = UnwindRegsNative::new(machine.regs[30], machine.sp, machine.regs[29]);
    (machine.pc, registers)
}

#[cfg(test)]
mod tests {
    use super::Lock;

    #[test]
    fn who_asks_in_vain_for_the_lock_does_not_release_it() {
        let lock = Lock::wait();
        assert!(Lock::try_now().is_none());
        assert!(Lock::try_now().is_none());
        drop(lock);
    }
}
