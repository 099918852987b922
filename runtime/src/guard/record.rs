//! Where the allocations past a limit came from: raw addresses, in a fixed buffer of the thread.
//!
//! Written from inside the allocator, so nothing here allocates, and symbols come later.

use std::cell::{Cell, RefCell};

use super::thread::Operation;

/// Distinct stacks that are remembered; what comes after them is counted alone.
const MAX_RECORDS: usize = 32;
/// Frames of a stack, innermost first. A `collect` into a `HashMap` without optimisation needs 40.
const MAX_FRAMES: usize = 48;
/// Stacks that are walked, at 8 to 25 µs each: a loop of a million allocations fails in half a second.
const MAX_WALKS: u32 = 20_000;

/// One stack, and how often it allocated.
#[derive(Clone, Copy)]
pub(super) struct Record {
    pub(super) operation: Operation,
    pub(super) count: u32,
    pub(super) bytes: u64,
    depth: usize,
    frames: [usize; MAX_FRAMES],
}

impl Record {
    const EMPTY: Self = Self {
        operation: Operation::Alloc,
        count: 0,
        bytes: 0,
        depth: 0,
        frames: [0; MAX_FRAMES],
    };

    /// Return addresses, innermost first.
    pub(super) fn frames(&self) -> &[usize] {
        &self.frames[..self.depth]
    }
}

/// Which part of the buffer is in use.
#[derive(Clone, Copy)]
struct Span {
    /// Records before this one belong to outer regions.
    floor: usize,
    len: usize,
    walks: u32,
}

thread_local! {
    static SPAN: Cell<Span> = const { Cell::new(Span { floor: 0, len: 0, walks: 0 }) };
    static BUFFER: RefCell<[Record; MAX_RECORDS]> = const {
        RefCell::new([Record::EMPTY; MAX_RECORDS])
    };
}

/// Where the records of a region begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    start: usize,
    outer_floor: usize,
}

/// Opens a region: its stacks are kept apart from those of outer regions.
#[inline]
pub(super) fn open() -> Mark {
    SPAN.with(|cell| {
        let span = cell.get();
        cell.set(Span {
            floor: span.len,
            ..span
        });
        Mark {
            start: span.len,
            outer_floor: span.floor,
        }
    })
}

/// Closes a region. What it recorded is kept for the regions around it, which may be over their
/// own limits by it; the outermost one forgets all.
#[inline]
pub(super) fn close(mark: Mark, outermost: bool) {
    SPAN.with(|cell| {
        let mut span = cell.get();
        span.floor = mark.outer_floor;
        if span.len != mark.start && (outermost || std::thread::panicking()) {
            span.len = mark.start;
            span.walks = 0;
        }
        cell.set(span);
    });
}

/// Copies out what has been recorded since `mark`.
pub(super) fn since(mark: Mark) -> Vec<Record> {
    let len = SPAN.get().len;
    BUFFER.with_borrow(|buffer| buffer[mark.start..len].to_vec())
}

/// Records one allocation by the stack that made it, down to the region entered at `stack`.
pub(super) fn record(operation: Operation, bytes: u64, stack: usize) {
    let mut span = SPAN.get();
    if span.walks == MAX_WALKS {
        return;
    }
    span.walks += 1;
    let mut new = Record {
        operation,
        count: 1,
        bytes,
        ..Record::EMPTY
    };
    walk(&mut new, stack);
    BUFFER.with_borrow_mut(|buffer| {
        let known = buffer[span.floor..span.len]
            .iter_mut()
            .find(|known| known.operation == operation && known.frames() == new.frames());
        if let Some(known) = known {
            known.count += 1;
            known.bytes += bytes;
        } else if span.len < MAX_RECORDS {
            buffer[span.len] = new;
            span.len += 1;
        }
    });
    SPAN.set(span);
}

/// Fills in the return addresses, innermost first, up to the function that entered the region.
fn walk(record: &mut Record, stack: usize) {
    let frame = |frame: &backtrace::Frame| {
        record.frames[record.depth] = frame.ip() as usize;
        record.depth += 1;
        // Stacks grow down: a frame above where the region was entered is around the region.
        record.depth < MAX_FRAMES && (frame.sp() as usize) <= stack
    };
    #[cfg(windows)]
    backtrace::trace(frame);
    // SAFETY: away from Windows, whose DbgHelp is not thread-safe, the lock that `trace` takes
    // guards nothing but symbol look-ups, and this is none.
    #[cfg(not(windows))]
    unsafe {
        backtrace::trace_unsynchronized(frame);
    }
}
