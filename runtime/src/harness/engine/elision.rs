//! Whether the compiler has left anything to measure.

use std::hint::black_box;
use std::time::Instant;

use crate::report::measurement::Elision;

/// Iterations of the empty loop: some 0.03 ms.
const ITERATIONS: u32 = 100_000;
const REPEATS: usize = 20;

/// Looks at the samples of a case for signs that its work was optimised away: one call takes no longer
/// than a turn of an empty loop, which is a cycle; or many take no longer than few.
pub(super) fn of(iterations: &[f64], times_ns: &[f64]) -> Option<Elision> {
    if growth(iterations, times_ns).is_some_and(|growth| growth < LEAST_GROWTH) {
        return Some(Elision::TimeDoesNotGrow);
    }
    // The best of either, since a machine at work can only make it longer.
    let call_ns = times_ns.iter().zip(iterations).map(|(time, n)| time / n);
    let call_ns = call_ns.fold(f64::INFINITY, f64::min);
    (call_ns < MOST_TURNS * empty_turn_ns()).then_some(Elision::NoLongerThanEmptyLoop)
}

/// Of the iterations' growth, the part that the time must share. A routine that works shares all of it.
const LEAST_GROWTH: f64 = 0.5;
const LEAST_SAMPLES: usize = 30;
/// So many turns of the empty loop are told from one.
const MOST_TURNS: f64 = 1.5;

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

/// What a turn of the loop takes that measures a constant.
fn empty_turn_ns() -> f64 {
    let turn = || {
        let start = Instant::now();
        for _ in 0..ITERATIONS {
            black_box(0_u64);
        }
        start.elapsed().as_secs_f64() * 1e9 / f64::from(ITERATIONS)
    };
    std::iter::repeat_with(turn)
        .take(REPEATS)
        .fold(f64::INFINITY, f64::min)
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
