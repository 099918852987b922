//! The table: a row for each case, whose cells know by what they are sorted.

use crate::report::arrange;
use crate::report::comparison::Verdict;
use crate::report::console::Tone;
use crate::report::measurement::{Estimate, FailureKind, Measurement};
use crate::report::{layout, table, units};

/// A column after the cases' names.
pub(super) struct Column {
    pub(super) title: &'static str,
    /// A column of which no case has a cell is left out.
    pub(super) cell: fn(&Measurement) -> Option<Cell>,
}

/// What a cell says, the most important first, a line each.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    pub(super) lines: Vec<String>,
    /// In the order of these, and without any, last.
    pub(super) key: Option<f64>,
    pub(super) tone: Option<Tone>,
}

const COLUMNS: [Column; 12] = [
    column("time", time),
    column("allocs", allocs),
    column("bytes", bytes),
    column("budget", budget),
    column("instructions", instructions),
    column("est. cycles", estimated_cycles),
    column("L1, LL misses", misses),
    column("thread mean", thread_mean),
    column("throughput", throughput),
    column("of program", program_share),
    column("since last", since_last),
    column("vs baseline", vs_baseline),
];

const fn column(title: &'static str, cell: fn(&Measurement) -> Option<Cell>) -> Column {
    Column { title, cell }
}

/// Those in which something stands.
pub(super) fn columns(cases: &[Measurement]) -> Vec<Column> {
    let has_cell = |column: &Column| cases.iter().any(|case| (column.cell)(case).is_some());
    COLUMNS.into_iter().filter(has_cell).collect()
}

/// What went wrong, in a word or two.
pub(super) fn failure(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Panicked => "panicked",
        FailureKind::OverBudget => "over budget",
        FailureKind::Died => "died",
        FailureKind::TimedOut => "timed out",
        FailureKind::MoreThanBlessed => "more than blessed",
        FailureKind::NotMeasured => "not measured",
    }
}

fn cell<const N: usize>(lines: [String; N], key: Option<f64>) -> Option<Cell> {
    Some(Cell {
        lines: lines.into(),
        key,
        tone: None,
    })
}

/// As the table of the terminal has it, in lines.
fn as_in_the_terminal(cell: layout::Cell, key: Option<f64>, separator: &str) -> Option<Cell> {
    let lines = cell.text.split(separator).map(str::to_owned).collect();
    Some(Cell {
        lines,
        key,
        tone: cell.tone,
    })
}

/// And its interval, in the same unit.
fn time(case: &Measurement) -> Option<Cell> {
    let timing = case.timing.as_ref()?;
    let Estimate {
        point,
        lower,
        upper,
    } = timing.time_ns;
    let second = match timing.optimised_away {
        Some(_) => "optimised away?".to_owned(),
        None => units::interval(lower, point, upper),
    };
    let tone = timing.optimised_away.map(|_| Tone::Aside);
    let cell = cell([units::time(point), second], Some(point))?;
    Some(Cell { tone, ..cell })
}

fn allocs(case: &Measurement) -> Option<Cell> {
    let allocs = case.allocations?.allocs;
    cell([units::amount(allocs)], Some(allocs))
}

fn bytes(case: &Measurement) -> Option<Cell> {
    let bytes = case.allocations?.bytes;
    cell([units::bytes(bytes)], Some(bytes))
}

fn budget(case: &Measurement) -> Option<Cell> {
    let said = table::budget(case)?;
    let limits = case.budget?;
    let key = limits.max_bytes.or(limits.max_allocs);
    let cell = as_in_the_terminal(said, key.map(|limit| limit as f64), ", ")?;
    let is_over =
        |failure: &crate::report::measurement::Failure| failure.kind == FailureKind::OverBudget;
    let tone = case.failure.as_ref().is_some_and(is_over);
    Some(Cell {
        tone: tone.then_some(Tone::Bad),
        ..cell
    })
}

fn instructions(case: &Measurement) -> Option<Cell> {
    let key = case.instructions?.per_call;
    as_in_the_terminal(table::instructions(case)?, Some(key), ", ")
}

fn estimated_cycles(case: &Measurement) -> Option<Cell> {
    let key = case.instructions?.caches?.estimated_cycles;
    as_in_the_terminal(table::estimated_cycles(case)?, Some(key), ", ")
}

fn misses(case: &Measurement) -> Option<Cell> {
    let key = case.instructions?.caches?.l1_misses;
    as_in_the_terminal(table::misses(case)?, Some(key), ", ")
}

fn program_share(case: &Measurement) -> Option<Cell> {
    as_in_the_terminal(table::program_share(case)?, case.program_share, ", ")
}

fn thread_mean(case: &Measurement) -> Option<Cell> {
    let mean_ns = case.timing.as_ref()?.threads?.mean_ns;
    cell([units::time(mean_ns)], Some(mean_ns))
}

/// By bytes where it has these, else by elements: what is of a kind stands together.
fn throughput(case: &Measurement) -> Option<Cell> {
    let rates = case.throughput?;
    let key = rates.bytes_per_second.or(rates.elements_per_second);
    as_in_the_terminal(table::throughput(case)?, key, ", ")
}

fn since_last(case: &Measurement) -> Option<Cell> {
    let change = case.since_last?;
    let said = table::since_last(case)?;
    as_in_the_terminal(said, Some(change.relative.point), " ± ").map(|mut cell| {
        if let Some(half_width) = cell.lines.get_mut(1) {
            half_width.insert_str(0, "± ");
        }
        cell
    })
}

/// The ratio, and its interval. The slowest first, where it goes up.
fn vs_baseline(case: &Measurement) -> Option<Cell> {
    let said = table::vs_baseline(case)?;
    let compared = case.vs_baseline.as_ref();
    let ratio = compared.and_then(|compared| compared.speedup);
    let is_baseline = case.baseline && arrange::time(case).is_some();
    let key = ratio
        .map(|ratio| ratio.point)
        .or(is_baseline.then_some(1.0));
    let mut cell = as_in_the_terminal(said, key, " [")?;
    if let Some(interval) = cell.lines.get_mut(1) {
        interval.insert(0, '[');
    }
    if compared.is_some_and(|compared| compared.verdict == Verdict::Inconclusive) {
        cell.tone = Some(Tone::Aside);
    }
    Some(cell)
}

#[cfg(test)]
mod tests {
    use super::{columns, time, vs_baseline};
    use crate::report::arrange::arrange;
    use crate::report::console::Tone;
    use crate::report::measurement::{Budget, Elision, Measurement};
    use crate::report::samples::{case, timed};

    fn titles(cases: &[Measurement]) -> Vec<&'static str> {
        let columns = columns(cases).into_iter();
        columns.map(|column| column.title).collect()
    }

    #[test]
    fn a_column_without_a_cell_is_left_out() {
        assert_eq!(titles(&[case("a")]), [""; 0]);
        assert_eq!(titles(&[timed("a", 1.0)]), ["time", "allocs", "bytes"]);
        let mut budgeted = case("a");
        budgeted.budget = Some(Budget {
            max_allocs: None,
            max_bytes: Some(8),
        });
        assert_eq!(titles(&[budgeted]), ["budget"]);
    }

    #[test]
    fn times_are_sorted_by_nanoseconds_whatever_their_unit() {
        let key = |ns| time(&timed("a", ns)).and_then(|cell| cell.key);
        assert!(key(999.0) < key(1_000.0) && key(1_000.0) < key(2e6));
        let shown = time(&timed("a", 123_456.0)).unwrap();
        assert_eq!(shown.lines, ["123.5 µs", "122.2 … 124.7"]);
    }

    #[test]
    fn what_may_be_nothing_says_so_in_the_place_of_its_interval() {
        let mut case = timed("a", 0.3);
        case.timing.as_mut().unwrap().optimised_away = Some(Elision::TimeDoesNotGrow);
        let shown = time(&case).unwrap();
        assert_eq!(shown.lines[1], "optimised away?");
        assert_eq!(shown.tone, Some(Tone::Aside));
    }

    #[test]
    fn a_ratio_has_its_interval_and_the_baseline_stands_between_slower_and_faster() {
        let group = |id: &str, ns| Measurement {
            group: Some("g".to_owned()),
            baseline: id == "a",
            ..timed(id, ns)
        };
        let cases = arrange(vec![group("a", 100.0), group("b", 50.0), group("c", 200.0)]);
        let cells: Vec<_> = cases
            .iter()
            .map(|case| vs_baseline(case).unwrap())
            .collect();
        assert_eq!(cells[0].lines, ["baseline"]);
        assert_eq!(cells[1].lines, ["2.00× faster", "[1.97, 2.03]"]);
        assert_eq!(cells[1].tone, Some(Tone::Good));
        assert_eq!(cells[2].lines, ["2.00× slower", "[1.97, 2.03]"]);
        assert_eq!(cells[2].tone, Some(Tone::Bad));
        let key = |index: usize| cells[index].key.unwrap();
        assert!(key(2) < key(0) && key(0) < key(1));
    }
}
