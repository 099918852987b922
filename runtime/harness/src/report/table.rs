//! The table that ends a run of `cargo bench`.

use comfy_table::CellAlignment;

use super::arrange::split_id;
use super::comparison::{
    Change, CountPair, CountVerdict, InstructionPair, Ratio, SiteChange, Verdict, Versus,
    VersusVerdict,
};
use super::console::{Console, Tone};
use super::document::Report;
use super::layout::{self, Cell, Row};
use super::libtest;
use super::measurement::{Allocations, Budget, Estimate, Instructions, Measurement, SingleCalls};
use super::units;
use hotbench_guard::text;

/// A column after the cases' names.
struct Column {
    layout: layout::Column<'static>,
    /// A column of which no case has a cell is left out.
    cell: fn(&Measurement) -> Option<Cell>,
}

const COLUMNS: [Column; 19] = [
    figures("time", time),
    figures("95 % interval", interval),
    figures("median call", median_call),
    figures("fastest … slowest", range_of_calls),
    figures("calls", single_calls),
    figures("allocs", allocs),
    figures("bytes", bytes),
    figures("budget", budget),
    figures("instructions", instructions),
    figures("est. cycles", estimated_cycles),
    figures("L1, LL misses", misses),
    figures("thread mean", thread_mean),
    words("throughput", throughput),
    figures("of program", program_share),
    figures("since last", since_last),
    words("vs baseline", vs_baseline),
    figures("old → new", old_and_new),
    figures("change", vs_revision),
    words("verdict", revision_verdict),
];

const fn figures(title: &'static str, cell: fn(&Measurement) -> Option<Cell>) -> Column {
    column(title, CellAlignment::Right, cell)
}

const fn words(title: &'static str, cell: fn(&Measurement) -> Option<Cell>) -> Column {
    column(title, CellAlignment::Left, cell)
}

const fn column(
    title: &'static str,
    alignment: CellAlignment,
    cell: fn(&Measurement) -> Option<Cell>,
) -> Column {
    Column {
        layout: layout::Column { title, alignment },
        cell,
    }
}

/// So many calls are shown one by one.
const SHOWN_CALLS: usize = 10;
/// In the place of an interval.
const ELIDED: &str = "optimised away?";
/// In the place of a ratio, where one of the two may have been optimised away.
const UNCOMPARED: &str = "not compared";
/// Where the allocator reports nothing.
const ABSENT: &str = "–";

/// Prints the table, and what failed above it.
pub(crate) fn print(console: &mut Console, report: &Report) {
    libtest::print_failures(console, report.failures());
    if report.cases.is_empty() {
        // An interrupted run had cases to run.
        if report.runs.iter().any(|run| run.partial) {
            return;
        }
        let filtered_out: usize = report.runs.iter().map(|run| run.filtered_out).sum();
        console.line(format_args!("no case to run, {filtered_out} filtered out"));
        return;
    }
    let table = render(&report.cases, console.width(), |tone, text| {
        console.paint(tone, text)
    });
    console.print(&format!("\n{table}"));
}

/// The table as text.
fn render(
    cases: &[Measurement],
    width: Option<usize>,
    paint: impl Fn(Tone, &str) -> String,
) -> String {
    let (columns, rows) = figures_of(cases);
    layout::lay_out("case", &columns, &rows, width, paint)
}

/// The columns that have something, and a row for each case.
pub(super) fn figures_of(cases: &[Measurement]) -> (Vec<layout::Column<'static>>, Vec<Row>) {
    let has_cell = |column: &Column| cases.iter().any(|case| (column.cell)(case).is_some());
    let columns: Vec<Column> = COLUMNS.into_iter().filter(has_cell).collect();
    let row = |case: &Measurement| {
        let (heading, name) = split_id(&case.id);
        let cells = if case.failure.is_some() {
            let failed = toned("FAILED".to_owned(), Tone::Bad);
            let mut cells = vec![None; columns.len()];
            cells[0] = failed;
            cells
        } else {
            columns.iter().map(|column| (column.cell)(case)).collect()
        };
        Row {
            heading: heading.to_owned(),
            name: name.to_owned(),
            cells,
            below: case
                .vs_revision
                .iter()
                .flat_map(explanation)
                .chain(case.single_calls.as_ref().and_then(each_call))
                .collect(),
        }
    };
    let rows = cases.iter().map(row).collect();
    let columns = columns.into_iter().map(|column| column.layout).collect();
    (columns, rows)
}

fn cell(text: String) -> Option<Cell> {
    Some(Cell { text, tone: None })
}

fn toned(text: String, tone: Tone) -> Option<Cell> {
    let tone = Some(tone);
    Some(Cell { text, tone })
}

fn time(case: &Measurement) -> Option<Cell> {
    cell(units::time(case.timing.as_ref()?.time_ns.point))
}

fn interval(case: &Measurement) -> Option<Cell> {
    let timing = case.timing.as_ref()?;
    if timing.optimised_away.is_some() {
        return toned(ELIDED.to_owned(), Tone::Aside);
    }
    let Estimate {
        point,
        lower,
        upper,
    } = timing.time_ns;
    cell(units::interval(lower, point, upper))
}

fn median_call(case: &Measurement) -> Option<Cell> {
    cell(units::time(case.single_calls.as_ref()?.median_ns))
}

fn range_of_calls(case: &Measurement) -> Option<Cell> {
    let calls = case.single_calls.as_ref()?;
    cell(units::interval(calls.min_ns, calls.median_ns, calls.max_ns))
}

fn single_calls(case: &Measurement) -> Option<Cell> {
    let calls = case.single_calls.as_ref()?;
    cell(text::thousands(calls.each_ns.len() as u64))
}

/// The time of each of a few calls.
fn each_call(calls: &SingleCalls) -> Option<Cell> {
    let each = calls.each_ns.iter().map(|ns| units::time(*ns));
    let each: Vec<String> = each.collect();
    (1..=SHOWN_CALLS)
        .contains(&each.len())
        .then(|| format!("each call: {}", each.join(", ")))
        .and_then(cell)
}

fn allocs(case: &Measurement) -> Option<Cell> {
    let shown = |counted: &Allocations| match counted.varies {
        None => units::amount(counted.allocs),
        Some(varies) => range(varies.allocs.map(units::amount)),
    };
    let counted = case.allocations.as_ref();
    cell(counted.map_or_else(|| ABSENT.to_owned(), shown))
}

fn bytes(case: &Measurement) -> Option<Cell> {
    let shown = |counted: &Allocations| match counted.varies {
        None => units::bytes(counted.bytes),
        Some(varies) => range(varies.bytes.map(units::bytes)),
    };
    let counted = case.allocations.as_ref();
    cell(counted.map_or_else(|| ABSENT.to_owned(), shown))
}

/// Shows the fewest and the most of calls that differ.
fn range([least, most]: [String; 2]) -> String {
    if least == most {
        return least;
    }
    format!("{least} to {most}")
}

/// What one call may allocate.
pub(super) fn budget(case: &Measurement) -> Option<Cell> {
    let Budget {
        max_allocs,
        max_bytes,
    } = case.budget?;
    let allocs = max_allocs.map(|n| format!("≤ {}", units::amount(n as f64)));
    let bytes = max_bytes.map(|n| format!("≤ {}", units::bytes(n as f64)));
    let limits: Vec<String> = allocs.into_iter().chain(bytes).collect();
    cell(limits.join(", "))
}

/// About so many, where calls differ.
pub(super) fn instructions(case: &Measurement) -> Option<Cell> {
    let Instructions {
        per_call, exact, ..
    } = case.instructions?;
    let about = if exact { "" } else { "≈ " };
    cell(format!("{about}{}", units::amount(per_call)))
}

pub(super) fn estimated_cycles(case: &Measurement) -> Option<Cell> {
    cell(units::amount(case.instructions?.caches?.estimated_cycles))
}

pub(super) fn misses(case: &Measurement) -> Option<Cell> {
    let caches = case.instructions?.caches?;
    let [l1, ll] = [caches.l1_misses, caches.ll_misses].map(units::amount);
    cell(format!("{l1}, {ll}"))
}

/// The mean of what each thread takes; the time is from the first one's start to the last one's end.
fn thread_mean(case: &Measurement) -> Option<Cell> {
    let threads = case.timing.as_ref()?.threads?;
    cell(units::time(threads.mean_ns))
}

/// Bytes and elements a second.
pub(super) fn throughput(case: &Measurement) -> Option<Cell> {
    let throughput = case.throughput?;
    let bytes = throughput.bytes_per_second.map(units::byte_rate);
    let elements = throughput.elements_per_second.map(units::element_rate);
    let rates: Vec<String> = bytes.into_iter().chain(elements).collect();
    (!rates.is_empty()).then(|| rates.join(", ")).and_then(cell)
}

pub(super) fn program_share(case: &Measurement) -> Option<Cell> {
    cell(format!("{:.1} %", case.program_share? * 100.0))
}

pub(super) fn since_last(case: &Measurement) -> Option<Cell> {
    cell(change(&case.since_last?))
}

fn change(change: &Change) -> String {
    if change.noise {
        return "noise".to_owned();
    }
    let Estimate {
        point,
        lower,
        upper,
    } = change.relative;
    let half_width = (upper - lower) / 2.0 * 100.0;
    format!("{:+.1} % ± {half_width:.1}", point * 100.0)
}

/// Faster, slower, the same, or none of these for certain.
pub(super) fn vs_baseline(case: &Measurement) -> Option<Cell> {
    if case.baseline && case.timing.is_some() {
        return cell("baseline".to_owned());
    }
    let compared = case.vs_baseline.as_ref()?;
    let Some(ratio) = &compared.speedup else {
        return cell(UNCOMPARED.to_owned());
    };
    let text = verdict(compared.verdict, ratio);
    match compared.verdict {
        Verdict::Faster => toned(text, Tone::Good),
        Verdict::Slower => toned(text, Tone::Bad),
        Verdict::Same | Verdict::Inconclusive | Verdict::NotCompared => cell(text),
    }
}

/// A call's time in the older version, and in this one.
fn old_and_new(case: &Measurement) -> Option<Cell> {
    cell(case.vs_revision.as_ref()?.times_in_words())
}

fn vs_revision(case: &Measurement) -> Option<Cell> {
    cell(case.vs_revision.as_ref()?.change_in_words())
}

/// Of the places that allocate differently, those that have a place in the table.
const SITES: usize = 3;

/// What is not timed of a case in either version, and differs.
fn explanation(versus: &Versus) -> Vec<Cell> {
    let mut pieces: Vec<Cell> = Vec::new();
    let mut sites = sites(versus);
    let counted = [
        ("allocs", versus.allocs, units::amount as fn(f64) -> String),
        ("bytes", versus.bytes, units::bytes),
    ];
    for (what, pair, show) in counted {
        let varies = |pair: &CountPair| pair.verdict == CountVerdict::Varies;
        let Some(pair) = pair.filter(|pair| pair.old != pair.new || varies(pair)) else {
            continue;
        };
        let (tone, varies) = match pair.verdict {
            CountVerdict::More => (Some(Tone::Bad), ""),
            CountVerdict::Fewer => (Some(Tone::Good), ""),
            CountVerdict::Same => (None, ""),
            CountVerdict::Varies => (None, ", which varies from process to process"),
        };
        let mut of_pair = std::mem::take(&mut sites);
        let text = format!("{what} {} → {}{varies}", show(pair.old), show(pair.new));
        of_pair.insert(0, text);
        pieces.extend(of_pair.into_iter().map(|text| Cell { text, tone }));
    }
    pieces.extend(versus.instructions.map(|instructions| Cell {
        text: both_instructions(instructions),
        tone: None,
    }));
    pieces.extend(versus.means_in_words().and_then(cell));
    separated(pieces)
}

/// `(+1: src/parse.rs:88`, `+1: src/lex.rs:7)`, all in brackets together.
fn sites(versus: &Versus) -> Vec<String> {
    let all = versus.sites.len();
    let mut sites: Vec<String> = versus
        .sites
        .iter()
        .take(SITES)
        .map(SiteChange::brief)
        .collect();
    if all > SITES {
        sites.push(format!("and {} more", all - SITES));
    }
    let last = sites.len().saturating_sub(1);
    if let Some(first) = sites.first_mut() {
        first.insert(0, '(');
        sites[last].push(')');
    }
    sites
}

/// About so many, where calls differ.
fn both_instructions(instructions: InstructionPair) -> String {
    let InstructionPair { old, new, exact } = instructions;
    let about = if exact { "" } else { "≈ " };
    let change = units::relative(new / old - 1.0);
    let [old, new] = [old, new].map(units::amount);
    format!("instructions {about}{old} → {new} ({change})")
}

/// With commas, but for what is followed by what is in brackets.
fn separated(mut pieces: Vec<Cell>) -> Vec<Cell> {
    for index in 1..pieces.len() {
        if !pieces[index].text.starts_with('(') {
            pieces[index - 1].text.push(',');
        }
    }
    pieces
}

fn revision_verdict(case: &Measurement) -> Option<Cell> {
    let versus = case.vs_revision.as_ref()?;
    let words = versus.verdict_in_words();
    match versus.verdict {
        VersusVerdict::Slower => toned(words, Tone::Bad),
        VersusVerdict::Faster => toned(words, Tone::Good),
        VersusVerdict::Same | VersusVerdict::Inconclusive | VersusVerdict::NotConfirmed => {
            cell(words)
        }
    }
}

/// A ratio in words, with its interval.
pub(super) fn verdict(verdict: Verdict, ratio: &Ratio) -> String {
    let Ratio {
        point,
        lower,
        upper,
    } = *ratio;
    let shown = |word, point: f64, lower: f64, upper: f64| {
        format!("{point:.2}× {word} [{lower:.2}, {upper:.2}]")
    };
    match verdict {
        Verdict::Same => {
            let within = (1.0 - lower).max(upper - 1.0) * 100.0;
            format!("same within {within:.1} %")
        }
        Verdict::Faster => shown("faster", point, lower, upper),
        Verdict::Slower => shown("slower", 1.0 / point, 1.0 / upper, 1.0 / lower),
        Verdict::Inconclusive | Verdict::NotCompared => {
            format!("inconclusive [{lower:.2}, {upper:.2}]")
        }
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::{
        CountPair, InstructionPair, Ratio, Versus, VersusVerdict, change, render, verdict,
    };
    use crate::report::arrange::arrange;
    use crate::report::comparison::{Change, Pair, SiteKind};
    use crate::report::measurement::{
        Budget, Estimate, Failure, FailureKind, Measurement, Throughput,
    };
    use crate::report::samples::{site_change, timed, versus};

    #[test]
    fn a_ratio_is_a_verdict_with_its_uncertainty() {
        let shown = |point, lower, upper| {
            let ratio = Ratio {
                point,
                lower,
                upper,
            };
            verdict(ratio.verdict(), &ratio)
        };
        assert_eq!(shown(2.0, 1.9, 2.1), "2.00× faster [1.90, 2.10]");
        assert_eq!(shown(0.5, 0.4, 0.625), "2.00× slower [1.60, 2.50]");
        assert_eq!(shown(1.0, 0.985, 1.01), "same within 1.5 %");
        assert_eq!(shown(1.1, 0.9, 1.3), "inconclusive [0.90, 1.30]");
    }

    #[test]
    fn a_change_has_its_uncertainty_or_is_noise() {
        let estimate = |point: f64| Estimate {
            point,
            lower: point * 0.99,
            upper: point * 1.01,
        };
        let shown =
            |now| change(&Change::between(0, &estimate(100.0), &estimate(now)).expect("finite"));
        assert_eq!(shown(110.0), "+10.0 % ± 1.6");
        assert_eq!(shown(50.0), "-50.0 % ± 0.7");
        assert_eq!(shown(100.5), "noise");
    }

    #[test]
    fn what_explains_a_comparison_stands_below_it_the_largest_places_first() {
        let explained = |versus: Versus| {
            let case = Measurement {
                vs_revision: Some(versus),
                ..timed("app::parse/1k", 100.0)
            };
            let table = render(&[case], None, |_, text| text.to_owned());
            let below = table.lines().filter_map(|line| line.strip_prefix("    "));
            below.map(str::to_owned).collect::<Vec<_>>().join("\n")
        };
        let pair = |old, new| CountPair::of(&[Pair { old, new }], 0.0);
        let sites = [(7, 0.0, 1.0), (8, 2.0, 3.0), (9, 1.0, 0.0), (10, 0.0, 0.5)];
        let sites = sites.map(|(line, old, new)| {
            let kind = if new == 0.0 {
                SiteKind::Gone
            } else {
                SiteKind::New
            };
            site_change(kind, line, (old, new))
        });
        let same = || versus(VersusVerdict::Same);
        assert_eq!(explained(same()), "");
        let more = Versus {
            allocs: pair(3.0, 4.0),
            bytes: pair(512.0, 768.0),
            sites: sites[..1].to_vec(),
            instructions: Some(InstructionPair {
                old: 1_204.0,
                new: 1_310.0,
                exact: true,
            }),
            ..same()
        };
        assert_eq!(
            explained(more),
            "allocs 3 → 4 (+1: src/lib.rs:7), bytes 512 B → 768 B, instructions 1,204 → 1,310 (+8.8 %)"
        );
        let many = Versus {
            allocs: pair(3.0, 4.5),
            bytes: pair(48.0, 48.0),
            sites: sites.to_vec(),
            ..same()
        };
        assert_eq!(
            explained(many),
            "allocs 3 → 4.5 (+1: src/lib.rs:7, +1: src/lib.rs:8, -1: former src/lib.rs:9, and 1 more)"
        );
        // As often, but more at a time.
        let mut larger = site_change(SiteKind::More, 7, (1.0, 1.0));
        larger.bytes = Pair {
            old: 16.0,
            new: 32.0,
        };
        let larger = Versus {
            allocs: pair(1.0, 1.0),
            bytes: pair(16.0, 32.0),
            sites: vec![larger],
            ..same()
        };
        assert_eq!(explained(larger), "bytes 16 B → 32 B (+16 B: src/lib.rs:7)");
    }

    /// Cases that have something in every column.
    fn full() -> Vec<Measurement> {
        let mut cases: Vec<Measurement> = ["app::a/baseline", "app::b/other", "app::c/長い名前"]
            .into_iter()
            .map(|id| Measurement {
                group: Some("g".to_owned()),
                budget: Some(Budget {
                    max_allocs: Some(4),
                    max_bytes: Some(512),
                }),
                throughput: Some(Throughput {
                    bytes_per_call: Some(512),
                    elements_per_call: Some(4),
                    bytes_per_second: Some(1e9),
                    elements_per_second: Some(4e6),
                }),
                since_last: Change::between(
                    0,
                    &timed("", 90.0).timing.expect("timed").time_ns,
                    &timed("", 100.0).timing.expect("timed").time_ns,
                ),
                ..timed(id, 123_456.0)
            })
            .collect();
        cases[0].baseline = true;
        cases[2].failure = Some(Failure {
            kind: FailureKind::Panicked,
            message: "no".to_owned(),
            output: String::new(),
        });
        arrange(cases)
    }

    #[test]
    fn every_column_is_there_and_fits_eighty() {
        let table = render(&full(), Some(80), |_, text| text.to_owned());
        assert!(table.lines().all(|line| line.width() <= 80), "{table}");
        for text in [
            "123.5 µs",
            "122.2 … 124.7",
            "≤ 4, ≤ 512 B",
            "953.7 MiB/s, 4.000 M elements/s",
            "+11.1 % ± 1.6",
            "baseline",
            "same within 1.4 %",
            "FAILED",
        ] {
            assert!(table.contains(text), "{text}\n{table}");
        }
        // Said once, where the figures would be.
        assert_eq!(table.matches("FAILED").count(), 1, "{table}");
        let whole = render(&full(), None, |_, text| text.to_owned());
        assert_eq!(whole.lines().count(), 5, "{whole}");
    }
}
