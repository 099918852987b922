//! One axis of a chart: linear, or logarithmic where the values span more than that shows.

use std::ops::Range;

/// A largest value that is so many times the least is shown on a logarithmic axis: on a linear one the
/// least would be a twentieth of it from the edge.
const SPAN: f64 = 20.0;
/// So many ticks have room beside each other.
const TICKS: usize = 6;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    is_log: bool,
    /// The ends, as logarithms where it is logarithmic.
    low: f64,
    high: f64,
    /// Values that are written beside it.
    pub(super) ticks: Vec<f64>,
}

impl Axis {
    /// For figures: on a linear axis, from zero, so that lengths compare.
    pub(super) fn of_figures(values: &[f64]) -> Self {
        let (least, most) = ends(values);
        if is_wide(least, most) {
            let (low, high) = (least.ln(), most.ln());
            let room = (high - low) * 0.06;
            return Self {
                is_log: true,
                low: low - room,
                high: high + room,
                ticks: log_ticks(least, most),
            };
        }
        let high = if most > 0.0 { most * 1.06 } else { 1.0 };
        Self {
            is_log: false,
            low: 0.0,
            high,
            ticks: round_ticks(high),
        }
    }

    /// For a parameter, which has ticks at its values.
    pub(super) fn of_parameter(values: &[f64]) -> Self {
        let (least, most) = ends(values);
        let is_log = is_wide(least, most);
        let mut axis = Self {
            is_log,
            low: 0.0,
            high: 1.0,
            ticks: Vec::new(),
        };
        let (low, high) = (axis.place(least), axis.place(most));
        let room = if high > low { (high - low) * 0.05 } else { 0.5 };
        (axis.low, axis.high) = (low - room, high + room);
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        axis.ticks = thinned(
            &values,
            |value| axis.place(value),
            (high - low) / TICKS as f64,
        );
        axis
    }

    /// How far along the axis a value stands: 0 at the one end, 1 at the other.
    pub(super) fn part(&self, value: f64) -> f64 {
        (self.place(value) - self.low) / (self.high - self.low)
    }

    /// The values at the ends.
    pub(super) fn range(&self) -> Range<f64> {
        if self.is_log {
            self.low.exp()..self.high.exp()
        } else {
            self.low..self.high
        }
    }

    fn place(&self, value: f64) -> f64 {
        if self.is_log { value.ln() } else { value }
    }
}

fn ends(values: &[f64]) -> (f64, f64) {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if least <= most {
        (least, most)
    } else {
        (0.0, 1.0)
    }
}

fn is_wide(least: f64, most: f64) -> bool {
    least > 0.0 && most / least > SPAN
}

/// The first and the last, and those between that are so far from each other.
fn thinned(values: &[f64], place: impl Fn(f64) -> f64, distance: f64) -> Vec<f64> {
    let Some((&last, others)) = values.split_last() else {
        return Vec::new();
    };
    let is_far = |from: f64, to: f64| place(to) - place(from) >= distance;
    let mut kept: Vec<f64> = Vec::new();
    for &value in others {
        let fits = match kept.last() {
            Some(&before) => is_far(before, value) && is_far(value, last),
            None => true,
        };
        if fits {
            kept.push(value);
        }
    }
    if kept.last() != Some(&last) {
        kept.push(last);
    }
    kept
}

/// Multiples of a round number, from 0.
fn round_ticks(high: f64) -> Vec<f64> {
    let rough = high / (TICKS - 1) as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|n| n * power);
    let step = step.into_iter().find(|step| *step >= rough).unwrap_or(high);
    let ticks = (0..).map(|n| f64::from(n) * step);
    ticks.take_while(|tick| *tick <= high).collect()
}

/// Powers of ten; where there are few, parts of these too.
fn log_ticks(least: f64, most: f64) -> Vec<f64> {
    let (low, high) = (least.log10().floor() as i32, most.log10().ceil() as i32);
    let within = |multiples: &[f64], every: usize| -> Vec<f64> {
        let powers = (low..=high).step_by(every).map(|power| 10_f64.powi(power));
        let ticks = powers.flat_map(|power| multiples.iter().map(move |n| n * power));
        let margin = (most / least).powf(0.06);
        ticks
            .filter(|tick| (least / margin..=most * margin).contains(tick))
            .collect()
    };
    let candidates = [&[1.0, 2.0, 5.0][..], &[1.0, 3.0], &[1.0]];
    let fitting = candidates.map(|multiples| within(multiples, 1)).into_iter();
    let mut fitting = fitting.filter(|ticks| ticks.len() <= TICKS + 1);
    fitting.next().unwrap_or_else(|| {
        let powers = (high - low) as usize + 1;
        within(&[1.0], powers.div_ceil(TICKS))
    })
}

#[cfg(test)]
mod tests {
    use super::Axis;

    fn values(axis: &Axis) -> Vec<f64> {
        let round = |value: f64| (value * 1e6).round() / 1e6;
        axis.ticks.iter().copied().map(round).collect()
    }

    #[test]
    fn what_spans_more_than_a_factor_of_twenty_is_logarithmic() {
        let is_log = |values: &[f64]| Axis::of_figures(values).is_log;
        assert!(!is_log(&[1.0, 20.0]));
        assert!(is_log(&[1.0, 21.0]));
        assert!(!is_log(&[0.0, 1e9]));
        assert!(!is_log(&[-1.0, 1e9]));
        assert!(!is_log(&[]));
        assert!(Axis::of_parameter(&[8.0, 1024.0]).is_log);
    }

    #[test]
    fn ticks_are_round_and_begin_at_zero() {
        let axis = Axis::of_figures(&[300.0, 1000.0]);
        assert_eq!(values(&axis), [0.0, 500.0, 1000.0]);
        assert_eq!(axis.low, 0.0);
        let axis = Axis::of_figures(&[0.019]);
        assert_eq!(values(&axis), [0.0, 0.005, 0.01, 0.015, 0.02]);
    }

    #[test]
    fn ticks_of_a_logarithmic_axis_are_few() {
        let axis = Axis::of_figures(&[10.0, 1e3]);
        assert_eq!(
            values(&axis),
            [10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0]
        );
        let axis = Axis::of_figures(&[1.0, 1e3]);
        assert_eq!(values(&axis), [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0]);
        let axis = Axis::of_figures(&[1.0, 1e12]);
        assert_eq!(values(&axis), [1.0, 1e3, 1e6, 1e9, 1e12]);
    }

    #[test]
    fn a_parameter_has_ticks_at_its_values_as_far_as_there_is_room() {
        let powers: Vec<f64> = (0..=20).map(|n| 2_f64.powi(n)).collect();
        let ticks = values(&Axis::of_parameter(&powers));
        assert!((4..=7).contains(&ticks.len()), "{ticks:?}");
        assert_eq!((ticks[0], ticks[ticks.len() - 1]), (1.0, 1_048_576.0));
        assert!(ticks.iter().all(|tick| powers.contains(tick)), "{ticks:?}");
        let axis = Axis::of_parameter(&[8.0, 8.0]);
        assert!(axis.low < 8.0 && 8.0 < axis.high);
        assert_eq!(values(&axis), [8.0]);
    }
}
