//! What recording an allocation costs, beside the `dhat` crate in its two modes.
//!
//! `cargo bench -p hotbench-benches --bench heap` times pairs of an allocation and its release, from eight places at
//! two depths of the stack, in rounds in which all take turns; the bare allocator's time is taken off. Without
//! `--bench`, as in `cargo test`, a few of each are run, untimed.

#![allow(clippy::print_stdout, reason = "a program that prints its results")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use hotbench::__private::recorded;
use hotbench_benches::{held, median_and_range, time};

const ROUNDS: usize = 15;
const PAIRS: u32 = 20_000;
/// Frames between the recording and the allocation.
const DEPTHS: [u32; 2] = [5, 40];
const MOST_NS: f64 = 1_000.0;

static WRAPPED: hotbench::Alloc<System> = hotbench::Alloc::new(System);

struct Way {
    name: &'static str,
    /// What so many pairs at this depth take, in nanoseconds each.
    pair_ns: fn(u32, u32) -> f64,
}

const WAYS: [Way; 4] = [
    Way {
        name: "bare",
        pair_ns: |depth, pairs| timed(&System, depth, pairs),
    },
    Way {
        name: "--dhat",
        pair_ns: |depth, pairs| {
            let (ns, blocks) = recorded(|| timed(&WRAPPED, depth, pairs));
            assert_eq!(blocks, u64::from(pairs), "each is recorded");
            ns
        },
    },
    Way {
        name: "dhat crate, heap mode",
        pair_ns: |depth, pairs| {
            let file = std::env::temp_dir().join(format!("dhat-{}.json", std::process::id()));
            let profiler = dhat::Profiler::builder().file_name(&file).build();
            let ns = timed(&dhat::Alloc, depth, pairs);
            drop(profiler);
            // What can't be removed does no harm.
            let _ = std::fs::remove_file(file);
            ns
        },
    },
    Way {
        name: "dhat crate, testing mode",
        pair_ns: |depth, pairs| {
            let _profiler = dhat::Profiler::builder().testing().build();
            timed(&dhat::Alloc, depth, pairs)
        },
    },
];

fn timed<A: GlobalAlloc>(allocator: &A, depth: u32, pairs: u32) -> f64 {
    let start = Instant::now();
    deep(allocator, depth, pairs);
    start.elapsed().as_nanos() as f64 / f64::from(pairs)
}

#[inline(never)]
fn deep<A: GlobalAlloc>(allocator: &A, depth: u32, pairs: u32) {
    if depth > 0 {
        deep(allocator, depth - 1, pairs);
        // Not the last thing, so that the frame stays.
        black_box(depth);
        return;
    }
    for _ in 0..pairs / 8 {
        place::<A, 0>(allocator);
        place::<A, 1>(allocator);
        place::<A, 2>(allocator);
        place::<A, 3>(allocator);
        place::<A, 4>(allocator);
        place::<A, 5>(allocator);
        place::<A, 6>(allocator);
        place::<A, 7>(allocator);
    }
}

#[inline(never)]
fn place<A: GlobalAlloc, const PLACE: usize>(allocator: &A) {
    let layout = Layout::new::<[u64; 8]>();
    // SAFETY: the layout has a size, and what is freed is what was allocated with it.
    unsafe {
        let block = black_box(allocator.alloc(layout));
        assert!(!block.is_null(), "{PLACE}");
        allocator.dealloc(block, layout);
    }
}

fn main() -> ExitCode {
    if !std::env::args().any(|argument| argument == "--bench") {
        for way in &WAYS {
            (way.pair_ns)(DEPTHS[0], 80);
        }
        println!("{} ways, untimed", WAYS.len());
        return ExitCode::SUCCESS;
    }
    let mut holds = true;
    for depth in DEPTHS {
        println!("{depth} frames deep, a pair of an allocation and its release");
        let rounds: Vec<[f64; 4]> = (0..ROUNDS)
            .map(|_| WAYS.each_ref().map(|way| (way.pair_ns)(depth, PAIRS)))
            .collect();
        for (index, way) in WAYS.iter().enumerate() {
            let over = if index == 0 { 0.0 } else { 1.0 };
            let added = rounds.iter().map(|round| round[index] - over * round[0]);
            let (median, [least, most]) = median_and_range(added.collect());
            let verdict = match index {
                1 => format!(
                    ", at most {}: {}",
                    time(MOST_NS),
                    held([least, most], MOST_NS)
                ),
                _ => String::new(),
            };
            holds &= index != 1 || least <= MOST_NS;
            let word = if index == 0 { "takes" } else { "adds" };
            println!(
                "  {:<26} {word:<5} {:>10}   {} to {}{verdict}",
                way.name,
                time(median),
                time(least),
                time(most)
            );
        }
    }
    ExitCode::from(u8::from(!holds))
}
