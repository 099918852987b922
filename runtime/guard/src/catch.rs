//! Tells whether a panic will be caught on its thread, before it ends the thread.
//!
//! The frames of the stack have tables by which the unwinder finds who catches: `.gcc_except_table`, which each frame
//! with a destructor or a `catch_unwind` has. They are read here as the unwinder's first phase does, so neither symbols
//! nor debug info are needed. The function that starts a thread catches, too. So the number of frames that catch is
//! compared with that of a thread that does nothing.

use std::ffi::{c_int, c_void};
use std::sync::OnceLock;
use std::thread;

/// Returns whether some function on this thread's stack catches a panic, besides the one that has started the thread.
pub(super) fn is_caught_on_this_thread() -> bool {
    static OF_A_THREAD: OnceLock<usize> = OnceLock::new();
    let of_a_thread = *OF_A_THREAD.get_or_init(|| {
        let thread = thread::Builder::new().name("hotbench probe".to_owned());
        let probe = thread.spawn(catching_frames).map(thread::JoinHandle::join);
        // Without a probe, a failure counts as caught rather than as unseen.
        probe.map_or(0, |frames| frames.unwrap_or(0))
    });
    catching_frames() != of_a_thread
}

/// Counts the frames of this thread's stack that would catch a panic.
fn catching_frames() -> usize {
    let mut frames = 0_usize;
    // SAFETY: the callback is given what follows, which outlives the call.
    unsafe { _Unwind_Backtrace(visit, (&raw mut frames).cast()) };
    frames
}

extern "C" fn visit(context: *mut c_void, frames: *mut c_void) -> c_int {
    // SAFETY: the unwinder gives the context of a frame, which is valid during this call; `frames` is what
    // `catching_frames` has passed on.
    unsafe {
        let table = _Unwind_GetLanguageSpecificData(context).cast::<u8>();
        if !table.is_null() {
            let mut is_before = 0;
            let instruction = _Unwind_GetIPInfo(context, &mut is_before);
            // A return address is that of the instruction behind the call, which may be another call site's.
            let instruction = instruction - usize::from(is_before == 0);
            let offset = instruction.wrapping_sub(_Unwind_GetRegionStart(context));
            if catches(table, offset) {
                *frames.cast::<usize>() += 1;
            }
        }
    }
    // `_URC_NO_REASON`: go on.
    0
}

/// Returns whether the call at this offset of a function catches panics, by the function's table.
///
/// # Safety
///
/// `table` is the language-specific data of a function as the compiler has written it.
unsafe fn catches(table: *const u8, offset: usize) -> bool {
    // SAFETY: as the caller promises; a field that is not understood ends the reading.
    unsafe {
        let mut reader = Reader(table);
        // The base of landing pads, which are not needed.
        let encoding = reader.byte();
        if encoding != OMITTED && reader.encoded(encoding).is_none() {
            return false;
        }
        if reader.byte() != OMITTED {
            reader.unsigned();
        }
        let encoding = reader.byte();
        let length = reader.unsigned();
        let actions = reader.0.add(length);
        while reader.0 < actions {
            let fields = [(); 3].map(|()| reader.encoded(encoding));
            let action = reader.unsigned();
            let [Some(start), Some(length), Some(landing)] = fields else {
                return false;
            };
            if offset < start {
                break;
            }
            if offset < start + length {
                // A positive filter is a `catch`, none is a destructor's.
                return landing != 0 && action != 0 && Reader(actions.add(action - 1)).signed() > 0;
            }
        }
        false
    }
}

const OMITTED: u8 = 0xff;

/// Reads numbers as DWARF has them.
struct Reader(*const u8);

impl Reader {
    /// # Safety
    ///
    /// There is another byte.
    unsafe fn byte(&mut self) -> u8 {
        // SAFETY: as the caller promises.
        unsafe {
            let byte = *self.0;
            self.0 = self.0.add(1);
            byte
        }
    }

    /// Returns the number in 7-bit groups, with the number of its bits.
    ///
    /// # Safety
    ///
    /// There is such a number.
    unsafe fn groups(&mut self) -> (u64, u32) {
        let (mut number, mut bits) = (0, 0);
        loop {
            // SAFETY: as the caller promises.
            let byte = unsafe { self.byte() };
            if bits < u64::BITS {
                number |= u64::from(byte & 0x7f) << bits;
            }
            bits += 7;
            if byte & 0x80 == 0 {
                return (number, bits);
            }
        }
    }

    /// # Safety
    ///
    /// There is such a number.
    unsafe fn unsigned(&mut self) -> usize {
        // SAFETY: as the caller promises.
        unsafe { self.groups() }.0 as usize
    }

    /// # Safety
    ///
    /// There is such a number.
    unsafe fn signed(&mut self) -> i64 {
        // SAFETY: as the caller promises.
        let (number, bits) = unsafe { self.groups() };
        let unused = u64::BITS.saturating_sub(bits);
        ((number << unused) as i64) >> unused
    }

    /// Reads an offset in one of the forms in which tables have them.
    ///
    /// # Safety
    ///
    /// There is a number of this form.
    unsafe fn encoded(&mut self, encoding: u8) -> Option<usize> {
        let bytes = match encoding {
            // SAFETY: as the caller promises.
            0x01 => return Some(unsafe { self.unsigned() }),
            0x02 | 0x0a => 2,
            0x03 | 0x0b => 4,
            0x04 | 0x0c => 8,
            _ => return None,
        };
        let mut number = 0;
        for index in 0..bytes {
            // SAFETY: as the caller promises.
            number |= usize::from(unsafe { self.byte() }) << (8 * index);
        }
        Some(number)
    }
}

// Of the unwinder that the standard library is linked with.
unsafe extern "C" {
    fn _Unwind_Backtrace(
        visit: extern "C" fn(*mut c_void, *mut c_void) -> c_int,
        argument: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetLanguageSpecificData(context: *mut c_void) -> *mut c_void;
    fn _Unwind_GetRegionStart(context: *mut c_void) -> usize;
    fn _Unwind_GetIPInfo(context: *mut c_void, is_before: *mut c_int) -> usize;
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;
    use std::panic::catch_unwind;
    use std::thread;

    use super::is_caught_on_this_thread;

    /// In a frame with a destructor, whose table has an entry, too.
    #[inline(never)]
    fn is_caught() -> bool {
        let _dropped = black_box(String::from("dropped"));
        is_caught_on_this_thread()
    }

    #[test]
    fn a_panic_is_caught_by_whoever_calls_catch_unwind_on_its_thread() {
        let on_a_thread = |work: fn() -> bool| thread::spawn(work).join().expect("no panic");
        assert!(!on_a_thread(is_caught));
        assert!(on_a_thread(|| catch_unwind(is_caught).expect("no panic")));
        // What was caught before is over.
        assert!(!on_a_thread(|| {
            drop(catch_unwind(|| panic!("caught")));
            is_caught()
        }));
        // libtest catches the panics of this thread.
        assert!(is_caught());
        let scoped = thread::scope(|scope| scope.spawn(is_caught).join().expect("no panic"));
        assert!(!scoped);
    }
}
