//! The program's allocator: [`Alloc`] where the guard is off, and the one that the feature `global-allocator` makes.

#[cfg(feature = "guard")]
pub use hotbench_guard::Alloc;
#[cfg(not(feature = "guard"))]
pub use inert::Alloc;

#[cfg(not(feature = "guard"))]
mod inert {
    use core::alloc::{GlobalAlloc, Layout};

    /// Is `A`, for nothing counts.
    #[derive(Debug, Default, Clone, Copy)]
    pub struct Alloc<A> {
        inner: A,
    }

    impl<A> Alloc<A> {
        /// Wraps `inner`.
        pub const fn new(inner: A) -> Self {
            Self { inner }
        }
    }

    // SAFETY: the inner allocator, passed through.
    unsafe impl<A: GlobalAlloc> GlobalAlloc for Alloc<A> {
        #[inline]
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`.
            unsafe { self.inner.alloc(layout) }
        }

        #[inline]
        unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
            // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc_zeroed`.
            unsafe { self.inner.alloc_zeroed(layout) }
        }

        #[inline]
        unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
            // SAFETY: the caller keeps the contract of `GlobalAlloc::realloc`.
            unsafe { self.inner.realloc(block, layout, new_size) }
        }

        #[inline]
        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            // SAFETY: the caller keeps the contract of `GlobalAlloc::dealloc`.
            unsafe { self.inner.dealloc(block, layout) }
        }
    }
}

#[cfg(all(
    feature = "guard",
    feature = "global-allocator",
    not(feature = "own-allocator")
))]
#[global_allocator]
static GLOBAL: Alloc<std::alloc::System> = Alloc::new(std::alloc::System);
