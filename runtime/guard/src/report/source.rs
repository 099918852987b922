//! The line of source at a place, and the token on it.

use std::ops::Range;

use crate::symbols::{Column, Place};

/// A line of source that can be read.
pub(super) struct Line {
    pub(super) text: String,
    /// The bytes of the token at the place's column, or of the whole line.
    pub(super) token: Range<usize>,
}

impl Line {
    pub(super) fn at(place: &Place) -> Option<Self> {
        let source = std::fs::read_to_string(&place.file).ok()?;
        let text = source.lines().nth(place.line.checked_sub(1)?)?.to_owned();
        let token = token(&text, place.column);
        Some(Self { text, token })
    }
}

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
