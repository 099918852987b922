//! One byte at a time and many: counting the lines of the log.
//!
//! The compiler makes vectors of the plain loop, too: of what every CPU of the target has, SSE2 on
//! x86-64, and with counters of eight bytes, but where there are narrower ones. `-C target-cpu=native` lets it use what
//! this machine has, and the program then runs on no older one; `--variants native` shows what that is worth.

use hotbench::{bench_case, no_alloc};
use wide::u8x16;

#[hotbench::bench_only]
use crate::sample;

/// Lines, one byte after the other.
#[bench_case(group = "scanning", baseline, args(sample::LOG.as_bytes()), throughput = Bytes(sample::LOG.len()))]
pub fn lines_one_by_one(log: &[u8]) -> usize {
    log.iter().filter(|&&byte| byte == b'\n').count()
}

/// Bytes of a chunk: whole vectors, and no more lines than a counter of one byte can hold.
const CHUNK: usize = 224;

/// Lines, in chunks of which a counter of one byte can hold the lines, so that a vector has most counters.
#[no_alloc]
#[bench_case(group = "scanning", args(sample::LOG.as_bytes()), throughput = Bytes(sample::LOG.len()), no_alloc)]
#[inline(always)]
pub fn lines_in_chunks(log: &[u8]) -> usize {
    let count = |chunk: &[u8]| -> u8 { chunk.iter().map(|&byte| u8::from(byte == b'\n')).sum() };
    log.chunks(CHUNK)
        .map(|chunk| usize::from(count(chunk)))
        .sum()
}

/// Lines, by vectors of 16 bytes that are written down.
#[no_alloc]
#[bench_case(group = "scanning", args(sample::LOG.as_bytes()), throughput = Bytes(sample::LOG.len()), no_alloc)]
pub fn lines_wide(log: &[u8]) -> usize {
    let newline = u8x16::splat(b'\n');
    let (vectors, rest) = log.as_chunks::<16>();
    let count = |vector: &[u8; 16]| {
        let equal = u8x16::new(*vector).cmp_eq(newline);
        equal.move_mask().count_ones() as usize
    };
    vectors.iter().map(count).sum::<usize>() + lines_one_by_one(rest)
}

/// Lines, in the same chunks, by AVX2 where the machine that it runs on has it.
#[no_alloc]
#[bench_case(group = "scanning", args(sample::LOG.as_bytes()), throughput = Bytes(sample::LOG.len()), no_alloc)]
pub fn lines_detected(log: &[u8]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: this CPU has AVX2.
        return unsafe { lines_avx2(log) };
    }
    lines_in_chunks(log)
}

/// The loop over chunks, compiled for AVX2.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn lines_avx2(log: &[u8]) -> usize {
    lines_in_chunks(log)
}

#[cfg(test)]
mod tests {
    use super::{lines_detected, lines_in_chunks, lines_one_by_one, lines_wide};
    use crate::sample;

    #[test]
    fn all_count_the_same() {
        assert_eq!(lines_one_by_one(sample::LOG.as_bytes()), 12_000);
        let only_newlines = "\n".repeat(1_000);
        for log in [sample::LOG, &sample::LOG[7..], &only_newlines, "\n", ""] {
            let log = log.as_bytes();
            let lines = lines_one_by_one(log);
            assert_eq!(lines, lines_wide(log));
            assert_eq!(lines, lines_detected(log));
            assert_eq!(lines, lines_in_chunks(log));
        }
    }
}
