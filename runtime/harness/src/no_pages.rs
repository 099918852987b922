//! Without the feature `html` there are no pages.

use std::path::Path;

use crate::report::console::Console;
use crate::report::document::Report;
use crate::report::history::History;

pub(super) fn write(_: &mut Console, _: &Report, _: &History, _: bool) {}

pub(super) fn open_merged(_: &mut Console, _: &Report) {}

pub(super) fn keep_criterion(_: &Path, _: &str) {}
