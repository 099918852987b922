//! Memory that may be unreadable, read in a signal's handler.

use std::ptr;

/// The smallest that any system has.
const PAGE: u64 = 4096;

/// A stack, read word by word.
#[derive(Default)]
pub(super) struct Stack {
    /// The number of a page that was found to be readable.
    page: u64,
}

impl Stack {
    pub(super) fn read(&mut self, address: u64) -> Result<u64, ()> {
        if !address.is_multiple_of(8) {
            return Err(());
        }
        let page = address / PAGE;
        if page != self.page {
            if !is_readable(address) {
                return Err(());
            }
            self.page = page;
        }
        // SAFETY: the word is in a page that is readable, of the stack of the thread that runs this.
        Ok(unsafe { ptr::read_volatile(address as *const u64) })
    }
}

/// Whether the system answers as it is expected to.
pub(super) fn is_told() -> bool {
    let here = 0_u64;
    is_readable(ptr::from_ref(&here) as u64) && !is_readable(8)
}

/// Asks for a change of the thread's signal mask that there is not, to the mask at the address. The kernel
/// fetches the mask first, and says whether that was what it failed at.
fn is_readable(address: u64) -> bool {
    const NO_SUCH_CHANGE: libc::c_int = -1;
    const MASK_BYTES: usize = 8;
    // SAFETY: the kernel checks the address, and changes nothing.
    let changed = unsafe {
        libc::syscall(
            libc::SYS_rt_sigprocmask,
            NO_SUCH_CHANGE,
            address as *const u64,
            ptr::null_mut::<u64>(),
            MASK_BYTES,
        )
    };
    // SAFETY: it is there for as long as the thread is.
    changed == -1 && unsafe { *libc::__errno_location() } == libc::EINVAL
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::{Stack, is_told};

    #[test]
    fn what_is_not_readable_is_not_read() {
        assert!(is_told());
        let words = [1_u64, 2, 3];
        let second = ptr::from_ref(&words[1]) as u64;
        let mut stack = Stack::default();
        assert_eq!(stack.read(second), Ok(2));
        assert_eq!(stack.read(second + 8), Ok(3));
        assert_eq!(stack.read(second + 1), Err(()));
        assert_eq!(stack.read(0), Err(()));
        assert_eq!(stack.read(u64::MAX - 7), Err(()));
    }
}
