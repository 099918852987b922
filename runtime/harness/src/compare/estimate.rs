//! What the launches of two versions say of the ratio of their times.

use distrs::StudentsT;

/// The part of the values that is left out at either end. Launches have long tails: of functions that allocate, half
/// of the trimmed mean's error is gone by 20 % instead of 10 %, and of others none is added.
const TRIMMED: f64 = 0.2;

/// The middle value, or the mean of the two in the middle; `values` are put in order.
///
/// # Panics
///
/// If there is none.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) {
        f64::midpoint(values[middle - 1], values[middle])
    } else {
        values[middle]
    }
}

/// The 20 % trimmed mean, and what its interval is made of: Yuen, "The two-sample trimmed t for unequal
/// population variances", Biometrika 61 (1974), for one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TrimmedMean {
    pub(crate) mean: f64,
    standard_error: f64,
    degrees_of_freedom: f64,
}

impl TrimmedMean {
    /// # Panics
    ///
    /// If there are fewer than two values.
    pub(crate) fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let cut = (TRIMMED * sorted.len() as f64) as usize;
        let kept = &sorted[cut..sorted.len() - cut];
        let (lowest, highest) = (kept[0], kept[kept.len() - 1]);
        let kept_count = kept.len() as f64;
        let mean = kept.iter().sum::<f64>() / kept_count;
        // Winsorised: what was cut counts as what is next to it.
        let winsorised = || sorted.iter().map(|value| value.clamp(lowest, highest));
        let centre = winsorised().sum::<f64>() / sorted.len() as f64;
        let squares: f64 = winsorised().map(|value| (value - centre).powi(2)).sum();
        Self {
            mean,
            standard_error: (squares / (kept_count * (kept_count - 1.0))).sqrt(),
            degrees_of_freedom: kept_count - 1.0,
        }
    }

    /// Half of the interval that misses the true value once in 1 / `alpha` times.
    pub(crate) fn half_width(&self, alpha: f64) -> f64 {
        StudentsT::ppf(1.0 - alpha / 2.0, self.degrees_of_freedom) * self.standard_error
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{TrimmedMean, median};

    /// What `testdata/estimates.py` prints.
    #[derive(Deserialize)]
    struct Reference {
        values: Vec<f64>,
        median: f64,
        trimmed_mean: f64,
        intervals: Vec<Interval>,
    }

    #[derive(Deserialize)]
    struct Interval {
        alpha: f64,
        lower: f64,
        upper: f64,
    }

    fn is_close(ours: f64, theirs: f64, scale: f64) -> bool {
        (ours - theirs).abs() <= scale * 1e-5
    }

    #[test]
    fn the_figures_are_scipys() {
        let references: Vec<Reference> =
            serde_json::from_str(include_str!("../../testdata/estimates.json")).expect("JSON");
        assert!(references.len() >= 10);
        for mut reference in references {
            let estimate = TrimmedMean::of(&reference.values);
            assert!(is_close(
                median(&mut reference.values),
                reference.median,
                1e-3
            ));
            assert!(is_close(estimate.mean, reference.trimmed_mean, 1e-3));
            for Interval {
                alpha,
                lower,
                upper,
            } in reference.intervals
            {
                let half_width = estimate.half_width(alpha);
                let scale = upper - lower;
                assert!(
                    is_close(estimate.mean - half_width, lower, scale),
                    "{alpha}"
                );
                assert!(
                    is_close(estimate.mean + half_width, upper, scale),
                    "{alpha}"
                );
            }
        }
    }

    #[test]
    fn one_value_in_five_at_either_end_may_be_anything() {
        let values = |lowest: f64, highest: f64| {
            let middle = (1..4).map(f64::from);
            [lowest, highest]
                .into_iter()
                .chain(middle)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            TrimmedMean::of(&values(0.0, 4.0)),
            TrimmedMean::of(&values(-1e9, 1e9))
        );
    }
}
