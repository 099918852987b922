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
    /// Where the work was handed on, if it was.
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

/// A region's records: those from here on.
#[derive(Debug)]
pub(super) struct Range {
    begin: Cell<usize>,
    /// Stacks that had been walked before.
    walks: u32,
}

/// Whose limit an allocation is past.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Limit {
    /// That of the region that it is in, which fails when it ends.
    Own,
    OfOneAround,
}

impl Range {
    /// The range of a region that begins now.
    pub(super) fn here() -> Self {
        Self {
            begin: Cell::new(LEN.get()),
            walks: WALKS.get(),
        }
    }

    fn begin(&self) -> usize {
        // A region inside may have made room for itself.
        self.begin.get().min(LEN.get())
    }
}

/// Copies out the records of a region.
pub(super) fn since(range: &Range) -> Vec<Record> {
    BUFFER.with_borrow(|buffer| buffer[range.begin()..LEN.get()].to_vec())
}

/// Forgets the records of a region.
pub(super) fn forget(range: &Range) {
    LEN.set(range.begin());
    WALKS.set(range.walks);
}

/// Puts the records of a region that ends together with their like of the one around it.
pub(super) fn merge(outer: &Range, range: &Range) {
    let start = range.begin();
    let end = LEN.replace(start);
    BUFFER.with_borrow_mut(|buffer| {
        for index in start..end {
            let record = buffer[index];
            add(buffer, outer, record);
        }
    });
}

/// Adds records that were made on other threads to those of a region.
pub(super) fn extend(range: &Range, records: &[Record]) {
    BUFFER.with_borrow_mut(|buffer| {
        for record in records {
            add(buffer, range, *record);
        }
    });
}

/// Adds a record to those of a region; where the buffer is full it is lost.
fn add(buffer: &mut [Record; MAX_RECORDS], range: &Range, new: Record) {
    let len = LEN.get();
    let known = buffer[range.begin()..len]
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
/// `stack`. It is put together with its like in the region's `range`.
///
/// A region that fails by itself has stacks and a record for that, whatever those around it took.
pub(super) fn record(operation: Operation, bytes: u64, stack: usize, range: &Range, limit: Limit) {
    let own = limit == Limit::Own;
    let walks = if own { range.walks } else { 0 };
    if WALKS.get() - walks >= MAX_WALKS {
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
    if own && range.begin() == MAX_RECORDS {
        range.begin.set(MAX_RECORDS - 1);
        LEN.set(MAX_RECORDS - 1);
    }
    BUFFER.with_borrow_mut(|buffer| add(buffer, range, new));
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
