//! Figures as people read them.

use crate::text::thousands;

/// A time, with four significant digits: `1.234 µs`.
pub fn time(ns: f64) -> String {
    let (divisor, unit) = unit(ns);
    format!("{} {unit}", significant(ns / divisor))
}

/// A time to wait, roughly: `40 s`, `6 min`, `2.5 h`.
pub fn duration(duration: std::time::Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        s if s < 99.5 => format!("{s:.0} s"),
        s if s < 99.5 * 60.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

/// An interval around a time, in the unit of that time: `1.230 … 1.240`.
pub fn interval(lower_ns: f64, point_ns: f64, upper_ns: f64) -> String {
    let (divisor, _) = unit(point_ns);
    let [lower, upper] = [lower_ns, upper_ns].map(|ns| significant(ns / divisor));
    format!("{lower} … {upper}")
}

/// The unit for a time, and its nanoseconds.
fn unit(ns: f64) -> (f64, &'static str) {
    match ns {
        ns if ns < 1e3 => (1.0, "ns"),
        ns if ns < 1e6 => (1e3, "µs"),
        ns if ns < 1e9 => (1e6, "ms"),
        _ => (1e9, "s"),
    }
}

/// Four significant digits, at most three of them after the point.
fn significant(value: f64) -> String {
    match value.abs() {
        v if v < 9.9995 => format!("{value:.3}"),
        v if v < 99.995 => format!("{value:.2}"),
        v if v < 999.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// A number of bytes, in binary units from 10 KiB up, exact below.
pub fn bytes(bytes: f64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 10.0 * 1024.0 {
        return format!("{} B", amount(bytes));
    }
    let mut value = bytes / 1024.0;
    let mut unit = UNITS[0];
    for next in &UNITS[1..] {
        if value < 1024.0 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    format!("{value:.1} {unit}")
}

/// Bytes a second, in binary units: `1.234 GiB/s`.
pub fn byte_rate(a_second: f64) -> String {
    let (value, unit) = scaled(a_second, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB"]);
    format!("{} {unit}/s", significant(value))
}

/// Elements a second: `12.34 M elements/s`.
pub fn element_rate(a_second: f64) -> String {
    let (value, unit) = scaled(a_second, 1000.0, &["", "K ", "M ", "G ", "T "]);
    format!("{} {unit}elements/s", significant(value))
}

/// The value in the largest unit that it fills.
fn scaled<'a>(value: f64, base: f64, units: &[&'a str]) -> (f64, &'a str) {
    let fills = |power: &usize| value >= base.powi(*power as i32);
    let power = (1..units.len()).rev().find(fills).unwrap_or(0);
    (value / base.powi(power as i32), units[power])
}

/// A count per call, whole where it is, its thousands set apart: `12,000`, `0.3`.
pub fn amount(count: f64) -> String {
    let tenths = (count * 10.0).round() as u64;
    match (tenths / 10, tenths % 10) {
        (whole, 0) => thousands(whole),
        (whole, tenth) => format!("{}.{tenth}", thousands(whole)),
    }
}

/// A part of something, more or less.
pub fn relative(part: f64) -> String {
    format!("{:+.1} %", part * 100.0)
}

#[cfg(test)]
mod tests {
    use super::{amount, byte_rate, bytes, element_rate, interval, time};

    #[test]
    fn times_have_four_digits_and_the_largest_unit_that_fits() {
        let shown = [0.4567, 9.9996, 12.345, 999.96, 1_235.2, 56_789_000.0, 3e9].map(time);
        assert_eq!(
            shown,
            [
                "0.457 ns",
                "10.00 ns",
                "12.35 ns",
                "1000 ns",
                "1.235 µs",
                "56.79 ms",
                "3.000 s"
            ]
        );
    }

    #[test]
    fn an_interval_is_in_the_unit_of_its_point() {
        assert_eq!(interval(990.0, 1_010.0, 1_030.0), "0.990 … 1.030");
    }

    #[test]
    fn counts_are_whole_where_they_can_be() {
        assert_eq!(
            [0.0, 0.3, 12_000.0, 1_234_567.8].map(amount),
            ["0", "0.3", "12,000", "1,234,567.8"]
        );
    }

    #[test]
    fn rates_have_the_largest_unit_that_they_fill() {
        let shown = [0.0, 1023.0, 1024.0, 5.5e9].map(byte_rate);
        assert_eq!(
            shown,
            ["0.000 B/s", "1023 B/s", "1.000 KiB/s", "5.122 GiB/s"]
        );
        let shown = [999.0, 12_340_000.0, 2e15].map(element_rate);
        assert_eq!(
            shown,
            [
                "999.0 elements/s",
                "12.34 M elements/s",
                "2000 T elements/s"
            ]
        );
    }

    #[test]
    fn bytes_are_exact_up_to_ten_kib() {
        let shown = [0.0, 10_239.0, 10_240.0, 3_500_000.0, 5e9].map(bytes);
        assert_eq!(shown, ["0 B", "10,239 B", "10.0 KiB", "3.3 MiB", "4.7 GiB"]);
    }
}
