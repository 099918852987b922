//! Whether the compiler has left anything to measure.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::figures::Elision;
use crate::routine::{Routine, Stopwatch};

/// Iterations of the empty loop: some 0.03 ms.
const ITERATIONS: u32 = 100_000;
const REPEATS: usize = 20;

/// Looks at the samples of a case for signs that its work was optimised away: one call takes no longer
/// than a turn of an empty loop, which is a cycle; or many take no longer than few.
pub(super) fn of(
    iterations: &[f64],
    times_ns: &[f64],
    routine: &mut dyn Routine,
) -> Option<Elision> {
    if growth(iterations, times_ns).is_some_and(|growth| growth < LEAST_GROWTH) {
        return Some(Elision::TimeDoesNotGrow);
    }
    // The best of either, since a machine at work can only make it longer.
    let call_ns = best(times_ns.iter().zip(iterations).map(|(time, n)| time / n));
    let turn_ns = best(std::iter::repeat_with(empty_turn_ns).take(REPEATS));
    let is_empty = call_ns < MOST_TURNS * turn_ns
        // The machine may have been slower for all of the samples.
        || call_ns < SLOWER * MOST_TURNS * turn_ns && is_empty_in_turns(routine);
    is_empty.then_some(Elision::NoLongerThanEmptyLoop)
}

/// Of the iterations' growth, the part that the time must share. A routine that works shares all of it, and
/// 0.44 where the machine is 1.8 times as quick for the samples with the most iterations, the last five-fold.
const LEAST_GROWTH: f64 = 0.3;
const LEAST_SAMPLES: usize = 30;
/// So many turns of the empty loop are told from one.
const MOST_TURNS: f64 = 1.5;
/// So much slower may a machine be for a while.
const SLOWER: f64 = 4.0;

/// By what part of the iterations' growth the time grows, from the lower to the upper third of the
/// samples. None, where these are few, or have as many iterations each.
fn growth(iterations: &[f64], times_ns: &[f64]) -> Option<f64> {
    let mut samples: Vec<(f64, f64)> = iterations
        .iter()
        .copied()
        .zip(times_ns.iter().copied())
        .collect();
    samples.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Of fewer, two that were held up are enough to mislead.
    if samples.len() < LEAST_SAMPLES {
        return None;
    }
    let third = samples.len() / 3;
    let (few, many) = (samples.get(..third)?, samples.get(samples.len() - third..)?);
    let ratio = |of: fn(&(f64, f64)) -> f64| Some(median(many, of)? / median(few, of)?);
    let (iterations, times) = (ratio(|sample| sample.0)?, ratio(|sample| sample.1)?);
    (iterations >= 2.0).then(|| (times - 1.0) / (iterations - 1.0))
}

fn median(samples: &[(f64, f64)], of: fn(&(f64, f64)) -> f64) -> Option<f64> {
    let mut values: Vec<f64> = samples.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Whether a call takes no longer than a turn of the empty loop, both in turns.
fn is_empty_in_turns(routine: &mut dyn Routine) -> bool {
    /// Some 0.003 ms; few enough for their inputs to be made beforehand.
    const CALLS: u64 = 4096;
    const LIMIT: Duration = Duration::from_millis(20);

    let start = Instant::now();
    let (mut call_ns, mut turn_ns) = (f64::INFINITY, f64::INFINITY);
    while start.elapsed() < LIMIT {
        let calls = Stopwatch::time(routine, CALLS);
        call_ns = call_ns.min(calls.as_secs_f64() * 1e9 / CALLS as f64);
        turn_ns = turn_ns.min(empty_turn_ns());
    }
    call_ns < MOST_TURNS * turn_ns
}

/// What a turn of the loop takes that measures a constant.
fn empty_turn_ns() -> f64 {
    let start = Instant::now();
    for _ in 0..ITERATIONS {
        black_box(0_u64);
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(ITERATIONS)
}

fn best(times: impl Iterator<Item = f64>) -> f64 {
    times.fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::growth;

    fn samples(time: impl Fn(f64) -> f64) -> Option<f64> {
        let iterations: Vec<f64> = (1..=50).map(|n| 100.0 * f64::from(n)).collect();
        let times: Vec<f64> = iterations.iter().copied().map(time).collect();
        growth(&iterations, &times)
    }

    #[test]
    fn time_grows_with_the_iterations_or_does_not() {
        assert!((samples(|n| 7.0 * n).unwrap() - 1.0).abs() < 1e-9);
        assert!(samples(|_| 30.0).unwrap().abs() < 1e-9);
        // A clock that is read once a sample is not enough to doubt.
        assert!(samples(|n| 7.0 * n + 30.0).unwrap() > 0.8);
        assert_eq!(growth(&[100.0; 50], &[1.0; 50]), None);
        assert_eq!(growth(&[], &[]), None);
    }
}
