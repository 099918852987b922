//! The global allocator's wrapper, and the fast path that a program without regions takes.

use core::alloc::{GlobalAlloc, Layout};

use crate::counts::Operation;
#[cfg(feature = "cases")]
use crate::elsewhere;
use crate::ledger;
#[cfg(feature = "cases")]
use crate::recorder::{self, Here};

/// The allocator's wrapper; `hotbench` documents it.
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

// The slow path is a tail call that does the whole work: recorded first and allocated afterwards,
// the fast path would have to save the layout across a call, and pay for it each time.
impl<A: GlobalAlloc> Alloc<A> {
    #[cold]
    #[inline(never)]
    unsafe fn watched_alloc(&self, layout: Layout) -> *mut u8 {
        count(Operation::Alloc, layout.size());
        #[cfg(feature = "cases")]
        if recorder::is_armed() {
            // SAFETY: as below.
            return unsafe { self.recorded_alloc(layout, GlobalAlloc::alloc) };
        }
        // SAFETY: the caller's promises to `GlobalAlloc::alloc` are passed on unchanged.
        unsafe { self.inner.alloc(layout) }
    }

    #[cold]
    #[inline(never)]
    unsafe fn watched_alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(Operation::AllocZeroed, layout.size());
        #[cfg(feature = "cases")]
        if recorder::is_armed() {
            // SAFETY: as below.
            return unsafe { self.recorded_alloc(layout, GlobalAlloc::alloc_zeroed) };
        }
        // SAFETY: the caller's promises to `GlobalAlloc::alloc_zeroed` are passed on unchanged.
        unsafe { self.inner.alloc_zeroed(layout) }
    }

    #[cold]
    #[inline(never)]
    unsafe fn watched_realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let growth = new_size.saturating_sub(layout.size());
        count(Operation::Realloc, growth);
        #[cfg(feature = "cases")]
        if recorder::is_armed() {
            // SAFETY: as below.
            return unsafe { self.recorded_realloc(block, layout, new_size) };
        }
        // SAFETY: the caller's promises to `GlobalAlloc::realloc` are passed on unchanged.
        unsafe { self.inner.realloc(block, layout, new_size) }
    }

    #[cold]
    #[inline(never)]
    unsafe fn watched_dealloc(&self, block: *mut u8, layout: Layout) {
        count(Operation::Dealloc, 0);
        #[cfg(feature = "cases")]
        if recorder::is_armed() {
            recorder::freed(block);
        }
        // SAFETY: the caller's promises to `GlobalAlloc::dealloc` are passed on unchanged.
        unsafe { self.inner.dealloc(block, layout) }
    }
}

// What a recording has to be told of a block is told while the block is the caller's: no other thread can
// have one of its address.
#[cfg(feature = "cases")]
impl<A: GlobalAlloc> Alloc<A> {
    #[cold]
    #[inline(never)]
    unsafe fn recorded_alloc(
        &self,
        layout: Layout,
        alloc: unsafe fn(&A, Layout) -> *mut u8,
    ) -> *mut u8 {
        let here = Here::new();
        // SAFETY: the caller's promises to `GlobalAlloc` are passed on unchanged.
        let block = unsafe { alloc(&self.inner, layout) };
        recorder::allocated(block, layout.size(), &here);
        block
    }

    #[cold]
    #[inline(never)]
    unsafe fn recorded_realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let here = Here::new();
        let moving = recorder::moving(block);
        // SAFETY: the caller's promises to `GlobalAlloc::realloc` are passed on unchanged.
        let moved = unsafe { self.inner.realloc(block, layout, new_size) };
        recorder::moved(moving, block, moved, new_size, &here);
        moved
    }
}

#[inline(always)]
fn count(operation: Operation, bytes: usize) {
    if !ledger::count_within_limits(operation, bytes) {
        ledger::count(operation, bytes);
    }
    #[cfg(feature = "cases")]
    if elsewhere::is_counting() {
        elsewhere::count(operation, bytes);
    }
}

// SAFETY: every method returns what the inner allocator's method of the same name returns for the
// same arguments; counting touches no block, allocates nothing and does not unwind.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Alloc<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if ledger::is_watched() {
            // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`.
            return unsafe { self.watched_alloc(layout) };
        }
        // SAFETY: as above.
        unsafe { self.inner.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if ledger::is_watched() {
            // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc_zeroed`.
            return unsafe { self.watched_alloc_zeroed(layout) };
        }
        // SAFETY: as above.
        unsafe { self.inner.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if ledger::is_watched() {
            // SAFETY: the caller keeps the contract of `GlobalAlloc::realloc`.
            return unsafe { self.watched_realloc(block, layout, new_size) };
        }
        // SAFETY: as above.
        unsafe { self.inner.realloc(block, layout, new_size) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if ledger::is_watched() {
            // SAFETY: the caller keeps the contract of `GlobalAlloc::dealloc`.
            return unsafe { self.watched_dealloc(block, layout) };
        }
        // SAFETY: as above.
        unsafe { self.inner.dealloc(block, layout) }
    }
}
