//! Figures as people read them.

pub(crate) use hotbench_guard::units::{
    amount, byte_rate, bytes, duration, element_rate, interval, relative, time,
};

use super::measurement::Estimate;

/// A relative change with its interval, in per cent: with one digit after the point, or with as many as it takes for
/// its ends to be on the right side of each limit.
pub(crate) fn change(change: &Estimate, limits: impl IntoIterator<Item = f64>) -> String {
    const MOST: usize = 6;
    let Estimate {
        point,
        lower,
        upper,
    } = *change;
    let limits: Vec<f64> = limits.into_iter().collect();
    let shown = |part: f64, digits: usize| format!("{:+.digits$}", part * 100.0);
    let is_right = |part: f64, limit: f64, digits: usize| {
        let read: f64 = shown(part, digits).parse().unwrap_or(part);
        read.partial_cmp(&(limit * 100.0)) == part.partial_cmp(&limit)
    };
    let suffices = |digits: &usize| {
        let ends = [lower, upper].into_iter();
        ends.clone()
            .all(|end| limits.iter().all(|&limit| is_right(end, limit, *digits)))
    };
    let digits = (1..MOST).find(suffices).unwrap_or(MOST);
    let [point, lower, upper] = [point, lower, upper].map(|part| shown(part, digits));
    format!("{point} % [{lower}, {upper}]")
}
