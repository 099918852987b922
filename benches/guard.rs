//! What the guard costs a program, beside its peers.
//!
//! ```console
//! $ RUSTFLAGS="-C llvm-args=-align-all-functions=6 -C llvm-args=-align-loops=64" \
//!     cargo bench -p hotbench-benches --bench guard --features guard-release
//! ```
//!
//! prints the tables, in about a minute. Without these flags the position of the code alone moves a
//! row by a cycle or two. Without `--bench`, as in `cargo test`, each row runs once, untimed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::process::ExitCode;
use std::task::{Context, Poll, Waker};

use hotbench::{Alloc, hot, no_alloc};
use hotbench_benches::side_by_side::{Bar, Pair, Run, main as run};

fn main() -> ExitCode {
    run(&pairs())
}

fn pairs() -> Vec<Pair> {
    let mut pairs = Vec::new();
    pairs.extend(beside_peers::<Pairs>(
        "Pairs of alloc and free of 64 bytes, nothing measured; against `System`",
        1,
        Bar::Ratio(1.03),
    ));
    pairs.extend(beside_peers::<Pairs>(
        "The same on two threads at once",
        2,
        Bar::Ratio(1.03),
    ));
    pairs.extend(beside_peers::<Zeroed>(
        "alloc_zeroed of 64 MiB; against `System`",
        1,
        Bar::Ratio(1.1),
    ));
    pairs.extend(beside_peers::<Growth>(
        "realloc, doubling from 4 KiB to 64 MiB; against `System`",
        1,
        Bar::Ratio(1.1),
    ));
    pairs.extend(regions());
    pairs
}

/// What all allocators do, one after the other.
trait Routine {
    fn run<A: Allocator>(n: u32);
}

fn beside_peers<R: Routine>(table: &'static str, threads: usize, bar: Bar) -> [Pair; 7] {
    let rows: [(&str, Run, Bar); 7] = [
        ("System, wrapped in nothing", R::run::<Again>, Bar::None),
        ("hotbench", R::run::<HotbenchsOwn>, bar),
        ("stats_alloc", R::run::<StatsAlloc>, Bar::None),
        ("divan", R::run::<Divan>, Bar::None),
        ("assert_no_alloc", R::run::<AssertNoAlloc>, Bar::None),
        ("alloc_counter", R::run::<AllocCounter>, Bar::None),
        ("dhat, no profiler", R::run::<Dhat>, Bar::None),
    ];
    rows.map(|(name, subject, bar)| Pair {
        table,
        name,
        subject,
        reference: R::run::<Bare>,
        threads,
        bar,
    })
}

fn regions() -> [Pair; 4] {
    const REGIONS: &str = "Regions; against the same code without";
    const ALLOWED: &str = "Allowed pairs in a `#[hot]` function; against `System` without";
    let rows: [(&str, &str, [Run; 2], Bar); 4] = [
        (
            REGIONS,
            "`#[no_alloc]`, a call",
            [calls_guarded, calls_plain],
            Bar::ExtraNs(2.0),
        ),
        (
            REGIONS,
            "`#[no_alloc] async`, a poll",
            [polls_guarded, polls_plain],
            Bar::ExtraNs(5.0),
        ),
        (
            ALLOWED,
            "pairs in one call",
            [pairs_in_one_call, Pairs::run::<Bare>],
            Bar::Ratio(1.5),
        ),
        (
            ALLOWED,
            "one pair in each call",
            [calls_hot, calls_bare],
            Bar::None,
        ),
    ];
    rows.map(|(table, name, [subject, reference], bar)| Pair {
        table,
        name,
        subject,
        reference,
        threads: 1,
        bar,
    })
}

/// An allocator that is not the program's own.
trait Allocator {
    type Global: GlobalAlloc + 'static;
    const GLOBAL: &'static Self::Global;
}

macro_rules! allocators {
    ($($name:ident: $global:ty = $value:expr;)*) => {$(
        struct $name;

        impl Allocator for $name {
            type Global = $global;
            const GLOBAL: &'static $global = {
                static GLOBAL: $global = $value;
                &GLOBAL
            };
        }
    )*};
}

allocators! {
    Bare: System = System;
    Again: Passed = Passed;
    HotbenchsOwn: Alloc<System> = Alloc::new(System);
    StatsAlloc: stats_alloc::StatsAlloc<System> = stats_alloc::StatsAlloc::system();
    Divan: divan::AllocProfiler = divan::AllocProfiler::system();
    AssertNoAlloc: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;
    AllocCounter: alloc_counter::AllocCounterSystem = alloc_counter::AllocCounter(System);
    Dhat: dhat::Alloc = dhat::Alloc;
}

/// Passes every call on: what it takes more is the position of the code alone.
struct Passed;

// SAFETY: `System`, passed through.
unsafe impl GlobalAlloc for Passed {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.realloc(block, layout, new_size) }
    }
}

const BLOCK: Layout = Layout::new::<[u64; 8]>();

/// As a program reaches its global allocator: by a call that is not inlined.
#[inline(never)]
unsafe fn allocate<A: Allocator>(layout: Layout) -> *mut u8 {
    // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`.
    unsafe { A::GLOBAL.alloc(layout) }
}

#[inline(never)]
unsafe fn deallocate<A: Allocator>(block: *mut u8, layout: Layout) {
    // SAFETY: the caller keeps the contract of `GlobalAlloc::dealloc`.
    unsafe { A::GLOBAL.dealloc(block, layout) }
}

/// Pairs of alloc and free.
struct Pairs;

impl Routine for Pairs {
    #[inline(always)]
    fn run<A: Allocator>(n: u32) {
        for _ in 0..n {
            // SAFETY: the layout is not of size zero, and the block is freed once, with that layout.
            unsafe {
                let block = black_box(allocate::<A>(black_box(BLOCK)));
                deallocate::<A>(block, BLOCK);
            }
        }
    }
}

const LARGE: usize = 64 << 20;
const PAGE: usize = 4096;

/// A large block, zeroed.
struct Zeroed;

impl Routine for Zeroed {
    fn run<A: Allocator>(n: u32) {
        let layout = Layout::from_size_align(LARGE, 8).expect("a valid layout");
        for _ in 0..n {
            // SAFETY: as above.
            unsafe {
                let block = black_box(A::GLOBAL.alloc_zeroed(black_box(layout)));
                A::GLOBAL.dealloc(block, layout);
            }
        }
    }
}

/// A block that grows.
struct Growth;

impl Routine for Growth {
    fn run<A: Allocator>(n: u32) {
        for _ in 0..n {
            let mut layout = Layout::from_size_align(PAGE, 8).expect("a valid layout");
            // SAFETY: as above, and each new size is a valid one.
            unsafe {
                let mut block = A::GLOBAL.alloc(layout);
                while layout.size() < LARGE {
                    let size = layout.size() * 2;
                    block = black_box(A::GLOBAL.realloc(block, layout, black_box(size)));
                    layout = Layout::from_size_align_unchecked(size, 8);
                }
                A::GLOBAL.dealloc(block, layout);
            }
        }
    }
}

#[inline(never)]
fn plain(n: u64) -> u64 {
    black_box(n) + 1
}

#[no_alloc]
#[inline(never)]
fn guarded(n: u64) -> u64 {
    black_box(n) + 1
}

fn calls_plain(n: u32) {
    for i in 0..n {
        black_box(plain(u64::from(i)));
    }
}

fn calls_guarded(n: u32) {
    for i in 0..n {
        black_box(guarded(u64::from(i)));
    }
}

#[hot(max_allocs = u64::MAX - 1)]
fn pairs_in_one_call(n: u32) {
    Pairs::run::<HotbenchsOwn>(n);
}

#[hot(max_allocs = 1)]
#[inline(never)]
fn hot_pair() {
    Pairs::run::<HotbenchsOwn>(1);
}

#[inline(never)]
fn bare_pair() {
    Pairs::run::<Bare>(1);
}

fn calls_hot(n: u32) {
    for _ in 0..n {
        hot_pair();
    }
}

fn calls_bare(n: u32) {
    for _ in 0..n {
        bare_pair();
    }
}

/// Pending once.
async fn pause() {
    let mut waited = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut waited, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

async fn plain_pauses(n: u32) {
    for _ in 0..n {
        pause().await;
    }
}

#[no_alloc]
async fn guarded_pauses(n: u32) {
    for _ in 0..n {
        pause().await;
    }
}

fn polls_plain(n: u32) {
    poll_to_the_end(plain_pauses(n));
}

fn polls_guarded(n: u32) {
    poll_to_the_end(guarded_pauses(n));
}

#[inline(never)]
fn poll_to_the_end(future: impl Future) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    while future.as_mut().poll(&mut context).is_pending() {}
}
