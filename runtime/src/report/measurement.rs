//! The one model of what has been measured: written by engines, read by reports.

use serde::{Deserialize, Serialize};

use crate::guard::{AllocStats, GuardStatus};
use crate::registry::Instance;

/// A case and all that is known of it after a run.
#[derive(Debug, Clone)]
pub(crate) struct Measurement {
    pub(crate) id: String,
    pub(crate) package: Option<&'static str>,
    /// Its scope is the package.
    pub(crate) group: Option<&'static str>,
    /// Of the case's sweeps: in a group, like is compared with like.
    pub(crate) value: Option<String>,
    pub(crate) is_baseline: bool,
    pub(crate) timing: Option<Timing>,
    pub(crate) allocations: Option<Allocations>,
    pub(crate) throughput: Throughput,
    pub(crate) failure: Option<Failure>,
}

impl Measurement {
    /// A case of which nothing has been measured yet.
    pub(crate) fn new(instance: &Instance) -> Self {
        let case = instance.case;
        Self {
            id: instance.id.clone(),
            package: case.package,
            group: case.group,
            value: instance.value.clone(),
            is_baseline: case.baseline,
            timing: None,
            allocations: None,
            throughput: Throughput::default(),
            failure: None,
        }
    }
}

/// What a run with a table found.
#[derive(Debug)]
pub(crate) struct Summary {
    /// Else the budgets alone were checked.
    pub(crate) is_timed: bool,
    /// `debug` or `release`.
    pub(crate) profile: &'static str,
    pub(crate) cases: Vec<Measurement>,
    pub(crate) filtered_out: usize,
    /// Cases with `ignore`, which were not run.
    pub(crate) ignored: usize,
    pub(crate) guard: GuardStatus,
}

/// Why a case failed, and what it wrote to its standard output and error, in the order in which it
/// came.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) cause: Cause,
    pub(crate) output: String,
}

/// What went wrong.
#[derive(Debug, Clone)]
pub(crate) enum Cause {
    /// The case panicked, with this message.
    Panicked(String),
    /// What the harness has to say.
    Said(String),
}

impl Cause {
    pub(crate) fn message(&self) -> &str {
        let (Self::Panicked(message) | Self::Said(message)) = self;
        message
    }
}

/// The time of one call.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Timing {
    /// The figure for the table: the slope where there is one, else the mean.
    pub(crate) time: Estimate,
    pub(crate) mean: Estimate,
    pub(crate) median: Estimate,
    pub(crate) standard_deviation: Estimate,
    pub(crate) confidence_level: f64,
    pub(crate) samples: usize,
    /// In all samples together.
    pub(crate) iterations: u64,
    /// Where the case is called on several, which are timed from the first one's start to the last one's end.
    pub(crate) threads: Option<ThreadTimes>,
    /// Why it may be that nothing was timed.
    pub(crate) elision: Option<Elision>,
}

impl Timing {
    /// What goes through in a second, on all threads together.
    pub(crate) fn rates(&self, of_a_call: Throughput) -> Rates {
        let threads = self.threads.map_or(1, |threads| threads.count);
        let calls = threads as f64 * 1e9 / self.time.point_ns;
        let rate = |n: u64| n as f64 * calls;
        Rates {
            bytes: of_a_call.bytes.map(rate),
            elements: of_a_call.elements.map(rate),
        }
    }
}

/// Bytes and elements a second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rates {
    pub(crate) bytes: Option<f64>,
    pub(crate) elements: Option<f64>,
}

/// What threads take for a call, side by side.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct ThreadTimes {
    pub(crate) count: usize,
    /// Of all threads.
    pub(crate) mean_ns: f64,
}

/// A sign that the compiler has removed the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Elision {
    /// A call takes no longer than a turn of an empty loop: a cycle.
    NoLongerThanEmptyLoop,
    /// Many calls take no longer than few.
    TimeDoesNotGrow,
}

/// A figure with its bootstrap confidence interval.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Estimate {
    pub(crate) point_ns: f64,
    pub(crate) lower_ns: f64,
    pub(crate) upper_ns: f64,
}

/// What a number of calls allocated, from entry to return.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Allocations {
    pub(crate) calls: u32,
    pub(crate) total: AllocStats,
}

impl Allocations {
    /// A figure of the total, by the calls.
    pub(crate) fn per_call(&self, of: fn(&AllocStats) -> u64) -> f64 {
        of(&self.total) as f64 / f64::from(self.calls)
    }
}

/// What one call works on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Throughput {
    pub(crate) bytes: Option<u64>,
    pub(crate) elements: Option<u64>,
}

/// How a case's time compares with its group's baseline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Ratio {
    /// The baseline's time by the case's: above 1 the case is faster.
    pub(crate) point: f64,
    pub(crate) lower: f64,
    pub(crate) upper: f64,
}

impl Ratio {
    /// The ratio with an interval at the confidence level of the two estimates, which were measured
    /// apart: their relative errors add up as those of independent logarithms do (delta method).
    pub(crate) fn of(baseline: &Estimate, case: &Estimate) -> Option<Self> {
        let log = baseline.point_ns.ln() - case.point_ns.ln();
        let half_width = relative_half_width(baseline).hypot(relative_half_width(case));
        let ratio = Self {
            point: log.exp(),
            lower: (log - half_width).exp(),
            upper: (log + half_width).exp(),
        };
        (ratio.lower.is_finite() && ratio.upper.is_finite()).then_some(ratio)
    }
}

/// Both ends of a ratio within this of 1: the same, as far as one run can tell.
const SAME: f64 = 0.02;

/// What a ratio says, its interval considered. That is the interval of one run, in which each side was
/// measured once: what differs from run to run is not in it, so that what is close to 1 says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// The interval is within 2 % of 1.
    Same,
    /// All of it is above that.
    Faster,
    /// All of it is below.
    Slower,
    /// None of these.
    Inconclusive,
}

impl Ratio {
    pub(crate) fn verdict(&self) -> Verdict {
        if self.lower >= 1.0 - SAME && self.upper <= 1.0 + SAME {
            Verdict::Same
        } else if self.lower > 1.0 + SAME {
            Verdict::Faster
        } else if self.upper < 1.0 - SAME {
            Verdict::Slower
        } else {
            Verdict::Inconclusive
        }
    }
}

fn relative_half_width(estimate: &Estimate) -> f64 {
    (estimate.upper_ns - estimate.lower_ns) / 2.0 / estimate.point_ns
}

#[cfg(test)]
mod tests {
    use super::{Estimate, Ratio};

    fn estimate(point_ns: f64, half_width: f64) -> Estimate {
        Estimate {
            point_ns,
            lower_ns: point_ns - half_width,
            upper_ns: point_ns + half_width,
        }
    }

    #[test]
    fn a_ratio_carries_the_error_of_both_sides() {
        let ratio = Ratio::of(&estimate(300.0, 9.0), &estimate(100.0, 4.0)).unwrap();
        // The relative half-widths 0.03 and 0.04 add up to 0.05.
        assert!((ratio.point - 3.0).abs() < 1e-12);
        assert!((ratio.lower - 3.0 * (-0.05_f64).exp()).abs() < 1e-12);
        assert!((ratio.upper - 3.0 * 0.05_f64.exp()).abs() < 1e-12);
    }

    #[test]
    fn a_time_of_zero_has_no_ratio() {
        assert_eq!(Ratio::of(&estimate(1.0, 0.1), &estimate(0.0, 0.0)), None);
    }
}
