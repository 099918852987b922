//! Cases that differ in a number alone, which make a line.

use crate::report::arrange;
use crate::report::measurement::Measurement;

/// Lines that belong into one chart: those of a group, else those of a function.
#[derive(Debug)]
pub(super) struct Sweep<'a> {
    /// The group's or the function's name.
    pub(super) title: &'a str,
    /// What the numbers are of, as far as it is known.
    pub(super) parameter: &'static str,
    pub(super) series: Vec<Series<'a>>,
}

/// What a function takes over its parameter, the least value first.
#[derive(Debug)]
pub(super) struct Series<'a> {
    /// The ids' common part.
    pub(super) id: &'a str,
    pub(super) points: Vec<(f64, &'a Measurement)>,
}

impl<'a> Sweep<'a> {
    pub(super) fn cases(&self) -> impl Iterator<Item = &'a Measurement> {
        let points = self.series.iter().flat_map(|series| &series.points);
        points.map(|(_, case)| *case)
    }
}

/// All of them, in the order of the cases.
pub(super) fn find(cases: &[Measurement]) -> Vec<Sweep<'_>> {
    // By the run, the group or function, and the line; the first case's place keeps the order.
    let mut sweeps: Vec<((usize, &str), Sweep<'_>)> = Vec::new();
    for case in cases.iter().filter(|case| arrange::time(case).is_some()) {
        let Some(point) = point(case) else { continue };
        let key = (case.run, point.title);
        let at = sweeps.iter().position(|(other, _)| *other == key);
        let at = at.unwrap_or_else(|| {
            let (title, parameter) = (point.title, point.parameter);
            let series = Vec::new();
            sweeps.push((
                key,
                Sweep {
                    title,
                    parameter,
                    series,
                },
            ));
            sweeps.len() - 1
        });
        let series = &mut sweeps[at].1.series;
        match series.iter_mut().find(|series| series.id == point.line) {
            Some(line) => line.points.push((point.number, case)),
            None => series.push(Series {
                id: point.line,
                points: vec![(point.number, case)],
            }),
        }
    }
    let sweeps = sweeps.into_iter().map(|(_, sweep)| sorted(sweep));
    sweeps.filter(|sweep| !sweep.series.is_empty()).collect()
}

/// Without lines of a single point.
fn sorted(mut sweep: Sweep<'_>) -> Sweep<'_> {
    for series in &mut sweep.series {
        series.points.sort_by(|a, b| a.0.total_cmp(&b.0));
        series.points.dedup_by(|a, b| a.0 == b.0);
    }
    sweep.series.retain(|series| series.points.len() > 1);
    sweep
}

struct Point<'a> {
    title: &'a str,
    line: &'a str,
    parameter: &'static str,
    number: f64,
}

/// Of several values, the last one is the parameter: the others tell the lines apart.
fn point(case: &Measurement) -> Option<Point<'_>> {
    let value = case.sweep_value.as_deref()?;
    let last = value.rsplit('/').next()?;
    let (parameter, number) = match last.strip_prefix("threads=") {
        Some(threads) => ("threads", threads),
        None => ("value", last),
    };
    let number: f64 = number
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())?;
    let line = case.id.strip_suffix(last)?.strip_suffix('/')?;
    let function = line.split('/').next().unwrap_or(line);
    Some(Point {
        title: case.group.as_deref().unwrap_or(function),
        line,
        parameter,
        number,
    })
}

/// What tells the ids apart: each without the parts that all of them begin with.
pub(super) fn distinct<'a>(ids: &[&'a str]) -> Vec<&'a str> {
    let parts = |id: &'a str| {
        let ends = id.match_indices("::").map(|(at, end)| at + end.len());
        let ends = ends.chain(id.match_indices('/').map(|(at, end)| at + end.len()));
        let mut ends: Vec<usize> = ends.collect();
        ends.sort_unstable();
        ends
    };
    let Some((&first, others)) = ids.split_first() else {
        return Vec::new();
    };
    let is_common = |end: &usize| others.iter().all(|id| id.starts_with(&first[..*end]));
    let common = match others {
        // Nothing to tell it from: the function and its case.
        [] => first
            .find('/')
            .map_or(0, |end| first[..end].rfind("::").map_or(0, |at| at + 2)),
        _ => parts(first).into_iter().rfind(is_common).unwrap_or(0),
    };
    ids.iter().map(|id| &id[common..]).collect()
}

#[cfg(test)]
mod tests {
    use super::{Series, distinct, find};
    use crate::report::measurement::Measurement;
    use crate::report::samples::{case, timed};

    fn of(id: &str, value: &str, group: Option<&str>) -> Measurement {
        Measurement {
            sweep_value: Some(value.to_owned()),
            group: group.map(str::to_owned),
            ..timed(&format!("{id}/{value}"), 100.0)
        }
    }

    /// A line's id, and its numbers.
    type Numbers<'a> = (&'a str, Vec<f64>);

    /// The charts, each with its lines.
    fn found(cases: &[Measurement]) -> Vec<(&str, Vec<Numbers<'_>>)> {
        let numbers =
            |line: Series<'_>| line.points.into_iter().map(|(number, _)| number).collect();
        let sweeps = find(cases).into_iter();
        sweeps
            .map(|sweep| {
                let lines = sweep.series.into_iter();
                let lines = lines.map(|line| (line.id, numbers(line)));
                (sweep.title, lines.collect())
            })
            .collect()
    }

    #[test]
    fn a_function_called_with_numbers_is_a_line_in_their_order() {
        let cases = ["64", "1024", "8", "0.5"].map(|value| of("app::f/n", value, None));
        let line = ("app::f/n", vec![0.5, 8.0, 64.0, 1024.0]);
        assert_eq!(found(&cases), [("app::f", vec![line])]);
    }

    #[test]
    fn words_and_single_numbers_are_none() {
        let cases = [
            of("app::f", "short", None),
            of("app::f", "long", None),
            of("app::g", "7", None),
            of("app::h", "inf", None),
            of("app::h", "NaN", None),
            of("app::h", "1", None),
            case("app::i/1"),
            // No value: its name looks like one.
            timed("app::j/1", 1.0),
            timed("app::j/2", 1.0),
        ];
        assert_eq!(found(&cases), []);
    }

    #[test]
    fn the_lines_of_a_group_are_in_one_chart() {
        let group = Some("sums");
        let cases = ["4", "16"].map(|n| [of("app::a", n, group), of("app::b", n, group)]);
        let cases: Vec<Measurement> = cases.into_iter().flatten().collect();
        let numbers = || vec![4.0, 16.0];
        let lines = vec![("app::a", numbers()), ("app::b", numbers())];
        assert_eq!(found(&cases), [("sums", lines)]);
    }

    #[test]
    fn of_several_values_the_last_is_the_parameter() {
        let values = ["u8/1", "u8/10", "u16/1", "u16/20"];
        let cases = values.map(|value| of("app::f", value, None));
        let lines = vec![
            ("app::f/u8", vec![1.0, 10.0]),
            ("app::f/u16", vec![1.0, 20.0]),
        ];
        assert_eq!(found(&cases), [("app::f", lines)]);
    }

    #[test]
    fn threads_are_a_parameter() {
        let cases = ["threads=1", "threads=4"].map(|value| of("app::f", value, None));
        assert_eq!(
            found(&cases),
            [("app::f", vec![("app::f", vec![1.0, 4.0])])]
        );
        assert_eq!(find(&cases)[0].parameter, "threads");
    }

    #[test]
    fn what_was_not_timed_has_no_point() {
        let mut cases = ["1", "2", "3"].map(|value| of("app::f", value, None));
        cases[1].timing = None;
        assert_eq!(
            found(&cases),
            [("app::f", vec![("app::f", vec![1.0, 3.0])])]
        );
    }

    #[test]
    fn names_leave_out_what_they_share() {
        let shown = distinct(&["app::m::a/x", "app::m::b/x"]);
        assert_eq!(shown, ["a/x", "b/x"]);
        let shown = distinct(&["app::f/std/1", "app::f/std/2"]);
        assert_eq!(shown, ["1", "2"]);
        assert_eq!(distinct(&["app::m::f/x/y"]), ["f/x/y"]);
        assert_eq!(distinct(&["größe::a", "grün::a"]), ["größe::a", "grün::a"]);
    }
}
