//! The table that ends a timed run.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

use super::console::Console;
use super::libtest;
use super::measurement::{Estimate, Measurement, Rates, Ratio, Throughput, Verdict};
use super::rows::{Row, arrange};
use super::units;

const CASE: &str = "case";
const FIGURES: [&str; 4] = ["time", "95 % interval", "allocs", "bytes"];
/// In the place of an interval.
const ELIDED: &str = "optimised away?";
const THREADS: &str = "thread mean";
const THROUGHPUT: &str = "throughput";
const RATIO: &str = "vs baseline";

/// Prints the table, and what failed above it.
pub(crate) fn print(console: &mut Console, measurements: &[Measurement], filtered_out: usize) {
    let failures: Vec<Measurement> = measurements
        .iter()
        .filter(|case| case.failure.is_some())
        .cloned()
        .collect();
    libtest::print_failures(console, &failures);
    if measurements.is_empty() {
        console.line(format_args!("no case to run, {filtered_out} filtered out"));
        return;
    }
    console.line("");
    console.line(render(measurements));
}

/// The table as text.
fn render(measurements: &[Measurement]) -> String {
    let with_ratios = measurements.iter().any(|case| case.is_baseline);
    let with_threads = measurements.iter().any(|case| thread_mean(case).is_some());
    let with_throughput = measurements
        .iter()
        .any(|case| case.throughput != Throughput::default());
    let mut header = vec![CASE];
    header.extend(FIGURES);
    header.extend(with_threads.then_some(THREADS));
    header.extend(with_throughput.then_some(THROUGHPUT));
    header.extend(with_ratios.then_some(RATIO));
    let mut table = Table::new();
    table.load_preset(NOTHING);
    table.set_header(header);
    let mut path = "";
    for row in arrange(measurements) {
        let case = row.case;
        let (parent, name) = split_id(&case.id);
        if parent != path {
            table.add_row([parent]);
            path = parent;
        }
        let mut cells = vec![format!("  {name}")];
        cells.extend(figures(case));
        if with_threads {
            cells.push(thread_mean(case).unwrap_or_default());
        }
        if with_throughput {
            cells.push(throughput(case));
        }
        if with_ratios {
            cells.push(ratio(&row));
        }
        table.add_row(cells);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
        let figures = FIGURES.len() + usize::from(with_threads);
        if (1..=figures).contains(&column.index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines = table.lines().map(|line| line.trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// The path of the case's module, and the rest; the case's own name may have a `::` in it.
fn split_id(id: &str) -> (&str, &str) {
    let path = id.split('/').next().unwrap_or(id);
    let parent = path.rfind("::").unwrap_or(0);
    (&id[..parent], id[parent..].trim_start_matches("::"))
}

/// Time, interval, allocations and bytes.
fn figures(case: &Measurement) -> [String; 4] {
    if case.failure.is_some() {
        return [
            "FAILED".to_owned(),
            String::new(),
            String::new(),
            String::new(),
        ];
    }
    let absent = || "–".to_owned();
    let (time, interval) = match &case.timing {
        Some(timing) => {
            let Estimate {
                point_ns,
                lower_ns,
                upper_ns,
            } = timing.time;
            let interval = match timing.elision {
                Some(_) => ELIDED.to_owned(),
                None => units::interval(lower_ns, point_ns, upper_ns),
            };
            (units::time(point_ns), interval)
        }
        None => (absent(), absent()),
    };
    let (allocs, bytes) = match &case.allocations {
        Some(allocations) => {
            let per_call = |n: u64| n as f64 / f64::from(allocations.calls);
            (
                units::amount(per_call(allocations.total.allocs)),
                units::bytes(per_call(allocations.total.bytes)),
            )
        }
        None => (absent(), absent()),
    };
    [time, interval, allocs, bytes]
}

/// The mean of the threads, of which the time is the slowest's.
fn thread_mean(case: &Measurement) -> Option<String> {
    let threads = case.timing.as_ref()?.threads?;
    Some(units::time(threads.mean_ns))
}

/// Bytes and elements a second.
fn throughput(case: &Measurement) -> String {
    let Some(timing) = case.timing.as_ref().filter(|_| case.failure.is_none()) else {
        return String::new();
    };
    let Rates { bytes, elements } = timing.rates(case.throughput);
    let bytes = bytes.map(units::byte_rate);
    let elements = elements.map(units::element_rate);
    let rates: Vec<String> = bytes.into_iter().chain(elements).collect();
    rates.join(", ")
}

/// Faster, slower, the same, or none of these for certain.
fn ratio(row: &Row<'_>) -> String {
    match row.ratio() {
        _ if row.case.is_baseline => "baseline".to_owned(),
        Some(ratio) => verdict(&ratio),
        None => String::new(),
    }
}

fn verdict(ratio: &Ratio) -> String {
    let Ratio {
        point,
        lower,
        upper,
    } = *ratio;
    let shown = |word, point, lower, upper: f64| {
        // As many digits as tell the lower end from 1.
        let digits = if lower < 1.005 { 3 } else { 2 };
        let [point, lower, upper] =
            [point, lower, upper].map(|value: f64| format!("{value:.digits$}"));
        format!("{point}× {word} [{lower}, {upper}]")
    };
    match ratio.verdict() {
        Verdict::Same => {
            let within = (1.0 - lower).max(upper - 1.0) * 100.0;
            format!("same within {within:.1} %")
        }
        Verdict::Faster => shown("faster", point, lower, upper),
        Verdict::Slower => shown("slower", 1.0 / point, 1.0 / upper, 1.0 / lower),
        Verdict::Inconclusive => format!("inconclusive [{lower:.2}, {upper:.2}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Ratio, split_id, verdict};

    #[test]
    fn an_id_is_split_where_its_module_ends() {
        assert_eq!(split_id("app::parse::line/get"), ("app::parse", "line/get"));
        assert_eq!(split_id("app::line/Vec::push"), ("app", "line/Vec::push"));
        assert_eq!(split_id("line"), ("", "line"));
    }

    #[test]
    fn a_ratio_is_a_verdict_with_its_uncertainty() {
        let shown = |point, lower, upper| {
            verdict(&Ratio {
                point,
                lower,
                upper,
            })
        };
        assert_eq!(shown(2.0, 1.9, 2.1), "2.00× faster [1.90, 2.10]");
        assert_eq!(shown(0.5, 0.4, 0.625), "2.00× slower [1.60, 2.50]");
        assert_eq!(shown(1.0, 0.985, 1.01), "same within 1.5 %");
        assert_eq!(shown(1.1, 0.9, 1.3), "inconclusive [0.90, 1.30]");
        // Not "faster [1.00, …]".
        assert_eq!(shown(1.02, 1.001, 1.04), "1.020× faster [1.001, 1.040]");
    }
}
