//! The charts with their captions: groups as bars, sweeps as lines.

use maud::{Markup, PreEscaped, html};

use super::charts::{self, Bar, Line};
use super::groups::Group;
use super::sweeps::{self, Series, Sweep};
use crate::report::arrange;
use crate::report::measurement::{Estimate, Measurement};
use crate::report::{table, units};

/// The times of a group, and what it allocates, if it does.
pub(super) fn group(group: &Group<'_>) -> Markup {
    let ids: Vec<&str> = group.cases.iter().map(|case| unvalued(case)).collect();
    let names = sweeps::distinct(&ids);
    let named = || group.cases.iter().copied().zip(&names).enumerate();
    let times: Vec<Bar> = named()
        .filter_map(|(color, (case, name))| {
            let Estimate {
                point,
                lower,
                upper,
            } = arrange::time(case)?;
            let interval = Some((lower, upper));
            Some(bar(name, color, units::time(point), point, interval))
        })
        .collect();
    let bytes: Vec<Bar> = named()
        .filter_map(|(color, (case, name))| {
            let counted = case.allocations?;
            let (allocs, bytes) = (units::amount(counted.allocs), units::bytes(counted.bytes));
            let figure = format!("{bytes} in {allocs}");
            Some(bar(name, color, figure, counted.bytes, None))
        })
        .collect();
    let said: Vec<String> = named()
        .filter_map(|(_, (case, name))| sentence(case, name))
        .collect();
    html! {
        figure data-search=(search_text(&group.cases)) {
            figcaption {
                strong { (group.name) }
                @if let Some(value) = group.value { " at " span.value { (value) } }
            }
            (chart("Time of a call, with its 95 % interval", &said.join("; "), &charts::bars(&times)))
            @if bytes.iter().any(|bar| bar.value > 0.0) {
                (chart("Bytes of a call, in so many allocations", "", &charts::bars(&bytes)))
            }
        }
    }
}

fn bar(name: &str, color: usize, figure: String, value: f64, interval: Option<(f64, f64)>) -> Bar {
    Bar {
        label: name.to_owned(),
        figure,
        value,
        interval,
        color,
    }
}

/// What a bar shows, for who does not see it.
fn sentence(case: &Measurement, name: &str) -> Option<String> {
    let time = units::time(arrange::time(case)?.point);
    Some(match table::vs_baseline(case) {
        Some(compared) => format!("{name}: {time}, {}", compared.text),
        None => format!("{name}: {time}"),
    })
}

/// Without the value that all in a group share.
fn unvalued(case: &Measurement) -> &str {
    let value = case.sweep_value.as_deref().unwrap_or_default();
    let id = case.id.strip_suffix(value).unwrap_or(&case.id);
    id.strip_suffix('/').unwrap_or(id)
}

/// The times of a sweep, and what it allocates, if it does.
pub(super) fn sweep(sweep: &Sweep<'_>) -> Markup {
    let ids: Vec<&str> = sweep.series.iter().map(|series| series.id).collect();
    let names = sweeps::distinct(&ids);
    let cases: Vec<&Measurement> = sweep.cases().collect();
    let times = lines(sweep, arrange::time);
    let bytes = lines(sweep, |case| {
        let bytes = case.allocations?.bytes;
        Some(Estimate {
            point: bytes,
            lower: bytes,
            upper: bytes,
        })
    });
    let allocates = cases
        .iter()
        .any(|case| case.allocations.is_some_and(|counted| counted.bytes > 0.0));
    let said = sweep.series.iter().zip(&names);
    let said: Vec<String> = said
        .filter_map(|(series, name)| ends(series, name))
        .collect();
    html! {
        figure data-search=(search_text(&cases)) {
            figcaption { strong { (sweep.title) } }
            (chart(
                "Time of a call, with its 95 % interval",
                &said.join("; "),
                &charts::lines(&times, sweep.parameter, charts::tick_time),
            ))
            @if allocates {
                (chart(
                    "Bytes that a call allocates",
                    "",
                    &charts::lines(&bytes, sweep.parameter, charts::tick_bytes),
                ))
            }
            // A single line may be the function itself, which the title says.
            @if ids != [sweep.title] {
                ul.legend {
                    @for (color, name) in names.iter().enumerate() {
                        li class={ "series-" (color % charts::COLORS) } { (name) }
                    }
                }
            }
        }
    }
}

fn lines(sweep: &Sweep<'_>, figure: impl Fn(&Measurement) -> Option<Estimate>) -> Vec<Line> {
    let point = |&(at, case): &(f64, &Measurement)| Some((at, figure(case)?));
    let lines = sweep.series.iter().enumerate();
    lines
        .map(|(color, series)| Line {
            points: series.points.iter().filter_map(point).collect(),
            color,
        })
        .collect()
}

fn ends(series: &Series<'_>, name: &str) -> Option<String> {
    let said = |&(at, case): &(f64, &Measurement)| {
        let time = units::time(arrange::time(case)?.point);
        Some(format!("{time} at {}", charts::number(at)))
    };
    let (first, last) = (series.points.first()?, series.points.last()?);
    Some(format!("{name}: {} to {}", said(first)?, said(last)?))
}

fn chart(title: &str, said: &str, svg: &str) -> Markup {
    html! {
        p.what { (title) }
        div.chart role="img" aria-label={ (title) ". " (said) } { (PreEscaped(svg)) }
    }
}

fn search_text(cases: &[&Measurement]) -> String {
    let texts = cases.iter().map(|case| {
        let group = case.group.as_deref().unwrap_or_default();
        format!("{} {group} {}", case.id, case.file).to_lowercase()
    });
    texts.collect::<Vec<_>>().join("\n")
}
