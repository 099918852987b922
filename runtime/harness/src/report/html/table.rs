//! The table's markup. Its roles are said, for in a narrow window it is laid out as cards, and a table whose
//! parts are no longer displayed as such loses them.

use maud::{Markup, PreEscaped, html};

use super::rows::{self, Cell, Column};
use super::{Content, Link, charts, facts};
use crate::report::arrange::{self, split_id};
use crate::report::console::Tone;
use crate::report::history;
use crate::report::measurement::{Estimate, Measurement};
use crate::report::units;

/// Of a case's past, so many runs are drawn.
const RUNS: usize = 30;

pub(super) fn markup(content: &Content<'_>) -> Markup {
    let cases = &content.report.cases;
    let columns = rows::columns(cases);
    let pasts = pasts(content);
    let links: Vec<Vec<Link>> = cases.iter().map(|case| (content.links)(&case.id)).collect();
    let has_past = pasts.iter().any(Option::is_some);
    let has_links = links.iter().any(|links| !links.is_empty());
    html! {
        div.search {
            label for="search" { "Search" }
            input #search type="search" autocomplete="off" spellcheck="false"
                placeholder="words of an id, a group or a file";
            output #found for="search" aria-live="polite" {}
        }
        div.wide {
            table role="table" #cases {
                thead role="rowgroup" {
                    tr role="row" {
                        (heading("case"))
                        @for column in &columns { (heading(column.title)) }
                        @if has_past { th role="columnheader" scope="col" { "history" } }
                        @if has_links { th role="columnheader" scope="col" { "more" } }
                    }
                }
                tbody role="rowgroup" {
                    @for (index, case) in cases.iter().enumerate() {
                        tr role="row" data-search=(search_text(case)) {
                            (name(case))
                            @for column in &columns { (cell(column, case, index)) }
                            @if has_past { td role="cell" data-label="history" { (spark(pasts[index].as_ref())) } }
                            @if has_links { td.links role="cell" data-label="more" { (link_list(&links[index])) } }
                        }
                    }
                }
            }
        }
        p #nothing hidden { "No case has all of these words." }
    }
}

fn heading(title: &str) -> Markup {
    html! {
        th role="columnheader" scope="col" aria-sort="none" {
            button type="button" { (title) }
        }
    }
}

/// What a search looks at, in lower case.
fn search_text(case: &Measurement) -> String {
    let group = case.group.as_deref().unwrap_or_default();
    format!("{} {group} {}", case.id, case.file).to_lowercase()
}

fn name(case: &Measurement) -> Markup {
    let (module, name) = split_id(&case.id);
    html! {
        th.name role="rowheader" scope="row" data-key=(case.id) {
            @if !module.is_empty() { span.module { (breakable(module)) "::" } }
            span.own title={ (case.file) ":" (case.line) } { (breakable(name)) }
            @if let Some(group) = &case.group { span.group { (group) } }
        }
    }
}

/// With places where a long name may go on in the next line, rather than anywhere.
fn breakable(name: &str) -> Markup {
    html! {
        @for part in name.split_inclusive(['/', ':', '_']) { (part) wbr; }
    }
}

/// A case that failed says so in the first.
fn cell(column: &Column, case: &Measurement, index: usize) -> Markup {
    let said = (column.cell)(case);
    let key = said.as_ref().and_then(|said| said.key);
    let failed = case.failure.as_ref().filter(|_| column.title == "time");
    let tone = said.as_ref().and_then(|said| said.tone).map(class);
    html! {
        td class=[tone] role="cell" data-label=(column.title) data-key=[key] {
            @if let Some(failure) = failed {
                a.failed href={ "#failure-" (index) } { (rows::failure(failure.kind)) }
            } @else if let Some(Cell { lines, .. }) = said {
                @for line in &lines { span { (line) } }
            }
        }
    }
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Aside => "aside",
    }
}

struct Past {
    since: String,
    runs: Vec<Estimate>,
}

/// Of each case that was timed at least twice, the oldest run first.
fn pasts(content: &Content<'_>) -> Vec<Option<Past>> {
    let runs = content.report.runs.iter();
    let times: Vec<_> = runs
        .map(|run| history::times(content.history, run))
        .collect();
    let past = |case: &Measurement| {
        arrange::time(case)?;
        let runs = times.get(case.run)?.get(case.id.as_str())?;
        let runs = &runs[runs.len().saturating_sub(RUNS)..];
        let (first, _) = runs.first().filter(|_| runs.len() > 1)?;
        Some(Past {
            since: facts::date(*first),
            runs: runs.iter().map(|(_, time_ns)| *time_ns).collect(),
        })
    };
    content.report.cases.iter().map(past).collect()
}

fn spark(past: Option<&Past>) -> Markup {
    let Some(Past { since, runs }) = past else {
        return html! {};
    };
    let points = || runs.iter().map(|run| run.point);
    let least = units::time(points().fold(f64::INFINITY, f64::min));
    let most = units::time(points().fold(0.0, f64::max));
    let said = format!("{} runs since {since}: {least} to {most}", runs.len());
    html! {
        span.spark role="img" aria-label=(said) title=(said) { (PreEscaped(charts::spark(runs))) }
    }
}

fn link_list(links: &[Link]) -> Markup {
    html! {
        @for Link { text, href } in links { a href=(href) { (text) } }
    }
}
