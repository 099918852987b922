//! Criterion. Its results are read back from the files that it writes; what it prints is heard with
//! `--nocapture` alone.
//!
//! Never through `configure_from_args`, which parses this process's arguments and exits on those
//! that it does not know.

use std::path::Path;
use std::time::Duration;

use criterion::Criterion;
#[cfg(feature = "html")]
use criterion::PlottingBackend;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Engine, Observation, TimingSettings, elision};
use crate::declared::Declared;
use crate::figures::{Estimate, ThreadTimes, Timing};
use crate::routine::{Routine, SideBySide};
use crate::settings::Defaults;

/// Of the intervals that are reported.
const CONFIDENCE_LEVEL: f64 = 0.95;
/// Criterion's name for the case; ours would be cut at 64 and at 100 characters.
pub const ID: &str = "case";
/// The folder of the case's page, in its own.
pub const REPORT: &str = "report";

pub(super) struct Timed {
    pub(super) settings: TimingSettings,
    /// Taken by the one measurement.
    pub(super) defaults: Option<Defaults>,
}

impl Engine for Timed {
    fn drive(&mut self, routine: &mut dyn Routine, declared: &Declared) -> Observation {
        let TimingSettings {
            flags,
            call,
            resamples,
            directory,
        } = &self.settings;
        let defaults = self.defaults.take().unwrap_or_default();
        let settings = defaults.complete(flags.or(declared.settings()), *call);
        let criterion = match settings.apply(defaults.into_criterion(*resamples)) {
            Ok(criterion) => criterion,
            Err(message) => return Observation::Failed(message),
        };
        let mut criterion = plotted(criterion)
            .confidence_level(CONFIDENCE_LEVEL)
            .output_directory(directory);
        criterion.bench_function(ID, |bencher| routine.sample(bencher));
        let results = directory.join(ID).join("new");
        read_back(&results, routine).unwrap_or_else(Observation::Failed)
    }
}

/// With a page of the case. By the one backend that draws for itself: gnuplot would be another process.
#[cfg(feature = "html")]
fn plotted(criterion: Criterion) -> Criterion {
    criterion
        .with_plots()
        .plotting_backend(PlottingBackend::Plotters)
}

#[cfg(not(feature = "html"))]
fn plotted(criterion: Criterion) -> Criterion {
    criterion.without_plots()
}

/// `estimates.json`, as Criterion 0.8 writes it.
#[derive(Deserialize)]
struct Estimates {
    mean: Interval,
    median: Interval,
    std_dev: Interval,
    /// Of the regression of time on iterations; absent where the samples have as many iterations
    /// each, as those of slow routines have.
    slope: Option<Interval>,
}

#[derive(Deserialize)]
struct Interval {
    point_estimate: f64,
    confidence_interval: Bounds,
}

#[derive(Deserialize)]
struct Bounds {
    lower_bound: f64,
    upper_bound: f64,
}

/// `sample.json`, likewise.
#[derive(Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

fn read_back(results: &Path, routine: &mut dyn Routine) -> Result<Observation, String> {
    let estimates: Estimates = read(&results.join("estimates.json"))?;
    let sample: Sample = read(&results.join("sample.json"))?;
    let estimate = |interval: &Interval| Estimate {
        point: interval.point_estimate,
        lower: interval.confidence_interval.lower_bound,
        upper: interval.confidence_interval.upper_bound,
    };
    // As Criterion chooses the figure that it prints.
    let time_ns = estimate(estimates.slope.as_ref().unwrap_or(&estimates.mean));
    let threads = routine
        .side_by_side()
        .map(|SideBySide { threads, means }| ThreadTimes {
            count: threads,
            mean_ns: per_iteration_ns(&sample.iters, means, estimates.slope.is_some()),
        });
    Ok(Observation::Timed(Timing {
        time_ns,
        mean_ns: estimate(&estimates.mean),
        median_ns: estimate(&estimates.median),
        standard_deviation_ns: estimate(&estimates.std_dev),
        confidence_level: CONFIDENCE_LEVEL,
        samples: sample.iters.len(),
        slow_outliers: slow_outliers(&sample.iters, &sample.times),
        iterations: sample.iters.iter().sum::<f64>() as u64,
        threads,
        optimised_away: elision::of(&sample.iters, &sample.times, routine),
    }))
}

/// How many samples are beyond the upper of Tukey's inner fences (Exploratory Data Analysis, 1977).
fn slow_outliers(iterations: &[f64], times_ns: &[f64]) -> usize {
    let mut calls: Vec<f64> = times_ns
        .iter()
        .zip(iterations)
        .map(|(time, n)| time / n)
        .collect();
    calls.sort_by(f64::total_cmp);
    let quartile = |n: usize| calls.get(n * calls.len() / 4).copied().unwrap_or(f64::NAN);
    let (lower, upper) = (quartile(1), quartile(3));
    let fence = upper + 1.5 * (upper - lower);
    calls.iter().filter(|&&call| call > fence).count()
}

/// What an iteration takes of the times at the end of `times`, estimated as Criterion estimates that of its
/// samples: by a regression through the origin, or by the mean.
fn per_iteration_ns(iterations: &[f64], times: &[Duration], by_slope: bool) -> f64 {
    let times = &times[times.len().saturating_sub(iterations.len())..];
    let samples = || {
        let times = times.iter().map(|time| time.as_secs_f64() * 1e9);
        iterations.iter().zip(times)
    };
    if by_slope {
        let covered: f64 = samples().map(|(n, time)| n * time).sum();
        return covered / samples().map(|(n, _)| n * n).sum::<f64>();
    }
    samples().map(|(n, time)| time / n).sum::<f64>() / iterations.len() as f64
}

/// A file that isn't there means that Criterion gave up: it does so on a sample that took no time.
fn read<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let text = std::fs::read(path).map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            "Criterion left no result: does the routine take no time at all?".to_owned()
        } else {
            format!(
                "Criterion's result can't be read: {}: {error}",
                path.display()
            )
        }
    })?;
    serde_json::from_slice(&text).map_err(|error| {
        format!(
            "Criterion's result can't be read: {}: {error}",
            path.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{per_iteration_ns, slow_outliers};

    #[test]
    fn slow_outliers_are_beyond_the_upper_fence() {
        let iterations = [10.0; 8];
        let times = [100.0, 110.0, 120.0, 130.0, 140.0, 150.0, 1.0, 900.0];
        assert_eq!(slow_outliers(&iterations, &times), 1);
        assert_eq!(slow_outliers(&iterations, &[100.0; 8]), 0);
        assert_eq!(slow_outliers(&[], &[]), 0);
    }

    #[test]
    fn what_threads_take_is_estimated_of_the_samples_and_not_of_the_warm_up() {
        let times = [9_000, 70, 140, 210].map(Duration::from_nanos);
        let iterations = [10.0, 20.0, 30.0];
        for by_slope in [true, false] {
            let estimate = per_iteration_ns(&iterations, &times, by_slope);
            assert!((estimate - 7.0).abs() < 1e-9, "{estimate}");
        }
    }
}
