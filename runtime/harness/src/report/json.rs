//! A run as one JSON document, for programs: every figure of the table, and those behind it.

use serde::Serialize;

use super::console::Console;
use super::document::Report;

/// Prints the document.
pub(crate) fn print(console: &mut Console, report: &Report) {
    match serde_json::to_string(report) {
        Ok(text) => console.line(text),
        // Its keys are strings, and its numbers are finite or null.
        Err(error) => unreachable!("the report has a form that JSON has not: {error}"),
    }
}

/// What the document calls one of several kinds, for formats that have a word for it too.
pub(super) fn name(kind: &impl Serialize) -> String {
    let value = serde_json::to_value(kind);
    let name = value.as_ref().ok().and_then(serde_json::Value::as_str);
    name.unwrap_or_default().to_owned()
}
