//! The page: what a run was, what failed, and the cases in a table and in charts.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::groups::{self, Group};
use super::sweeps;
use super::{Content, facts, figures, rows, table};
use crate::report::document::{Report, Run};
use crate::report::measurement::{Failure, Measurement};
use hotbench_guard::text;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// The page asks for nothing, whatever is written in it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; \
                      img-src data:";

pub(super) fn render(content: &Content<'_>) -> Markup {
    let report = content.report;
    let title = title(report);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" href="data:,";
                title { (title) " – hotbench" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    (head(report, &title))
                    @for run in &report.runs { (run_facts(run, report.runs.len() > 1)) }
                }
                main {
                    (failures(report))
                    section aria-labelledby="cases-title" {
                        h2 #cases-title { "Cases" }
                        (table::markup(content))
                    }
                    (charts(report))
                }
                footer { (method()) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

fn title(report: &Report) -> String {
    let mut titles: Vec<String> = report.runs.iter().map(facts::title).collect();
    titles.dedup();
    titles.join(", ")
}

fn head(report: &Report, title: &str) -> Markup {
    let failed = report.failures().count();
    html! {
        div.top {
            p.kind { "hotbench report" }
            button #theme type="button" hidden { "Theme" }
        }
        h1 { (title) }
        p.summary {
            span { (text::count(report.cases.len() as u64, "case")) }
            @if failed > 0 { a.failed href="#failures" { (failed) " failed" } }
            @else if report.passed() { span.held { "all held" } }
            @else { span.failed { "not all held" } }
            @if report.is_partial() { span.partial { "interrupted: cases are missing" } }
        }
    }
}

/// Of several runs, each has its own, closed.
fn run_facts(run: &Run, is_one_of_several: bool) -> Markup {
    let list = html! {
        dl {
            @for (name, said) in facts::of(run) {
                div { dt { (name) } dd { (said) } }
            }
        }
    };
    html! {
        @if is_one_of_several {
            details {
                summary {
                    (facts::title(run))
                    @if let Some(shard) = run.shard { ", shard " (shard.index) " of " (shard.of) }
                    @if run.partial { ", interrupted" }
                }
                (list)
            }
        } @else { (list) }
    }
}

fn failures(report: &Report) -> Markup {
    let failed = report.cases.iter().enumerate();
    let failed = failed.filter_map(|(index, case)| Some((index, case, case.failure.as_ref()?)));
    html! {
        @if report.failures().next().is_some() {
            section #failures aria-labelledby="failures-title" {
                h2 #failures-title { "Failures" }
                @for (index, case, failure) in failed { (failure_details(index, case, failure)) }
            }
        }
    }
}

fn failure_details(index: usize, case: &Measurement, failure: &Failure) -> Markup {
    html! {
        details.failure id={ "failure-" (index) } {
            summary {
                span.failed { (rows::failure(failure.kind)) }
                " " span.id { (case.id) }
                span.reason { (failure.message.lines().next().unwrap_or_default()) }
            }
            p { (case.file) ":" (case.line) }
            pre { (failure.message) }
            @if !failure.output.trim().is_empty() {
                p.what { "It printed" }
                pre { (failure.output) }
            }
        }
    }
}

fn charts(report: &Report) -> Markup {
    let sweeps = sweeps::find(&report.cases);
    let groups = groups::find(&report.cases, &sweeps);
    let (swept, alone): (Vec<Group<'_>>, Vec<_>) =
        groups.into_iter().partition(|group| group.is_swept);
    html! {
        @if !alone.is_empty() {
            section aria-labelledby="groups-title" {
                h2 #groups-title { "Groups" }
                div.figures { @for group in &alone { (figures::group(group)) } }
            }
        }
        @if !sweeps.is_empty() {
            section aria-labelledby="sweeps-title" {
                h2 #sweeps-title { "Sweeps" }
                div.figures { @for sweep in &sweeps { (figures::sweep(sweep)) } }
                @if !swept.is_empty() {
                    details {
                        summary { "Groups at each value" }
                        div.figures { @for group in &swept { (figures::group(group)) } }
                    }
                }
            }
        }
    }
}

fn method() -> Markup {
    html! {
        p {
            "Times are of one call, with the bootstrap’s 95 % interval; allocations and bytes are the mean of \
             calls that were counted apart. A ratio has an interval of this run alone: unless all of it is more \
             than 2 % from 1, it is inconclusive, or the same. What changed since the last run is noise where \
             the interval holds no change."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::head;
    use crate::report::comparison::VersusVerdict;
    use crate::report::measurement::Measurement;
    use crate::report::samples::{case, report, versus};

    #[test]
    fn what_has_become_slower_has_not_held() {
        let said = |verdict| {
            let case = Measurement {
                vs_revision: Some(versus(verdict)),
                ..case("app::parse")
            };
            head(&report(vec![case]), "app").into_string()
        };
        assert!(said(VersusVerdict::Same).contains(">all held<"));
        assert!(said(VersusVerdict::Slower).contains(">not all held<"));
    }
}
