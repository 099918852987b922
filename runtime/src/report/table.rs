//! The table that ends a run of `cargo bench`.

use std::iter;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

use super::console::Console;
use super::libtest;
use super::measurement::{Estimate, Measurement, Rates, Ratio, Summary, Verdict};
use super::rows::{Row, arrange, split_id};
use super::units;
use crate::guard::AllocStats;

/// A column after the cases' names.
struct Column {
    title: &'static str,
    alignment: CellAlignment,
    /// A column of which no case has a cell is left out.
    cell: fn(&Row<'_>) -> Option<String>,
}

const COLUMNS: [Column; 7] = [
    figures("time", time),
    figures("95 % interval", interval),
    figures("allocs", allocs),
    figures("bytes", bytes),
    figures("thread mean", thread_mean),
    words("throughput", throughput),
    words("vs baseline", ratio),
];

const fn figures(title: &'static str, cell: fn(&Row<'_>) -> Option<String>) -> Column {
    Column {
        title,
        alignment: CellAlignment::Right,
        cell,
    }
}

const fn words(title: &'static str, cell: fn(&Row<'_>) -> Option<String>) -> Column {
    Column {
        title,
        alignment: CellAlignment::Left,
        cell,
    }
}

/// In the place of an interval.
const ELIDED: &str = "optimised away?";
/// In the place of a ratio, where one of the two may have been optimised away.
const UNCOMPARED: &str = "not compared";
/// Where the allocator reports nothing.
const ABSENT: &str = "–";

/// Prints the table, and what failed above it.
pub(crate) fn print(console: &mut Console, summary: &Summary) {
    let Summary {
        cases: measurements,
        filtered_out,
        ..
    } = summary;
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
    let rows = arrange(measurements);
    let has_cell = |column: &Column| rows.iter().any(|row| (column.cell)(row).is_some());
    let columns: Vec<Column> = COLUMNS.into_iter().filter(has_cell).collect();
    let mut table = Table::new();
    table.load_preset(NOTHING);
    table.set_header(iter::once("case").chain(columns.iter().map(|column| column.title)));
    let mut path = "";
    for row in &rows {
        let (parent, name) = split_id(&row.case.id);
        if parent != path {
            table.add_row([parent]);
            path = parent;
        }
        let mut cells = vec![format!("  {name}")];
        if row.case.failure.is_some() {
            cells.push("FAILED".to_owned());
            table.add_row(cells);
            continue;
        }
        let cell = |column: &Column| (column.cell)(row).unwrap_or_default();
        cells.extend(columns.iter().map(cell));
        table.add_row(cells);
    }
    let alignments = columns.iter().map(|column| column.alignment);
    let alignments = iter::once(CellAlignment::Left).chain(alignments);
    for (column, alignment) in table.column_iter_mut().zip(alignments) {
        column.set_padding((0, 2));
        column.set_cell_alignment(alignment);
    }
    let lines = table.lines().map(|line| line.trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

fn time(row: &Row<'_>) -> Option<String> {
    let timing = row.case.timing.as_ref()?;
    Some(units::time(timing.time.point_ns))
}

fn interval(row: &Row<'_>) -> Option<String> {
    let timing = row.case.timing.as_ref()?;
    if timing.elision.is_some() {
        return Some(ELIDED.to_owned());
    }
    let Estimate {
        point_ns,
        lower_ns,
        upper_ns,
    } = timing.time;
    Some(units::interval(lower_ns, point_ns, upper_ns))
}

fn allocs(row: &Row<'_>) -> Option<String> {
    Some(per_call(row, |total| total.allocs, units::amount))
}

fn bytes(row: &Row<'_>) -> Option<String> {
    Some(per_call(row, |total| total.bytes, units::bytes))
}

/// A figure of a call, if calls were counted.
fn per_call(row: &Row<'_>, of: fn(&AllocStats) -> u64, shown: fn(f64) -> String) -> String {
    match &row.case.allocations {
        Some(counted) => shown(counted.per_call(of)),
        None => ABSENT.to_owned(),
    }
}

/// The mean of what each thread takes; the time is from the first one's start to the last one's end.
fn thread_mean(row: &Row<'_>) -> Option<String> {
    let threads = row.case.timing.as_ref()?.threads?;
    Some(units::time(threads.mean_ns))
}

/// Bytes and elements a second.
fn throughput(row: &Row<'_>) -> Option<String> {
    let timing = row.case.timing.as_ref()?;
    let Rates { bytes, elements } = timing.rates(row.case.throughput);
    let bytes = bytes.map(units::byte_rate);
    let elements = elements.map(units::element_rate);
    let rates: Vec<String> = bytes.into_iter().chain(elements).collect();
    (!rates.is_empty()).then(|| rates.join(", "))
}

/// Faster, slower, the same, or none of these for certain.
fn ratio(row: &Row<'_>) -> Option<String> {
    row.case.timing.as_ref()?;
    if row.case.is_baseline {
        return Some("baseline".to_owned());
    }
    match row.ratio() {
        Some(ratio) => Some(verdict(&ratio)),
        None => row.is_compared().then(|| UNCOMPARED.to_owned()),
    }
}

fn verdict(ratio: &Ratio) -> String {
    let Ratio {
        point,
        lower,
        upper,
    } = *ratio;
    let shown = |word, point: f64, lower: f64, upper: f64| {
        format!("{point:.2}× {word} [{lower:.2}, {upper:.2}]")
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
    use super::{Ratio, verdict};

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
        // Another run may say the opposite.
        assert_eq!(shown(1.02, 1.001, 1.04), "inconclusive [1.00, 1.04]");
        assert_eq!(shown(1.05, 1.021, 1.08), "1.05× faster [1.02, 1.08]");
    }
}
