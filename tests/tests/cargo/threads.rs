//! `threads(…)` calls a case from several threads at once.

use crate::support::{QUICK, cargo};

#[test]
fn all_threads_call_and_count() {
    cargo("test -p threads --bench hot -- --skip over --skip panicking --skip on_none")
        .passed()
        .says("test threads::contended/threads=1 ... ok")
        .says("test threads::contended/threads=2 ... ok")
        // Two that would wait for ever if they did not run side by side.
        .says("test threads::meeting/threads=2 ... ok")
        .says("test threads::first_use/threads=3 ... ok")
        .says("test threads::consumed/2/threads=2 ... ok")
        .says("test threads::Own::add/threads=2 ... ok");
}

#[test]
fn one_thread_that_fails_fails_the_case() {
    cargo("test -p threads --bench hot -- over panicking on_none contended")
        .failed()
        .says(
            "one call of `threads::squares/over/threads=2` allocated once, 24 bytes, where `#[bench_case(max_allocs = 0)]` \
             allows none",
        )
        .says("one of the threads")
        .says("while it sets up")
        .says("`threads(0)`: on no thread there is no call")
        .says("2 passed; 4 failed");
}

fn nanoseconds(cell: &str) -> f64 {
    scaled(cell, &[("ns", 1.0), ("µs", 1e3), ("ms", 1e6)])
}

/// The number in a cell, in whatever of these units a machine that is slow or busy has made of it.
fn scaled(cell: &str, units: &[(&str, f64)]) -> f64 {
    let (number, unit) = cell.split_once(' ').expect("a number and its unit");
    let unit = units.iter().find(|(name, _)| *name == unit);
    let (_, factor) = unit.unwrap_or_else(|| panic!("{cell} is in no known unit"));
    factor * number.parse::<f64>().expect("a number")
}

#[test]
fn the_time_of_all_threads_and_their_mean_are_shown() {
    let skipped = "--skip over --skip panicking --skip on_none --skip meeting";
    let said = cargo(&format!("bench -p threads -- {skipped} {QUICK}")).passed();
    assert_eq!(said.row("case")[6..8], ["thread mean", "throughput"]);
    for threads in [1, 2] {
        let row = said.row(&format!("contended/threads={threads}"));
        let (all, mean) = (nanoseconds(row[1]), nanoseconds(row[5]));
        assert!(mean <= all, "{said}");
        // The mean of one thread is its own; the rate is that of all threads.
        assert!(threads > 1 || mean > 0.99 * all, "{said}");
        let rate = scaled(
            row[6],
            &[
                ("K elements/s", 1e3),
                ("M elements/s", 1e6),
                ("G elements/s", 1e9),
            ],
        );
        let expected = f64::from(threads) * 1e9 / all;
        assert!((rate / expected - 1.0).abs() < 0.01, "{said}");
    }
    // Of a call, not of all threads.
    assert_eq!(said.row("squares/threads=2")[3..5], ["1", "24 B"]);
    assert_eq!(said.row("first_use/threads=3")[3..5], ["0", "0 B"]);
}
