//! What the guard costs a program: its allocator against the one that it wraps.
//!
//! `cargo bench -p hotbench-benches --bench guard` prints ratios with their spread. Both sides take
//! turns in one run, for on a shared machine the same loop varies by half within a minute. Without
//! `--bench`, as in `cargo test`, each side runs once, untimed.

#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::time::Instant;

use hotbench::Alloc;

/// Pairs of one allocation and its free in a block, about 100 µs.
const PAIRS: u32 = 8_000;
/// Blocks of each side.
const BLOCKS: usize = 2_000;

static BARE: System = System;
static GUARDED: Alloc<System> = Alloc::new(System);

fn main() {
    let timed = std::env::args().any(|argument| argument == "--bench");
    for threads in [1, 2] {
        if timed {
            let ratios = std::thread::scope(|scope| {
                let blocks: Vec<_> = (0..threads)
                    .map(|_| scope.spawn(|| compare(BLOCKS)))
                    .collect();
                let ratios = blocks
                    .into_iter()
                    .flat_map(|blocks| blocks.join().expect("no panic"));
                ratios.collect::<Vec<f64>>()
            });
            let [low, median, high] = quartiles(ratios);
            println!(
                "pairs of alloc and free of 64 bytes, no region, {threads} thread(s): \
                 Alloc<System> / System = {median:.3} (quartiles {low:.3} to {high:.3})"
            );
        } else {
            compare(1);
        }
    }
}

/// The ratio of the times of the two sides, for each pair of blocks.
fn compare(blocks: usize) -> Vec<f64> {
    (0..blocks)
        .map(|block| {
            // Each side is first as often as the other: the second place costs up to 1 %.
            let (bare, guarded);
            if block % 2 == 0 {
                bare = time(&BARE);
                guarded = time(&GUARDED);
            } else {
                guarded = time(&GUARDED);
                bare = time(&BARE);
            }
            guarded / bare
        })
        .collect()
}

/// Seconds for a block of pairs.
#[inline(never)]
fn time(allocator: &'static impl GlobalAlloc) -> f64 {
    let layout = Layout::from_size_align(64, 8).expect("a valid layout");
    let start = Instant::now();
    for _ in 0..PAIRS {
        // SAFETY: the layout is not of size zero, and the block is freed once, with that layout.
        unsafe {
            let block = black_box(allocator.alloc(black_box(layout)));
            allocator.dealloc(block, layout);
        }
    }
    start.elapsed().as_secs_f64()
}

fn quartiles(mut ratios: Vec<f64>) -> [f64; 3] {
    ratios.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| ratios[(ratios.len() - 1) * quarter / 4])
}
