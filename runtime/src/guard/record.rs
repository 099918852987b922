//! Where the allocations past a limit came from: raw addresses, in a fixed buffer of the thread.
//!
//! Written from inside the allocator, so nothing here allocates, and symbols come later.

use std::cell::{Cell, RefCell};
use std::panic::Location;

use super::counts::Operation;

/// Distinct stacks that are remembered; what comes after them is counted alone.
pub(super) const MAX_RECORDS: usize = 64;
/// Frames of a stack, innermost first. A `collect` into a `HashMap` without optimisation needs 40.
const MAX_FRAMES: usize = 48;
/// Stacks that are walked, at 8 to 25 µs each: a loop of a million allocations fails in half a second.
const MAX_WALKS: u32 = 20_000;

/// One stack, and how often it allocated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    pub(super) operation: Operation,
    pub(super) count: u64,
    pub(super) bytes: u64,
    /// Where its thread's work was handed to it, if it was another thread's.
    pub(super) carried: Option<&'static Location<'static>>,
    depth: usize,
    frames: [usize; MAX_FRAMES],
}

impl Record {
    const EMPTY: Self = Self {
        operation: Operation::Alloc,
        count: 0,
        bytes: 0,
        carried: None,
        depth: 0,
        frames: [0; MAX_FRAMES],
    };

    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.operation == other.operation
            && self.carried == other.carried
            && self.frames() == other.frames()
    }

    /// Adds what another record of its like has counted.
    pub(super) fn absorb(&mut self, other: &Self) {
        self.count += other.count;
        self.bytes = self.bytes.saturating_add(other.bytes);
    }

    /// Return addresses, innermost first.
    pub(super) fn frames(&self) -> &[usize] {
        &self.frames[..self.depth]
    }
}

thread_local! {
    static LEN: Cell<usize> = const { Cell::new(0) };
    static WALKS: Cell<u32> = const { Cell::new(0) };
    static BUFFER: RefCell<[Record; MAX_RECORDS]> = const {
        RefCell::new([Record::EMPTY; MAX_RECORDS])
    };
}

/// How many records there are: where those of a region that begins now will begin.
pub(super) fn len() -> usize {
    LEN.get()
}

/// Copies out the records from `start` on.
pub(super) fn since(start: usize) -> Vec<Record> {
    BUFFER.with_borrow(|buffer| buffer[start..LEN.get()].to_vec())
}

/// Forgets the records from `start` on.
pub(super) fn truncate(start: usize) {
    LEN.set(start);
    WALKS.set(0);
}

/// Puts the records from `start` on together with their like from `outer` on, when the region that
/// made them ends and the one around it goes on.
pub(super) fn merge(outer: usize, start: usize) {
    let end = LEN.replace(start);
    BUFFER.with_borrow_mut(|buffer| {
        for index in start..end {
            let record = buffer[index];
            add(buffer, outer, record);
        }
    });
}

/// Adds records that were made on other threads to those from `start` on.
pub(super) fn extend(start: usize, records: &[Record]) {
    BUFFER.with_borrow_mut(|buffer| {
        for record in records {
            add(buffer, start, *record);
        }
    });
}

/// Adds a record to those from `start` on; where the buffer is full it is lost.
fn add(buffer: &mut [Record; MAX_RECORDS], start: usize, new: Record) {
    let len = LEN.get();
    let known = buffer[start..len]
        .iter_mut()
        .find(|known| known.is_like(&new));
    if let Some(known) = known {
        known.absorb(&new);
    } else if len < MAX_RECORDS {
        buffer[len] = new;
        LEN.set(len + 1);
    }
}

/// Records one call of the allocator by the stack that made it, up to the region at the address
/// `stack`. It is put together with its like from `start` on, which is where the region's own begin.
pub(super) fn record(operation: Operation, bytes: u64, stack: usize, start: usize) {
    if WALKS.get() == MAX_WALKS {
        return;
    }
    WALKS.set(WALKS.get() + 1);
    let mut new = Record {
        operation,
        count: 1,
        bytes,
        ..Record::EMPTY
    };
    walk(&mut new, stack);
    BUFFER.with_borrow_mut(|buffer| add(buffer, start, new));
}

/// Fills in the return addresses, innermost first, up to the function in whose frame the region is.
fn walk(record: &mut Record, stack: usize) {
    let frame = |frame: &backtrace::Frame| {
        record.frames[record.depth] = frame.ip() as usize;
        record.depth += 1;
        // Stacks grow down: a frame above the region is around it.
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
