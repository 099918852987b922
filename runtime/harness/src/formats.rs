//! Which report has which `--format`.

use super::cli::Format;
use crate::report::console::Console;
use crate::report::document::Report;
use crate::report::{bencher, github, heap, hottest, json, junit, table, variants};

/// Prints the report in a format.
pub(crate) fn print(format: Format, console: &mut Console, report: &Report) {
    match format {
        Format::Human | Format::Terse | Format::Github => {
            match variants::are_all_of(report) {
                true => variants::print_failures(console, report),
                false => table::print(console, report),
            }
            variants::print(console, report);
            hottest::print(console, report);
            heap::print(console, report);
        }
        Format::Json => json::print(console, report),
        Format::Junit => junit::print(console, report),
        Format::Bencher => bencher::print(console, report),
    }
    print_besides(format, console, report);
}

/// What a format says after what people read.
pub(crate) fn print_besides(format: Format, console: &mut Console, report: &Report) {
    if format == Format::Github {
        github::print(console, report);
        if let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY") {
            github::append_summary(console, report, file.as_ref());
        }
    }
}
