//! What a failing region takes, its report included.
//!
//! `cargo bench -p hotbench-benches --bench report --profile dev` prints the times of the first
//! failure of a process, which reads the program's debug info, and of a later one, in a build like
//! that of `cargo test`. Without `--bench`, as there, there is one of each, and no interval.

#![allow(clippy::print_stdout, reason = "a program that prints its results")]

use std::hint::black_box;
use std::time::Instant;

use hotbench::no_alloc;
use hotbench_benches::side_by_side::{launches, median_and_interval};
use hotbench_benches::{held, time};

/// What a failing test may take more.
const MOST_NS: f64 = 5e8;

#[no_alloc]
fn careless(n: u64) -> Vec<String> {
    (0..n).map(|n| black_box(n).to_string()).collect()
}

fn main() {
    let has = |flag: &str| std::env::args().any(|argument| argument == flag);
    if !has("--bench") || has("--launch") {
        std::panic::set_hook(Box::new(|_| ()));
        let [first, later] = [failure(), failure()];
        println!("{first} {later}");
        return;
    }
    let figures: Vec<[f64; 2]> = launches(&[])
        .iter()
        .map(|text| {
            let mut fields = text.trim().split(' ');
            [(); 2].map(|()| {
                fields
                    .next()
                    .expect("two numbers")
                    .parse()
                    .expect("a number")
            })
        })
        .collect();
    for (index, name) in ["the first failure of a process", "a later one"]
        .iter()
        .enumerate()
    {
        let figures = figures.iter().map(|figures| figures[index]).collect();
        let (median, [low, high]) = median_and_interval(figures);
        println!(
            "{name:<32} {:>10}   {} to {}, at most {}: {}",
            time(median),
            time(low),
            time(high),
            time(MOST_NS),
            held([low, high], MOST_NS)
        );
    }
}

/// Nanoseconds from the call to the caught panic.
fn failure() -> f64 {
    let start = Instant::now();
    let failed = std::panic::catch_unwind(|| careless(100)).is_err();
    let elapsed = start.elapsed();
    assert!(failed, "the guard is not live: add `--profile dev`");
    elapsed.as_secs_f64() * 1e9
}
