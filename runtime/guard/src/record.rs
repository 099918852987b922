//! Where the allocations past a limit came from: raw addresses, in a fixed buffer of the thread.
//!
//! Written from inside the allocator, so nothing here allocates through it, and symbols come later. The buffer is the
//! system allocator's, and exists from the first record of a thread until its regions have ended. As a thread-local
//! it would take 27 KiB of each thread's stack, since glibc puts thread-locals there.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::panic::Location;
use std::{ptr, slice};

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
    static BUFFER: Buffer = const { Buffer(Cell::new(ptr::null_mut())) };
    /// Whether the buffer could not be allocated when it was needed.
    static IS_OUT_OF_MEMORY: Cell<bool> = const { Cell::new(false) };
}

/// Room for [`MAX_RECORDS`] records, of which the first `LEN` are written. Null before it is needed.
struct Buffer(Cell<*mut Record>);

impl Buffer {
    const LAYOUT: Layout = Layout::new::<[Record; MAX_RECORDS]>();

    /// Calls `f` with the records that are written.
    fn with<R>(f: impl FnOnce(&mut [Record]) -> R) -> R {
        BUFFER.with(|buffer| {
            let records = buffer.0.get();
            if records.is_null() {
                return f(&mut []);
            }
            // SAFETY: `push` has written the first `LEN` records of this thread's buffer, which `release` frees
            // together with `LEN`. No other reference exists: `f` is one of this module's, and none calls `with`.
            f(unsafe { slice::from_raw_parts_mut(records, LEN.get()) })
        })
    }

    /// Adds a record if there is room.
    fn push(record: &Record) {
        let len = LEN.get();
        if len == MAX_RECORDS {
            return;
        }
        BUFFER.with(|buffer| {
            if buffer.0.get().is_null() {
                buffer.0.set(Self::allocate());
            }
            let records = buffer.0.get();
            if records.is_null() {
                IS_OUT_OF_MEMORY.set(true);
                return;
            }
            // SAFETY: the buffer has room for `MAX_RECORDS`, of which `len` are taken; a record has no destructor.
            unsafe { records.add(len).write(*record) };
            LEN.set(len + 1);
        });
    }

    fn allocate() -> *mut Record {
        #[cfg(test)]
        if tests::HAS_NO_MEMORY.get() {
            return ptr::null_mut();
        }
        // SAFETY: the layout has a size.
        unsafe { System.alloc(Self::LAYOUT) }.cast()
    }

    /// Frees the buffer, when no region of the thread has a record any more.
    fn release() {
        IS_OUT_OF_MEMORY.set(false);
        let records = BUFFER.with(|buffer| buffer.0.replace(ptr::null_mut()));
        if !records.is_null() {
            // SAFETY: it was allocated with this layout by `push`, and nothing points at it any more.
            unsafe { System.dealloc(records.cast(), Self::LAYOUT) };
        }
    }
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
    Buffer::with(|records| records[range.begin()..].to_vec())
}

/// Returns whether records of this thread are missing because there was no memory for them.
pub(super) fn is_out_of_memory() -> bool {
    IS_OUT_OF_MEMORY.get()
}

/// Forgets the records of a region.
pub(super) fn forget(range: &Range) {
    LEN.set(range.begin());
    WALKS.set(range.walks);
    if range.begin() == 0 {
        Buffer::release();
    }
}

/// Puts the records of a region that ends together with their like of the one around it.
pub(super) fn merge(outer: &Range, range: &Range) {
    let (begin, outer) = (range.begin(), outer.begin());
    let kept = Buffer::with(|records| {
        let mut kept = begin;
        for index in begin..records.len() {
            let record = records[index];
            let mut of_outer = records[outer..kept].iter_mut();
            match of_outer.find(|known| known.is_like(&record)) {
                Some(known) => known.absorb(&record),
                None => {
                    records[kept] = record;
                    kept += 1;
                }
            }
        }
        kept
    });
    LEN.set(kept.min(LEN.get()));
}

/// Adds records that were made on other threads to those of a region.
pub(super) fn extend(range: &Range, records: &[Record]) {
    for record in records {
        add(range, record);
    }
}

/// Adds a record to those of a region; where the buffer is full it is lost.
fn add(range: &Range, new: &Record) {
    let is_known = Buffer::with(|records| {
        let mut records = records[range.begin()..].iter_mut();
        let known = records.find(|known| known.is_like(new));
        known.map(|known| known.absorb(new)).is_some()
    });
    if !is_known {
        Buffer::push(new);
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
    add(range, &new);
}

/// Returns a record of one call of the allocator by its whole stack, as far as there is room.
#[cfg(feature = "cases")]
pub(super) fn whole_stack(operation: Operation, bytes: u64) -> Record {
    let mut new = Record {
        operation,
        count: 1,
        bytes,
        ..Record::EMPTY
    };
    walk(&mut new, usize::MAX);
    new
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::hint::black_box;
    use std::panic::catch_unwind;

    use super::super::closures::assert_no_alloc;
    use super::BUFFER;

    thread_local! {
        pub(super) static HAS_NO_MEMORY: Cell<bool> = const { Cell::new(false) };
    }

    fn report() -> String {
        let failed = catch_unwind(|| assert_no_alloc(|| drop(black_box(Box::new(1_u64)))));
        let payload = failed.expect_err("it allocates");
        *payload.downcast::<String>().expect("a report")
    }

    #[test]
    fn a_report_says_that_there_was_no_memory_to_record_where() {
        const MISSING: &str = "not recorded: there was no memory to record where";
        HAS_NO_MEMORY.set(true);
        let without = report();
        HAS_NO_MEMORY.set(false);
        assert!(without.contains("allocated once, 8 bytes"), "{without}");
        assert!(without.contains(MISSING), "{without}");
        let with = report();
        assert!(!with.contains(MISSING), "{with}");
    }

    #[test]
    fn the_buffer_is_freed_with_the_last_region() {
        report();
        assert!(BUFFER.with(|buffer| buffer.0.get().is_null()));
    }
}
