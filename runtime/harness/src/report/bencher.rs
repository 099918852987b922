//! The line of libtest's `cargo bench` for each case, which trackers of benchmarks parse:
//! `test ID ... bench:       1,234.56 ns/iter (+/- 7.89)`.
//!
//! Libtest may go on with ` = 123 MB/s`. Not here: most who parse the line want it to end at the `)`.

use super::console::Console;
use super::document::Report;
use super::measurement::{Estimate, Measurement};
use hotbench_guard::text::thousands;

/// Prints a line for each case that was timed; of what failed, standard error tells.
pub(crate) fn print(console: &mut Console, report: &Report) {
    for case in &report.cases {
        if let Some(line) = line(case) {
            console.line(line);
        }
        if let Some(failure) = &case.failure {
            console.note(&format!("{} failed: {}", case.id, failure.message));
        }
    }
}

fn line(case: &Measurement) -> Option<String> {
    let Estimate {
        point,
        lower,
        upper,
    } = case.timing.as_ref()?.time_ns;
    // A name ends at a space, for those who parse it.
    let name = case.id.replace(char::is_whitespace, "_");
    let time = hundredths(point);
    let half_width = hundredths((upper - lower) / 2.0);
    Some(format!(
        "test {name} ... bench: {time:>14} ns/iter (+/- {half_width})"
    ))
}

/// As libtest has it: two digits after the point, thousands set apart.
fn hundredths(ns: f64) -> String {
    let hundredths = (ns * 100.0).round() as u64;
    format!("{}.{:02}", thousands(hundredths / 100), hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::hundredths;

    #[test]
    fn times_are_as_libtest_writes_them() {
        let shown = [0.0, 0.314, 12.345, 1_234_567.899].map(hundredths);
        assert_eq!(shown, ["0.00", "0.31", "12.35", "1,234,567.90"]);
    }
}
