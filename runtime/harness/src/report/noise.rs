//! Whether the machine did much besides: one line for a whole report.

use super::document::Report;
use super::measurement::{Measurement, Timing};
use hotbench_guard::text;

/// Half of an interval, as a part of the time: beyond, differences that matter drown in it.
const WIDE: f64 = 0.05;
/// Of the samples. Tukey's fence has 0.35 % of a normal distribution beyond it; times are skewed, and a tenth
/// is common on a quiet machine.
const MANY_OUTLIERS: f64 = 0.2;

/// What is to be said of the intervals and the slow outliers of the cases, if anything.
pub(crate) fn remark(report: &Report) -> Option<String> {
    let timed = || {
        let cases = report.cases.iter();
        cases.filter_map(|case| Some((case, case.timing.as_ref()?)))
    };
    let noisy: Vec<(&Measurement, &Timing)> =
        timed().filter(|(_, timing)| is_noisy(timing)).collect();
    let (worst, timing) = noisy.iter().copied().max_by(|(_, a), (_, b)| {
        let width = |timing: &Timing| timing.time_ns.relative_half_width();
        width(a).total_cmp(&width(b))
    })?;
    let all = text::count(timed().count() as u64, "case");
    Some(format!(
        "noise in {} of {all}: an interval wider than ± {:.0} %, or more than {:.0} % of the samples slow. \
         At worst ± {:.1} %, {} of {} samples slow: `{}`",
        noisy.len(),
        WIDE * 100.0,
        MANY_OUTLIERS * 100.0,
        timing.time_ns.relative_half_width() * 100.0,
        timing.slow_outliers,
        timing.samples,
        worst.id,
    ))
}

fn is_noisy(timing: &Timing) -> bool {
    let outliers = timing.slow_outliers as f64 / timing.samples as f64;
    timing.time_ns.relative_half_width() > WIDE || outliers > MANY_OUTLIERS
}

#[cfg(test)]
mod tests {
    use super::remark;
    use crate::report::measurement::{Estimate, Measurement};
    use crate::report::samples::{report, timed};

    fn with(id: &str, half_width: f64, slow_outliers: usize) -> Measurement {
        let mut case = timed(id, 100.0);
        if let Some(timing) = &mut case.timing {
            timing.time_ns = Estimate {
                point: 100.0,
                lower: 100.0 * (1.0 - half_width),
                upper: 100.0 * (1.0 + half_width),
            };
            timing.slow_outliers = slow_outliers;
        }
        case
    }

    #[test]
    fn noise_is_told_once_with_the_worst_case() {
        let quiet = || with("app::a", 0.01, 5);
        assert_eq!(remark(&report(vec![quiet()])), None);
        let noisy = report(vec![
            quiet(),
            with("app::b", 0.02, 15),
            with("app::c", 0.12, 3),
        ]);
        assert_eq!(
            remark(&noisy).as_deref(),
            Some(
                "noise in 2 of 3 cases: an interval wider than ± 5 %, or more than 20 % of the samples \
                 slow. At worst ± 12.0 %, 3 of 50 samples slow: `app::c`"
            )
        );
    }
}
