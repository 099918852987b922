//! What build settings are worth: each case in each of them, beside itself in the profile as it is.

use comfy_table::CellAlignment;
use serde::{Deserialize, Serialize};

use super::arrange::split_id;
use super::comparison::{Versus, VersusVerdict, limits};
use super::console::{Console, Tone};
use super::document::Report;
use super::layout::{self, Cell, Column, Row};
use super::libtest;
use super::measurement::{Estimate, Measurement};
use super::units;

/// The settings of a run, and what was built in them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Variants {
    /// Cargo's, by its name in `Cargo.toml`.
    pub(crate) profile: String,
    /// Up to which part of the time as it is a change is none.
    pub(crate) margin: f64,
    /// In all of them, functions and loops are.
    pub(crate) aligned: bool,
    /// What has trained PGO, if not the cases.
    pub(crate) train: Option<String>,
    /// The profile as it is.
    pub(crate) present: Built,
    pub(crate) built: Vec<BuiltVariant>,
}

/// A build from nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Built {
    pub(crate) build_s: f64,
    /// Of the file.
    pub(crate) executable_bytes: u64,
}

/// Settings, and what they are worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct BuiltVariant {
    pub(crate) name: String,
    pub(crate) settings: Vec<String>,
    #[serde(flatten)]
    pub(crate) build: Built,
    /// Of PGO.
    pub(crate) training: Option<Training>,
    /// Over all cases that were measured in it, if there is one.
    pub(crate) overall: Option<Overall>,
}

/// What comes before the build that counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Training {
    /// The instrumented build, unless a command has trained, which builds for itself.
    pub(crate) build_s: Option<f64>,
    /// It, being run, and the merging of its profiles.
    pub(crate) run_s: f64,
}

/// The geometric mean of the cases' ratios, less 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Overall {
    pub(crate) change: Estimate,
    pub(crate) verdict: VersusVerdict,
    pub(crate) cases: usize,
}

/// A case in a variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct InVariant {
    pub(crate) name: String,
    /// `old` is the profile as it is, `new` the variant.
    pub(crate) versus: Versus,
}

impl Variants {
    /// With what each is worth for all of `cases` together.
    pub(crate) fn over(mut self, cases: &[Measurement]) -> Self {
        for built in &mut self.built {
            let changes: Vec<Estimate> = cases
                .iter()
                .filter_map(|case| Some(versus(case, &built.name)?.change))
                .collect();
            built.overall = Overall::of(&changes, self.margin);
        }
        self
    }
}

impl BuiltVariant {
    /// With what comes before, if anything does.
    fn all_s(&self) -> f64 {
        let training = self
            .training
            .map(|training| training.build_s.unwrap_or_default() + training.run_s);
        self.build.build_s + training.unwrap_or_default()
    }
}

impl Overall {
    /// The interval is of the measurement alone: that of the mean of logarithms whose errors are independent, of which
    /// the squares add up. It says nothing of cases that there might be besides. Its level is at least that of the
    /// cases' intervals, for a sum of errors has thinner tails than each of them.
    fn of(changes: &[Estimate], margin: f64) -> Option<Self> {
        let number = changes.len() as f64;
        let points = changes.iter().map(|change| change.point.ln_1p());
        let half_widths = changes
            .iter()
            .map(|change| (change.upper.ln_1p() - change.lower.ln_1p()) / 2.0);
        let mean = points.sum::<f64>() / number;
        let half_width = half_widths.map(|half| half * half).sum::<f64>().sqrt() / number;
        let (lower, upper) = (mean - half_width, mean + half_width);
        let verdict = VersusVerdict::of([lower, upper], limits(margin));
        (!changes.is_empty()).then(|| Self {
            change: Estimate {
                point: mean.exp_m1(),
                lower: lower.exp_m1(),
                upper: upper.exp_m1(),
            },
            verdict,
            cases: changes.len(),
        })
    }
}

fn versus<'a>(case: &'a Measurement, variant: &str) -> Option<&'a Versus> {
    let found = case.variants.iter().find(|found| found.name == variant);
    found.map(|found| &found.versus)
}

/// Whether there is nothing else to be told.
pub(crate) fn are_all_of(report: &Report) -> bool {
    report.runs.iter().all(|run| run.variants.is_some())
}

/// Prints what has failed.
pub(crate) fn print_failures(console: &mut Console, report: &Report) {
    libtest::print_failures(console, report.failures());
}

/// Prints the table of each run that has variants.
pub(crate) fn print(console: &mut Console, report: &Report) {
    for (index, run) in report.runs.iter().enumerate() {
        let Some(variants) = &run.variants else {
            continue;
        };
        let cases = report.cases.iter().filter(|case| case.run == index);
        let cases: Vec<&Measurement> = cases.collect();
        let table = render(variants, &cases, console.width(), |tone, text| {
            console.paint(tone, text)
        });
        console.print(&format!("\n{table}\n{}", legend(variants)));
    }
}

/// A row for each case, and what is of all of them.
fn render(
    variants: &Variants,
    cases: &[&Measurement],
    width: Option<usize>,
    paint: impl Fn(Tone, &str) -> String,
) -> String {
    let titles = variants.built.iter().map(|built| built.name.as_str());
    let columns: Vec<Column<'_>> = std::iter::once("as it is")
        .chain(titles)
        .map(|title| Column {
            title,
            alignment: CellAlignment::Right,
        })
        .collect();
    let mut rows: Vec<Row> = cases.iter().map(|case| row(variants, case)).collect();
    let of_all = |heading: &str, name: &str, first: Option<Cell>, cell: Figure| {
        let others = variants.built.iter().map(cell);
        Row {
            heading: heading.to_owned(),
            name: name.to_owned(),
            cells: std::iter::once(first).chain(others).collect(),
            below: Vec::new(),
        }
    };
    let Built {
        build_s,
        executable_bytes,
    } = variants.present;
    rows.push(of_all("all of these", "geometric mean", None, overall));
    let time = plain(format!("{build_s:.1} s"));
    rows.push(of_all("build", "time, from nothing", time, build_time));
    let size = plain(units::bytes(executable_bytes as f64));
    rows.push(of_all("build", "executable", size, executable));
    layout::lay_out("change of time in %", &columns, &rows, width, paint)
}

/// A variant's in a row.
type Figure = fn(&BuiltVariant) -> Option<Cell>;

fn row(variants: &Variants, case: &Measurement) -> Row {
    let (heading, name) = split_id(&case.id);
    let first = if case.failure.is_some() {
        toned("FAILED".to_owned(), Tone::Bad)
    } else {
        let measured = case.variants.first();
        measured.and_then(|first| plain(units::time(first.versus.time_ns.old)))
    };
    let changes = variants.built.iter().map(|built| {
        let versus = versus(case, &built.name)?;
        change(&versus.change, versus.verdict)
    });
    Row {
        heading: heading.to_owned(),
        name: name.to_owned(),
        cells: std::iter::once(first).chain(changes).collect(),
        below: Vec::new(),
    }
}

fn overall(built: &BuiltVariant) -> Option<Cell> {
    let overall = built.overall?;
    change(&overall.change, overall.verdict)
}

fn build_time(built: &BuiltVariant) -> Option<Cell> {
    plain(format!("{:.1} s", built.all_s()))
}

fn executable(built: &BuiltVariant) -> Option<Cell> {
    plain(units::bytes(built.build.executable_bytes as f64))
}

/// Short, so that several stand side by side: the larger half of the interval is there for both.
fn change(change: &Estimate, verdict: VersusVerdict) -> Option<Cell> {
    let Estimate {
        point,
        lower,
        upper,
    } = *change;
    let half = (upper - point).max(point - lower) * 100.0;
    let text = format!("{:+.1} ±{half:.1} {}", point * 100.0, mark(verdict));
    match verdict {
        VersusVerdict::Slower => toned(text, Tone::Bad),
        VersusVerdict::Faster => toned(text, Tone::Good),
        VersusVerdict::Same | VersusVerdict::Inconclusive | VersusVerdict::NotConfirmed => {
            plain(text)
        }
    }
}

fn mark(verdict: VersusVerdict) -> char {
    match verdict {
        VersusVerdict::Slower => '↑',
        VersusVerdict::Faster => '↓',
        VersusVerdict::Same => '=',
        VersusVerdict::Inconclusive | VersusVerdict::NotConfirmed => '?',
    }
}

fn plain(text: String) -> Option<Cell> {
    Some(Cell { text, tone: None })
}

fn toned(text: String, tone: Tone) -> Option<Cell> {
    let tone = Some(tone);
    Some(Cell { text, tone })
}

/// What the marks and the last rows mean.
fn legend(variants: &Variants) -> String {
    // Of 0.07 a hundred are not quite 7.
    let margin = (variants.margin * 1e4).round() / 1e2;
    let mut text = format!(
        "all of the interval: ↓ faster, ↑ slower by more than {margin} %, = the same within that; ? none of these for certain\n\
         executable: the file of this bench target, with its harness, as Cargo leaves it\n"
    );
    for built in &variants.built {
        if let Some(Training { build_s, run_s }) = built.training {
            let trained =
                build_s.map(|build_s| format!("{build_s:.1} s for the build that is trained, "));
            text.push_str(&format!(
                "{}: {}{run_s:.1} s for the training, {:.1} s for the build\n",
                built.name,
                trained.unwrap_or_default(),
                built.build.build_s
            ));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::report::comparison::Pair;
    use crate::report::samples::timed;

    fn estimate(point: f64, half_width: f64) -> Estimate {
        let log = point.ln_1p();
        Estimate {
            point,
            lower: (log - half_width).exp_m1(),
            upper: (log + half_width).exp_m1(),
        }
    }

    #[test]
    fn the_mean_is_geometric_and_its_error_that_of_independent_ones() {
        // Half and double.
        let changes = [estimate(-0.5, 0.03), estimate(1.0, 0.04)];
        let overall = Overall::of(&changes, 0.01).expect("two cases");
        let Estimate {
            point,
            lower,
            upper,
        } = overall.change;
        assert!(point.abs() < 1e-12, "{overall:?}");
        // 3 and 4 are 5, and the mean has half of it.
        assert!((upper.ln_1p() - 0.025).abs() < 1e-12, "{overall:?}");
        assert!((lower.ln_1p() + 0.025).abs() < 1e-12, "{overall:?}");
        assert_eq!(overall.verdict, VersusVerdict::Inconclusive);
        assert_eq!(overall.cases, 2);
        assert_eq!(Overall::of(&[], 0.01), None);
    }

    #[test]
    fn a_mean_has_a_verdict_where_all_of_its_interval_does() {
        let verdict = |point, half_width| {
            let overall = Overall::of(&[estimate(point, half_width)], 0.01);
            overall.expect("a case").verdict
        };
        assert_eq!(verdict(0.05, 0.01), VersusVerdict::Slower);
        assert_eq!(verdict(-0.05, 0.01), VersusVerdict::Faster);
        assert_eq!(verdict(0.001, 0.005), VersusVerdict::Same);
        for point in [-0.05, 0.05] {
            assert_eq!(verdict(point, 0.06), VersusVerdict::Inconclusive);
        }
    }

    /// Five variants of ten cases.
    fn ten_by_five() -> (Variants, Vec<Measurement>) {
        let names = ["thin-lto", "fat-lto", "cgu1", "native", "pgo"];
        let build = |build_s| Built {
            build_s,
            executable_bytes: 5_000_000,
        };
        let built = names.map(|name| BuiltVariant {
            name: name.to_owned(),
            settings: vec![name.to_owned()],
            build: build(60.0),
            training: (name == "pgo").then_some(Training {
                build_s: Some(70.0),
                run_s: 10.0,
            }),
            overall: None,
        });
        let variants = Variants {
            profile: "bench".to_owned(),
            margin: 0.01,
            aligned: true,
            train: None,
            present: build(55.5),
            built: built.into(),
        };
        let case = |n: i32| {
            let mut case = timed(&format!("app::parse::robot_bytes_in_{n}"), 1234.0);
            let measured = names.map(|name| InVariant {
                name: name.to_owned(),
                versus: Versus {
                    time_ns: Pair {
                        old: 1234.0,
                        new: 1230.0,
                    },
                    change: estimate(-0.01 * f64::from(n), 0.002),
                    verdict: VersusVerdict::Faster,
                    margin: 0.01,
                    change_of_means: None,
                    smallest_visible: 0.01,
                    launches: 12,
                    one_core: true,
                    allocs: None,
                    bytes: None,
                    sites: Vec::new(),
                    instructions: None,
                    duration_s: 1.0,
                },
            });
            case.variants = measured.into();
            case
        };
        (variants, (0..10).map(case).collect())
    }

    #[test]
    fn ten_cases_in_five_variants_stand_side_by_side_in_a_hundred_columns() {
        let (variants, mut cases) = ten_by_five();
        let variants = variants.over(&cases);
        // The last could not be measured in all of them.
        cases[9].variants.truncate(2);
        let of_each: Vec<&Measurement> = cases.iter().collect();
        let table = render(&variants, &of_each, Some(100), |_, text| text.to_owned());
        assert!(table.lines().all(|line| line.width() <= 100), "{table}");
        // One block: its titles, a heading and ten cases, and what is of all.
        assert_eq!(table.lines().count(), 1 + 1 + 10 + 2 + 3, "{table}");
        for text in ["-9.0 ±0.2 ↓", "-4.5 ±0.1 ↓", "140.0 s", "55.5 s", "4.8 MiB"] {
            assert!(table.contains(text), "{text}\n{table}");
        }
    }
}
