//! How times compare: within a group, and with the run before.

use serde::{Deserialize, Serialize};

use super::measurement::Estimate;
use super::units;

/// A case beside the baseline of its group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Comparison {
    pub(crate) baseline_id: String,
    /// The baseline's time by the case's.
    pub(crate) speedup: Option<Ratio>,
    pub(crate) verdict: Verdict,
}

impl Comparison {
    /// `None` for a speedup: either time may be that of nothing.
    pub(crate) fn new(baseline_id: String, speedup: Option<Ratio>) -> Self {
        Self {
            baseline_id,
            verdict: speedup.map_or(Verdict::NotCompared, |ratio| ratio.verdict()),
            speedup,
        }
    }
}

/// How a case's time compares with another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ratio {
    /// The other's time by the case's: above 1 the case is faster.
    pub(crate) point: f64,
    pub(crate) lower: f64,
    pub(crate) upper: f64,
}

/// Both ends of a ratio within this of 1: the same, as far as one run can tell.
const SAME: f64 = 0.02;

/// What a ratio says, its interval considered. That is the interval of one run, in which each side was
/// measured once: what differs from run to run is not in it, so that what is close to 1 says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    /// There is no ratio: either may have been optimised away.
    NotCompared,
}

impl Ratio {
    /// The ratio with an interval at the confidence level of the two estimates, which were measured
    /// apart: their relative errors add up as those of independent logarithms do (delta method).
    pub(crate) fn of(other: &Estimate, case: &Estimate) -> Option<Self> {
        let log = other.point.ln() - case.point.ln();
        let half_width = other
            .relative_half_width()
            .hypot(case.relative_half_width());
        let ratio = Self {
            point: log.exp(),
            lower: (log - half_width).exp(),
            upper: (log + half_width).exp(),
        };
        (ratio.lower.is_finite() && ratio.upper.is_finite()).then_some(ratio)
    }

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

/// How the time has changed since the last run on this machine that timed the case. No verdict: the two
/// were hours apart, and what the machine did besides is in neither interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Change {
    /// When that run was started.
    pub(crate) started_at_unix_s: u64,
    /// By what part of that time this one is longer: 0.02 is 2 % slower.
    pub(crate) relative: Estimate,
    /// The interval holds 0.
    pub(crate) noise: bool,
}

impl Change {
    /// The relative errors of the two add up as those of what was measured apart do.
    pub(crate) fn between(started_at_unix_s: u64, last: &Estimate, now: &Estimate) -> Option<Self> {
        let ratio = now.point / last.point;
        let half_width = ratio * now.relative_half_width().hypot(last.relative_half_width());
        let relative = Estimate {
            point: ratio - 1.0,
            lower: ratio - 1.0 - half_width,
            upper: ratio - 1.0 + half_width,
        };
        half_width.is_finite().then_some(Self {
            started_at_unix_s,
            relative,
            noise: relative.lower <= 0.0 && relative.upper >= 0.0,
        })
    }
}

/// A case in this version beside the same in an older one, measured in turns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Versus {
    /// Of a call: the medians over the launches.
    pub(crate) time_ns: Pair,
    /// By what part of the old time the new one is longer, with the interval that decided.
    pub(crate) change: Estimate,
    pub(crate) verdict: VersusVerdict,
    /// Likewise, of the means, in which a slow path that is rare shows; not judged.
    pub(crate) change_of_means: f64,
    /// The smallest change that would have been told as slower.
    pub(crate) smallest_visible: f64,
    pub(crate) launches: usize,
    /// Per call; where both versions have the allocator that counts.
    pub(crate) allocs: Option<Pair>,
    pub(crate) bytes: Option<Pair>,
    pub(crate) duration_s: f64,
}

impl Versus {
    /// What is worse than it was, if anything.
    pub(crate) fn regression(&self) -> Option<String> {
        let slower = (self.verdict == VersusVerdict::Slower).then(|| {
            let Pair { old, new } = self.time_ns;
            let (old, new) = (units::time(old), units::time(new));
            format!("slower, {old} → {new}: {}", units::change(&self.change))
        });
        let more = |what: &str, pair: Option<Pair>, show: fn(f64) -> String| {
            let pair = pair.filter(|pair| pair.new > pair.old)?;
            Some(format!(
                "more {what}, {} → {}",
                show(pair.old),
                show(pair.new)
            ))
        };
        let allocs = more("allocations", self.allocs, units::amount);
        let bytes = more("bytes allocated", self.bytes, units::bytes);
        let all: Vec<String> = [slower, allocs, bytes].into_iter().flatten().collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// There is a change, and it is within the margin.
    pub(crate) fn is_small_shift(&self) -> bool {
        let excludes_none = self.change.lower > 0.0 || self.change.upper < 0.0;
        self.verdict == VersusVerdict::Same && excludes_none
    }

    pub(crate) fn is_inconclusive(&self) -> bool {
        self.verdict == VersusVerdict::Inconclusive
    }
}

/// A figure of either version.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pair {
    pub(crate) old: f64,
    pub(crate) new: f64,
}

/// What is said of the new version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VersusVerdict {
    /// By more than the margin, the whole interval.
    Slower,
    /// Likewise.
    Faster,
    /// The whole interval lies within the margin.
    Same,
    /// The interval is too wide for any of these.
    Inconclusive,
}

impl VersusVerdict {
    pub(crate) fn is_change(self) -> bool {
        matches!(self, Self::Slower | Self::Faster)
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, Estimate, Ratio, Verdict};

    fn estimate(point: f64, half_width: f64) -> Estimate {
        Estimate {
            point,
            lower: point - half_width,
            upper: point + half_width,
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

    #[test]
    fn a_verdict_needs_the_whole_interval() {
        let verdict = |lower, upper| {
            let point = f64::midpoint(lower, upper);
            Ratio {
                point,
                lower,
                upper,
            }
            .verdict()
        };
        assert_eq!(verdict(1.9, 2.1), Verdict::Faster);
        assert_eq!(verdict(0.4, 0.6), Verdict::Slower);
        assert_eq!(verdict(0.985, 1.01), Verdict::Same);
        assert_eq!(verdict(0.9, 1.3), Verdict::Inconclusive);
        // Another run may say the opposite.
        assert_eq!(verdict(1.001, 1.04), Verdict::Inconclusive);
    }

    #[test]
    fn a_change_is_noise_where_it_may_be_none() {
        let change = |now| Change::between(7, &estimate(100.0, 1.0), &now).unwrap();
        let slower = change(estimate(110.0, 1.0));
        assert!((slower.relative.point - 0.1).abs() < 1e-12);
        assert!(!slower.noise);
        assert!(change(estimate(101.0, 1.0)).noise);
        assert!(change(estimate(300.0, 250.0)).noise);
        let faster = change(estimate(90.0, 1.0));
        assert!(faster.relative.upper < 0.0 && !faster.noise);
    }
}
