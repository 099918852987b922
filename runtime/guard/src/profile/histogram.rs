//! How often a duration was seen, in buckets whose width is at most 1/128 of their values.
//!
//! One thread writes and any may read meanwhile, without a lock: what is written is an atomic number,
//! by a load and a store. Buckets are made by the octave, when the first duration falls there: a
//! function's durations lie in a few of them, of a KiB each, and in 58 at most.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::unwatched;

/// Buckets of an octave, as a power of two.
const BITS: u32 = 7;
const BUCKETS: usize = 1 << BITS;
/// The first has the values below `BUCKETS`, each in a bucket of its own.
const OCTAVES: usize = (u64::BITS - BITS + 1) as usize;

type Octave = [Counter; BUCKETS];

/// A number that one thread adds to and any may read.
#[derive(Debug)]
pub(super) struct Counter(AtomicU64);

/// Durations, in ticks of the clock.
#[derive(Debug)]
pub(super) struct Histogram {
    octaves: [OnceLock<Box<Octave>>; OCTAVES],
}

impl Counter {
    pub(super) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    #[inline(always)]
    pub(super) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    #[inline(always)]
    pub(super) fn add(&self, more: u64) {
        self.set(self.get().wrapping_add(more));
    }
}

impl Histogram {
    pub(super) const fn new() -> Self {
        Self {
            octaves: [const { OnceLock::new() }; OCTAVES],
        }
    }

    #[inline(always)]
    pub(super) fn record(&self, ticks: u64) {
        let (octave, bucket) = place(ticks);
        let octave = &self.octaves[octave];
        let buckets = match octave.get() {
            Some(buckets) => &**buckets,
            None => make(octave),
        };
        buckets[bucket].add(1);
    }

    /// The values of the buckets in which there is something, in their middle, and how often they were seen.
    pub(super) fn seen(&self) -> impl Iterator<Item = (u64, u64)> {
        let octaves = self.octaves.iter().enumerate();
        octaves
            .filter_map(|(n, octave)| Some((n, octave.get()?)))
            .flat_map(|(n, octave)| {
                let buckets = octave.iter().enumerate();
                buckets.map(move |(bucket, count)| (middle(n, bucket), count.get()))
            })
            .filter(|(_, count)| *count > 0)
    }
}

#[cold]
#[inline(never)]
fn make(octave: &OnceLock<Box<Octave>>) -> &Octave {
    unwatched(|| octave.get_or_init(|| Box::new([const { Counter::new() }; BUCKETS])))
}

/// The octave of a value, and its bucket there.
#[inline(always)]
fn place(ticks: u64) -> (usize, usize) {
    let octave = (u64::BITS - (ticks >> BITS).leading_zeros()) as usize;
    let shift = octave.saturating_sub(1);
    (octave, (ticks >> shift) as usize & (BUCKETS - 1))
}

fn middle(octave: usize, bucket: usize) -> u64 {
    match octave.checked_sub(1) {
        None => bucket as u64,
        Some(shift) => (((BUCKETS + bucket) as u64) << shift) + ((1 << shift) >> 1),
    }
}

#[cfg(test)]
mod tests {
    use super::{BUCKETS, Histogram, OCTAVES, middle, place};

    #[test]
    fn a_bucket_is_within_half_a_percent_of_its_values() {
        let around = |value: u64| [value.saturating_sub(1), value, value.saturating_add(1)];
        let powers = (0..64).flat_map(|power| around(1 << power));
        let spread = (1..2_000_u64).map(|n| n.wrapping_mul(n).wrapping_mul(n) * 7919 / 13);
        for value in powers.chain(spread).chain([u64::MAX]) {
            let (octave, bucket) = place(value);
            assert!(octave < OCTAVES && bucket < BUCKETS, "{value}");
            let error = middle(octave, bucket).abs_diff(value) as f64 / value.max(1) as f64;
            assert!(error <= 0.004, "{value}: {error}");
        }
    }

    #[test]
    fn what_was_recorded_is_seen_in_order() {
        let histogram = Histogram::new();
        for ticks in [1_000_000, 5, 0, 5] {
            histogram.record(ticks);
        }
        let seen: Vec<(u64, u64)> = histogram.seen().collect();
        assert_eq!(seen[..2], [(0, 1), (5, 2)]);
        assert_eq!(seen.len(), 3);
        assert_eq!(seen[2].1, 1);
    }
}
