//! A report in the form of the compiler's diagnostics.

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use super::super::counts::Charge;
use super::Report;
use super::causes::Cause;
use super::source::Line;
use crate::symbols::{self, Column, Frame, Place};
use crate::text::count;

/// Functions between an allocation and the guarded function that are shown: the innermost ones, and
/// always the outermost.
const MAX_WAY: usize = 4;

pub(super) fn render(report: &Report<'_>) -> String {
    let title = report.subject.title(report.used, report.late);
    let mut error = Group::with_title(Level::ERROR.primary_title(title));
    for cause in &report.causes {
        error = error.elements(cause_elements(cause));
    }
    let notes = [unrecorded(report), captured(report), around(report)];
    for note in notes.into_iter().flatten() {
        error = error.element(message(note));
    }
    let mut groups = vec![error];
    for place in handed_on(report) {
        groups.push(note("the work was handed on here", &place));
    }
    let declared = report.subject.declared();
    groups.push(note(&declared, &report.subject.place()));
    let helps = report.helps().into_iter();
    groups.extend(helps.map(|help| Group::with_title(Level::HELP.secondary_title(help))));
    Renderer::plain().render(&groups)
}

fn note(title: &str, place: &Place) -> Group<'static> {
    let elements = elements(place, AnnotationKind::Context, None);
    Group::with_title(Level::NOTE.secondary_title(title.to_owned())).elements(elements)
}

fn message(text: String) -> Element<'static> {
    Level::NOTE.message(text).into()
}

fn cause_elements(cause: &Cause) -> Vec<Element<'static>> {
    let label = cause.label();
    let mut elements = match (&cause.place, &cause.function) {
        (Some(place), _) => elements(place, AnnotationKind::Primary, Some(label)),
        (None, Some(function)) => vec![message(format!("{label}, in `{function}`"))],
        (None, None) => vec![message(format!("{label}, in code without symbols"))],
    };
    elements.extend(way(cause).map(message));
    elements
}

/// How the guarded function came to the place, if not by itself.
fn way(cause: &Cause) -> Option<String> {
    let (first, callers) = cause.way.split_first()?;
    let mut lines: Vec<String> = callers.iter().filter_map(call).collect();
    if lines.is_empty() {
        return None;
    }
    if lines.len() > MAX_WAY {
        let folded = lines.len() - MAX_WAY;
        let more = format!("… {} more", count(folded as u64, "call"));
        lines.splice(MAX_WAY - 1..lines.len() - 1, [more]);
    }
    // Where there is no place, the function has been named in its stead.
    if let (Some(_), Some(function)) = (&cause.place, &first.function) {
        lines.insert(0, format!("in `{function}`"));
    }
    if cause.ways > 1 {
        lines.push(format!("and in {}", count(cause.ways - 1, "other way")));
    }
    Some(lines.join("\n"))
}

/// The call that a function on the way has made of the one before it.
fn call(caller: &Frame) -> Option<String> {
    let place = caller
        .place
        .as_ref()
        .map(|place| format!("at {}", shown(place)));
    let function = caller
        .function
        .as_ref()
        .map(|function| format!("in `{function}`"));
    let known: Vec<String> = place.into_iter().chain(function).collect();
    (!known.is_empty()).then(|| format!("called {}", known.join(" ")))
}

fn shown(place: &Place) -> String {
    format!("{}:{}", symbols::shown(&place.file), place.line)
}

/// The source line with its mark, or, where the source can't be read, its place alone.
fn elements(place: &Place, kind: AnnotationKind, label: Option<String>) -> Vec<Element<'static>> {
    let path = symbols::shown(&place.file);
    let Some(line) = Line::at(place) else {
        let mut origin = Origin::path(path).line(place.line);
        if let Some(Column::Character(column) | Column::Byte(column)) = place.column {
            origin = origin.char_column(column);
        }
        return [Element::from(origin)]
            .into_iter()
            .chain(label.map(message))
            .collect();
    };
    let annotation = kind.span(line.token).label(label);
    let snippet = Snippet::source(line.text).path(path).line_start(place.line);
    vec![snippet.annotation(annotation).into()]
}

/// Where what other threads did was handed to them.
fn handed_on(report: &Report<'_>) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for place in report
        .causes
        .iter()
        .filter_map(|cause| cause.handed_on.clone())
    {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

/// What has no place.
fn unrecorded(report: &Report<'_>) -> Option<String> {
    let says = |n: u64, what: &str| (n > 0).then(|| format!("{} {what}", count(n, "allocation")));
    let before = if report.late {
        "before"
    } else {
        "before, within the budget"
    };
    let parts: Vec<String> = says(report.before, before)
        .into_iter()
        .chain(says(
            report.lost,
            match report.out_of_memory {
                true => "more, not recorded: there was no memory to record where",
                false => "more, not recorded",
            },
        ))
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Names the allocations that the report leaves out.
fn captured(report: &Report<'_>) -> Option<String> {
    let Charge { allocs, bytes, .. } = report.captured;
    (allocs > 0).then(|| {
        format!(
            "libtest's capture of the output made {} more, {}, which do not count: with `--nocapture` there are none",
            count(allocs, "allocation"),
            count(bytes, "byte")
        )
    })
}

fn around(report: &Report<'_>) -> Option<String> {
    let around = report.around.join(", in ");
    (!around.is_empty()).then(|| format!("called in {around}"))
}
