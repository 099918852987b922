//! A report as one line of JSON; `docs/guard.md` describes it.

use serde_json::{Value, json};

use super::Report;
use super::causes::Cause;
use super::source::Line;
use super::text;
use crate::symbols::{self, Frame, Place};

/// The version of the form; it grows when a field is taken away or changes its meaning.
const SCHEMA: u32 = 1;

pub(super) fn render(report: &Report<'_>) -> String {
    let budget = report.subject.budget();
    let limit = |n: u64| (n != u64::MAX).then_some(n);
    json!({
        "schema": SCHEMA,
        "kind": "allocation",
        "message": report.subject.title(report.used, report.late),
        "subject": {
            "kind": report.subject.kind(),
            "name": report.subject.name(),
            "attribute": report.subject.attribute(),
            "place": place(&report.subject.place()),
        },
        "budget": {
            "max_allocs": limit(budget.max_allocs),
            "max_bytes": limit(budget.max_bytes),
            "deny_dealloc": budget.deny_dealloc,
            "forbid": budget.forbid,
        },
        "used": {
            "allocs": report.used.allocs,
            "bytes": report.used.bytes,
            "deallocs": report.used.deallocs,
        },
        "late": report.late,
        "sites": report.causes.iter().map(|cause| site(report, cause)).collect::<Vec<_>>(),
        "allocs_before": report.before,
        "allocs_not_recorded": report.lost,
        "around": report.around,
        "help": report.helps(),
        "rendered": text::render(report),
    })
    .to_string()
}

fn site(report: &Report<'_>, cause: &Cause) -> Value {
    json!({
        "place": cause.place.as_ref().map(place),
        "function": cause.function,
        "dependency": cause.dependency,
        "allocs": cause.allocs,
        "reallocs": cause.reallocs,
        "deallocs": cause.deallocs,
        "bytes": cause.bytes,
        "stack": cause.way.iter().map(frame).collect::<Vec<_>>(),
        "ways": cause.ways,
        "handed_on_at": cause.handed_on.as_ref().map(place),
        "hint": cause.hint().map(|hint| hint.text(cause.grown(), report.subject.may_warm_up())),
    })
}

fn frame(frame: &Frame) -> Value {
    json!({
        "function": frame.function,
        "place": frame.place.as_ref().map(place),
    })
}

/// Lines and columns from 1; columns in characters, as the compiler has them.
fn place(place: &Place) -> Value {
    let line = Line::at(place);
    json!({
        "file": symbols::shown(&place.file),
        "line": place.line,
        "column": place.column.map(|column| column.character(line.as_ref().map(|line| &*line.text))),
        "source": line.map(|line| line.text),
    })
}
