//! One thread and all of rayon's: from how many lines on are more threads worth it?

use hotbench::{bench_case, hot, no_alloc};
use rayon::prelude::*;

use crate::entry::parse_line;
#[hotbench::bench_only]
use crate::sample;

/// Bytes that the lines tell of, line by line.
#[bench_case(group = "parallel", baseline, for lines in sample::SIZES, args(&sample::lines(lines)))]
pub fn bytes_sequential(lines: &[&str]) -> u64 {
    lines.iter().map(|line| bytes(line)).sum()
}

/// Bytes that the lines tell of, shared among the threads of a pool.
///
/// The first call makes the pool, and handing work to it allocates now and then; what is done for
/// each line must not, on any thread.
#[hot(max_allocs = 4, warmup = 1)]
#[bench_case(group = "parallel", for lines in sample::SIZES, args(&sample::lines(lines)))]
pub fn bytes_parallel(lines: &[&str]) -> u64 {
    lines.par_iter().map(|line| bytes(line)).sum()
}

#[no_alloc]
fn bytes(line: &str) -> u64 {
    parse_line(line)
        .ok()
        .and_then(|entry| entry.bytes)
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{bytes_parallel, bytes_sequential};
    use crate::sample;

    #[test]
    fn both_count_the_same() {
        for lines in sample::SIZES {
            let lines = sample::lines(lines);
            let bytes = bytes_sequential(&lines);
            assert!(bytes > 0);
            assert_eq!(bytes, bytes_parallel(&lines));
        }
    }
}
