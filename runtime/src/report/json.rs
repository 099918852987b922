//! A run as one JSON document, for programs: every figure of the table, and those behind it.

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
