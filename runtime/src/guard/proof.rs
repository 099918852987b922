//! The proof, once per process, that the allocator reports to the guard. A guard that sees nothing
//! would pass every test.

use std::sync::atomic::{AtomicBool, Ordering};

use super::thread::{self, Charge};

static PROVEN: AtomicBool = AtomicBool::new(false);

const NOT_INSTALLED: &str = "\
the allocation guard is on, but this program's allocator does not report to it

Where the program has an allocator of its own, wrap it:

    #[global_allocator]
    static ALLOCATOR: hotbench::Alloc<MiMalloc> = hotbench::Alloc::new(MiMalloc);

Where it has none, leave hotbench's default feature `global-allocator` on.";

#[inline]
pub(super) fn is_proven() -> bool {
    PROVEN.load(Ordering::Relaxed)
}

/// Whether an allocation is seen by the guard.
pub(super) fn allocator_is_installed() -> bool {
    if is_proven() {
        return true;
    }
    let saved = thread::enter(Charge::UNLIMITED);
    let before = thread::total();
    drop(std::hint::black_box(Box::new(0_u8)));
    let seen = thread::total().since(before).allocs > 0;
    thread::leave(saved);
    if seen {
        PROVEN.store(true, Ordering::Relaxed);
    }
    seen
}

/// Proves it.
///
/// # Errors
///
/// What to write, where the guard saw nothing.
#[cold]
pub(super) fn prove() -> Result<(), &'static str> {
    // While a thread unwinds nothing is counted, so nothing can be proven, and nothing is judged.
    if std::thread::panicking() || allocator_is_installed() {
        Ok(())
    } else {
        Err(NOT_INSTALLED)
    }
}
