//! Counts what other threads allocate during the calls of a benchmark case.
//!
//! A case owns its worker process. So its figures and its budget cover what scoped threads, pools, runtimes and
//! detached threads allocate during its calls, besides what regions count on the case's own thread.
//! While the process is [armed](arm), every thread that begins stays on the allocator's slow path, which leads here
//! during a [`Window`].

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::counts::{AllocStats, Operation};
use super::ledger::{self, unwatched};
use super::record::{self, MAX_RECORDS};
use super::shared::Part;

const OFF: u8 = 0;
/// Threads stay on the slow path, and nothing is counted now.
const ARMED: u8 = 1;
/// A window is open.
const COUNTING: u8 = 2;
/// A window is open, and places are recorded for a budget's report.
const RECORDING: u8 = 3;

static STATE: AtomicU8 = AtomicU8::new(OFF);
static PART: Mutex<Part> = Mutex::new(Part::EMPTY);

fn lock() -> MutexGuard<'static, Part> {
    PART.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes all threads that begin from now on countable. Threads of earlier cases, which may be about to end, have a
/// moment for that.
pub fn arm() {
    static EARLIER: AtomicU64 = AtomicU64::new(u64::MAX);
    let earlier = EARLIER.load(Ordering::Relaxed);
    if earlier != u64::MAX {
        let before = Some(earlier);
        Started { before }.wait();
    }
    EARLIER.store(threads().unwrap_or(u64::MAX), Ordering::Relaxed);
    // The records of a window are pushed inside the allocator, so the room for them is made here.
    lock().records.reserve(MAX_RECORDS);
    WAITED_NS.store(0, Ordering::Relaxed);
    STATE.store(ARMED, Ordering::Relaxed);
}

/// Lets threads go back to the allocator's fast path, each at its next allocation.
pub fn disarm() {
    STATE.store(OFF, Ordering::Relaxed);
}

#[inline(always)]
pub(super) fn is_armed() -> bool {
    STATE.load(Ordering::Relaxed) != OFF
}

#[inline(always)]
pub(crate) fn is_counting() -> bool {
    STATE.load(Ordering::Relaxed) >= COUNTING
}

/// Counts a call of the allocator, unless the case's own thread counts it in a region.
#[cold]
#[inline(never)]
pub(crate) fn count(operation: Operation, bytes: usize) {
    if thread::panicking() || ledger::is_of_case() {
        return;
    }
    let exempt = ledger::is_exempt();
    unwatched(|| {
        let mut part = lock();
        let state = STATE.load(Ordering::Relaxed);
        if state < COUNTING {
            return;
        }
        let bytes = bytes as u64;
        let mut one = AllocStats::ZERO;
        match operation {
            Operation::Dealloc => one.deallocs = 1,
            _ => (one.allocs, one.bytes) = (1, bytes),
        }
        one.reallocs = u64::from(operation == Operation::Realloc);
        part.stats += one;
        if exempt {
            part.exempt = part.exempt.plus(one.charge());
        } else if state == RECORDING && operation != Operation::Dealloc {
            part.add_record(&record::whole_stack(operation, bytes));
        }
    });
}

/// A stretch of the case's calls, during which other threads are counted.
#[derive(Debug)]
pub struct Window {
    started: Started,
}

impl Window {
    /// Opens the window, for calls that are held to a budget or not. If several threads call the case, each opens it.
    pub(super) fn open(is_limited: bool) -> Self {
        unwatched(|| {
            let started = Started::from_now();
            let mut part = lock();
            if STATE.load(Ordering::Relaxed) == ARMED {
                part.clear();
                let state = if is_limited { RECORDING } else { COUNTING };
                STATE.store(state, Ordering::Relaxed);
            }
            Self { started }
        })
    }

    /// Waits for the threads that the calls have started, and closes the window.
    pub(super) fn close(self) -> Part {
        unwatched(|| {
            self.started.wait();
            self.shut();
            lock().copy()
        })
    }

    fn shut(&self) {
        let _part = lock();
        if is_counting() {
            STATE.store(ARMED, Ordering::Relaxed);
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.shut();
    }
}

/// The longest wait for the next of a call's threads to end.
const LONGEST: Duration = Duration::from_millis(100);
/// The longest wait for those of all calls together.
const LONGEST_IN_ALL: Duration = Duration::from_secs(2);

static WAITED_NS: AtomicU64 = AtomicU64::new(0);

/// The threads that are started from some time on.
#[derive(Debug)]
pub struct Started {
    /// The number of threads before. None if the platform does not tell.
    before: Option<u64>,
}

impl Started {
    /// Those that are started from this call on.
    pub fn from_now() -> Self {
        Self { before: threads() }
    }

    /// Waits until they have ended, so that their allocations belong to the calls that started them. The wait ends when
    /// no thread has ended for 100 ms, as with the threads of a pool.
    pub fn wait(&self) {
        let Some(before) = self.before else { return };
        let start = Instant::now();
        let in_all = || waited() + start.elapsed() < LONGEST_IN_ALL;
        let (mut fewest, mut last_end) = (u64::MAX, start);
        while let Some(now) = threads().filter(|now| *now > before) {
            if now < fewest {
                (fewest, last_end) = (now, Instant::now());
            }
            if last_end.elapsed() >= LONGEST || !in_all() {
                break;
            }
            thread::sleep(Duration::from_micros(200));
        }
        let ns = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        WAITED_NS.fetch_add(ns, Ordering::Relaxed);
    }
}

/// Returns how long this process has waited for threads since it was armed.
pub fn waited() -> Duration {
    Duration::from_nanos(WAITED_NS.load(Ordering::Relaxed))
}

/// Returns how many threads the process has.
fn threads() -> Option<u64> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in parentheses, which may hold spaces. This is the twentieth.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_ascii_whitespace().nth(17)?.parse().ok()
}
