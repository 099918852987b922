//! A run for GitHub Actions: annotations, where the code stands, and the table in the summary of the job.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use comfy_table::CellAlignment;

use super::console::Console;
use super::document::Report;
use super::measurement::{Elision, Objection};
use super::plain::plain;
use super::table;

/// A step's summary is refused as a whole where it is longer.
const MAX_SUMMARY: u64 = 1024 * 1024;

/// Prints a workflow command for each case that failed, or that may have been optimised away, and for each hot
/// path that was not reached.
pub(crate) fn print(console: &mut Console, report: &Report) {
    for case in &report.cases {
        if let Some(failure) = &case.failure {
            let title = format!("{} failed", case.id);
            let place = (case.file.as_str(), case.line);
            console.line(annotation("error", place, &title, &failure.message));
        }
        if let Some(objection) = report.objection(case) {
            let (title, what) = match objection {
                Objection::Worse(what) => ("is worse than it was", what),
                Objection::Inconclusive(what) => ("may be worse than it was", what),
            };
            let title = format!("{} {title}", case.id);
            let place = (case.file.as_str(), case.line);
            console.line(annotation("error", place, &title, &what));
        }
        let doubt = case
            .timing
            .as_ref()
            .and_then(|timing| timing.optimised_away);
        if let Some(doubt) = doubt {
            let title = format!("{} may be optimised away", case.id);
            let place = (case.file.as_str(), case.line);
            console.line(annotation("warning", place, &title, explained(doubt)));
        }
    }
    for ratchet in report.runs.iter().filter_map(|run| run.ratchet.as_ref()) {
        for gone in &ratchet.gone {
            let title = format!("{} is gone", gone.id);
            let place = (ratchet.file.as_str(), gone.line as u32);
            console.line(annotation("error", place, &title, GONE));
        }
    }
    for paths in report.runs.iter().filter_map(|run| run.hot_paths.as_ref()) {
        let level = if paths.required { "error" } else { "warning" };
        for path in &paths.not_reached {
            let title = format!("{} is not reached", path.function);
            let place = (path.file.as_str(), path.line);
            console.line(annotation(level, place, &title, NOT_REACHED));
        }
    }
}

const GONE: &str = "It was blessed, and no case of this build has its id.";

const NOT_REACHED: &str = "No case and no test of this build has called this `#[hot]` function.";

fn explained(doubt: Elision) -> &'static str {
    match doubt {
        Elision::NoLongerThanEmptyLoop => {
            "A call takes no longer than a turn of an empty loop: it may be that nothing was timed."
        }
        Elision::TimeDoesNotGrow => {
            "Many calls take no longer than few: it may be that nothing was timed."
        }
    }
}

/// A workflow command that the runner shows in the changed files, and in the summary of the run.
fn annotation(level: &str, (file, line): (&str, u32), title: &str, message: &str) -> String {
    format!(
        "::{level} file={},line={line},title={}::{}",
        property(file),
        property(title),
        data(message.trim_end()),
    )
}

/// The text of a command, which ends with its line.
fn data(text: &str) -> String {
    plain(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property of it, which ends with a comma or a colon, too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Adds the table to the file that the runner shows as the summary of the job.
pub(crate) fn append_summary(console: &mut Console, report: &Report, file: &Path) {
    if let Err(error) = append(file, &summary(report)) {
        console.note(&format!(
            "the summary can't be written to {}: {error}",
            file.display()
        ));
    }
}

fn append(file: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(file)?;
    if file.metadata()?.len() + text.len() as u64 > MAX_SUMMARY {
        return Err(io::Error::other(
            "GitHub takes no more than 1 MiB of a step; `--shard` makes shorter ones",
        ));
    }
    file.write_all(text.as_bytes())
}

/// The table as Markdown, and below it what failed.
fn summary(report: &Report) -> String {
    // A list or a paragraph of an earlier step may stand right above.
    let mut text = "\n".to_owned();
    for run in &report.runs {
        text.push_str(&format!(
            "### {} of {}\n\n",
            code(&run.bench),
            code(&run.package)
        ));
    }
    if report.is_partial() {
        text.push_str("The run was interrupted: cases are missing.\n\n");
    }
    if report.cases.is_empty() {
        text.push_str("No case was run.\n");
        return text;
    }
    let (columns, rows) = table::figures_of(&report.cases);
    text.push_str("| case |");
    for column in &columns {
        text.push_str(&format!(" {} |", column.title));
    }
    text.push_str("\n| --- |");
    for column in &columns {
        text.push_str(match column.alignment {
            CellAlignment::Right => " ---: |",
            CellAlignment::Left | CellAlignment::Center => " --- |",
        });
    }
    for (case, row) in report.cases.iter().zip(rows) {
        text.push_str(&format!("\n| {}", code(&case.id)));
        if !row.below.is_empty() {
            let below: Vec<&str> = row.below.iter().map(|cell| &*cell.text).collect();
            text.push_str(&format!("<br>{}", code(&below.join(" "))));
        }
        text.push_str(" |");
        for cell in row.cells {
            let shown = cell.map(|cell| cell.text).unwrap_or_default();
            text.push_str(&format!(" {shown} |"));
        }
    }
    text.push('\n');
    for case in report.failures() {
        let message = case
            .failure
            .as_ref()
            .map(|failure| failure.message.trim_end());
        text.push_str(&format!(
            "\n<details><summary>{} failed</summary>\n\n<pre>\n{}\n</pre>\n\n</details>\n",
            code(&case.id),
            preformatted(message.unwrap_or_default()),
        ));
    }
    text
}

/// Code in a cell of a table. A span between backticks can't have every text: a `|` ends the cell, whatever it
/// stands in. So what may mean something to Markdown is written as an entity, which never does.
fn code(text: &str) -> String {
    let mut shown = String::from("<code>");
    for c in plain(text).chars() {
        match c {
            '\n' | '\t' => shown.push(' '),
            ':' | '/' | '.' | '-' | ',' | '=' => shown.push(c),
            _ if c.is_ascii_punctuation() => shown.push_str(&format!("&#{};", u32::from(c))),
            _ => shown.push(c),
        }
    }
    shown.push_str("</code>");
    shown
}

/// Text of several lines in HTML.
fn preformatted(text: &str) -> String {
    plain(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{annotation, code, preformatted};

    #[test]
    fn an_annotation_is_one_line_whatever_is_in_it() {
        assert_eq!(
            annotation(
                "error",
                ("src/a,b:c.rs", 7),
                "app::f/x:y, 100 %",
                "50 % of\r\n\x1b[1mtwo\x1b[0m: a, b\n"
            ),
            "::error file=src/a%2Cb%3Ac.rs,line=7,title=app%3A%3Af/x%3Ay%2C 100 %25::50 %25 of%0Atwo: a, b"
        );
    }

    #[test]
    fn an_id_stays_in_its_cell() {
        assert_eq!(
            code("a::b/x|y `z` <b> \\| *e*\n_"),
            "<code>a::b/x&#124;y &#96;z&#96; &#60;b&#62; &#92;&#124; &#42;e&#42; &#95;</code>"
        );
        assert_eq!(preformatted("</pre>\n&"), "&lt;/pre&gt;\n&amp;");
    }
}
