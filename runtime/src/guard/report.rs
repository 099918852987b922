//! What a failing region says, in the form of the compiler's diagnostics.

use std::ops::Range;
use std::panic::Location;

use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet,
};

use super::causes::{Cause, causes};
#[cfg(feature = "harness")]
use super::closures::CaseBudget;
use super::counts::Charge;
use super::ledger::Excess;
use super::region::Owner;
use super::shared::Subject;
use super::site::{Budget, Site};
use super::symbols::{self, Column, Place};
use crate::text::{count, times};

const HELP: &str =
    "allocate before the call, or exempt it where it stands: `hotbench::allow_alloc(|| …)`";
/// Hints of one report.
const MAX_HINTS: usize = 3;

/// The report of a function that is over its budget.
pub(super) fn function(site: &Site, excess: &Excess) -> String {
    let subject = format!("`{}`", site.path());
    let used = used(excess.used, site.budget);
    let title = if site.attribute == "no_alloc" {
        let mut attribute = site.attribute.to_owned();
        let flags = Budget {
            max_allocs: u64::MAX,
            ..site.budget
        };
        if flags.is_limited() || flags.forbid {
            attribute = format!("{attribute}({})", limits(flags));
        }
        format!("{subject} is `#[{attribute}]`, but it {used}")
    } else {
        format!(
            "{subject} is over its budget: it {used}, where `#[{}({})]` allows less",
            site.attribute,
            limits(site.budget)
        )
    };
    let declared = format!("{subject} is guarded here");
    render(
        &title,
        excess,
        &declaration(site.file, site.line, site.column),
        &declared,
    )
}

/// The report of a case one call of which is over its budget.
#[cfg(feature = "harness")]
pub(super) fn case(case: &CaseBudget<'_>, excess: &Excess) -> String {
    let title = format!(
        "one call of `{}` {}, where `#[bench_case({})]` allows {}",
        case.id,
        used(excess.used, case.budget),
        limits(case.budget).replace("max_allocs = 0", "no_alloc"),
        if case.budget.max_allocs == 0 {
            "none"
        } else {
            "less"
        }
    );
    let declared = format!("`{}` is a case here", case.function);
    render(
        &title,
        excess,
        &declaration(case.file, case.line, case.column),
        &declared,
    )
}

/// The report of work that a region has handed to another thread, and that ended after the region.
pub(super) fn late(subject: Subject, excess: &Excess) -> String {
    match subject {
        Subject::Site(site) => function(site, excess),
        Subject::Closure(caller) => closure(caller, excess),
    }
}

/// What the chain of regions says of one of them; exemptions and counts are nobody's.
pub(super) fn name(owner: &Owner<'_>) -> Option<String> {
    Some(match owner {
        Owner::Function(site) | Owner::Poll(site, _) | Owner::WarmUp(site) => {
            format!("`{}` (`#[{}]`)", site.path(), site.attribute)
        }
        Owner::Closure(caller) => {
            let place = symbols::shown(std::path::Path::new(caller.file()));
            format!("`assert_no_alloc` at {place}:{}", caller.line())
        }
        #[cfg(feature = "harness")]
        Owner::Case(case) => format!("the case `{}`", case.id),
        _ => return None,
    })
}

fn declaration(file: &str, line: u32, column: u32) -> Place {
    Place {
        file: symbols::find(file),
        line: line as usize,
        column: Some(Column::Character(column as usize)),
    }
}

/// The report of a closure in which nothing may be allocated.
pub(super) fn closure(caller: &Location<'_>, excess: &Excess) -> String {
    let title = format!(
        "a closure in `assert_no_alloc` {}",
        used(excess.used, Budget::NO_ALLOC)
    );
    let guarded = declaration(caller.file(), caller.line(), caller.column());
    render(&title, excess, &guarded, "the closure runs here")
}

fn used(used: Charge, budget: Budget) -> String {
    let mut text = match used.allocs {
        0 => String::new(),
        n => format!("allocated {}, {}", times(n), count(used.bytes, "byte")),
    };
    if budget.deny_dealloc && used.deallocs > 0 {
        let and = if text.is_empty() { "" } else { ", and " };
        text.push_str(&format!("{and}freed {}", times(used.deallocs)));
    }
    text
}

/// The budget, as the attribute's arguments.
fn limits(budget: Budget) -> String {
    let number = |name, n| (n != u64::MAX).then(|| format!("{name} = {n}"));
    let flag = |name: &str, is_set: bool| is_set.then(|| name.to_owned());
    let limits = [
        number("max_allocs", budget.max_allocs),
        number("max_bytes", budget.max_bytes),
        flag("deny_dealloc", budget.deny_dealloc),
        flag("forbid", budget.forbid),
    ];
    limits.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn render(title: &str, excess: &Excess, guarded: &Place, declared: &str) -> String {
    let causes = causes(excess);
    let mut group = Group::with_title(Level::ERROR.primary_title(title));
    for cause in &causes {
        group = group.elements(cause_elements(cause));
    }
    if let Some(rest) = unrecorded(excess, &causes) {
        group = group.element(Level::NOTE.message(rest));
    }
    if !excess.around.is_empty() {
        let around = format!("called in {}", excess.around.join(", in "));
        group = group.element(Level::NOTE.message(around));
    }
    let guarded = elements(guarded, AnnotationKind::Context, None);
    let note = Group::with_title(Level::NOTE.secondary_title(declared)).elements(guarded);
    let mut groups = vec![group, note];
    for hint in hints(&causes) {
        groups.push(Group::with_title(Level::HELP.secondary_title(hint)));
    }
    groups.push(Group::with_title(Level::HELP.secondary_title(HELP)));
    Renderer::plain().render(&groups)
}

/// What each pattern that is known asks for, once, at its first place.
fn hints(causes: &[Cause]) -> Vec<String> {
    let mut seen = Vec::new();
    let mut hints = Vec::new();
    for cause in causes {
        let Some(hint) = cause.hint().filter(|hint| !seen.contains(hint)) else {
            continue;
        };
        let place = cause.place.as_ref();
        let place = place.map(|place| format!("line {}: ", place.line));
        hints.push(format!("{}{}", place.unwrap_or_default(), hint.text(cause)));
        seen.push(hint);
    }
    hints.truncate(MAX_HINTS);
    hints
}

fn cause_elements(cause: &Cause) -> Vec<Element<'static>> {
    let label = cause.label();
    match (&cause.place, &cause.function) {
        (Some(place), _) => elements(place, AnnotationKind::Primary, Some(label)),
        (None, Some(function)) => vec![message(format!("{label}, in `{function}`"))],
        (None, None) => vec![message(format!("{label}, in code without symbols"))],
    }
}

/// The source line with its mark, or, where the source can't be read, its place alone.
fn elements(place: &Place, kind: AnnotationKind, label: Option<String>) -> Vec<Element<'static>> {
    let path = symbols::shown(&place.file);
    let Some(line) = source_line(place) else {
        let mut origin = Origin::path(path).line(place.line);
        if let Some(Column::Character(column)) = place.column {
            origin = origin.char_column(column);
        }
        return [Element::from(origin)]
            .into_iter()
            .chain(label.map(message))
            .collect();
    };
    let span = token(&line, place.column);
    let annotation: Annotation<'static> = kind.span(span).label(label);
    let snippet = Snippet::source(line).path(path).line_start(place.line);
    vec![snippet.annotation(annotation).into()]
}

fn message(text: String) -> Element<'static> {
    Level::NOTE.message(text).into()
}

fn source_line(place: &Place) -> Option<String> {
    let source = std::fs::read_to_string(&place.file).ok()?;
    let line = source.lines().nth(place.line.checked_sub(1)?)?;
    Some(line.to_owned())
}

/// The bytes of the token at `column`, or else of the whole line.
fn token(line: &str, column: Option<Column>) -> Range<usize> {
    let indent = line.len() - line.trim_start().len();
    let whole = indent..line.trim_end().len();
    let start = column.and_then(|column| column.offset(line));
    let Some(start) = start.filter(|start| whole.contains(start)) else {
        return whole;
    };
    let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '!');
    let rest = &line[start..];
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let len = rest.find(|c| !is_path(c)).unwrap_or(rest.len());
    start..start + len.max(first)
}

/// What has no record: the allocations within the budget, and those after the record was full.
fn unrecorded(excess: &Excess, causes: &[Cause]) -> Option<String> {
    let recorded: u64 = causes
        .iter()
        .map(|cause| cause.allocs + cause.reallocs)
        .sum();
    let rest = excess.used.allocs.saturating_sub(recorded);
    let within = rest.min(excess.within);
    let lost = rest - within;
    let within =
        (within > 0).then(|| format!("{} before, within the budget", count(within, "allocation")));
    let lost =
        (lost > 0).then(|| format!("{} after these, not recorded", count(lost, "allocation")));
    let parts: Vec<String> = within.into_iter().chain(lost).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}
