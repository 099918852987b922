//! The page of a run, and Criterion's pages of its cases, under `target/hotbench/report/`. What can't be
//! written or shown is a note: the run has been made.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::file_name::file_name;
use super::target;
use crate::report::console::Console;
use crate::report::document::Report;
use crate::report::history::History;
use crate::report::html::{self, Content, Link};
use hotbench_engine::engines::{CRITERION_ID, CRITERION_REPORT};

/// The program that opens a file as the desktop has it.
const OPENER: &str = if cfg!(target_os = "macos") {
    "open"
} else {
    "xdg-open"
};
/// For so many tenths of a second, an opener is watched: one that has become the browser does not end.
const WATCHED: u32 = 20;

fn folder() -> PathBuf {
    target::directory().join("hotbench").join("report")
}

/// Writes the page of a run on this machine.
pub(super) fn write(console: &mut Console, report: &Report, history: &History, opens: bool) {
    make(console, report, history, &local_links, opens);
}

/// Shows the page of runs on other machines, whose history and other files are not here.
pub(super) fn open_merged(console: &mut Console, report: &Report) {
    let no_links = |_: &str| Vec::new();
    make(console, report, &History::default(), &no_links, true);
}

fn make(
    console: &mut Console,
    report: &Report,
    history: &History,
    links: &dyn Fn(&str) -> Vec<Link>,
    opens: bool,
) {
    let content = Content {
        report,
        history,
        links,
    };
    let folder = folder();
    match html::write(&folder, &content) {
        Ok(page) => {
            console.note(&format!("report: {}", page.display()));
            if opens && let Err(error) = open(&page) {
                console.note(&format!("the report can't be shown: `{OPENER}` {error}"));
            }
        }
        Err(error) => console.note(&format!(
            "the report can't be written to {}: {error}",
            folder.display()
        )),
    }
}

/// To what there is of the case besides, relative to the page.
fn local_links(id: &str) -> Vec<Link> {
    let name = file_name(id);
    let all = [
        ("Criterion", format!("criterion/{name}/report/index.html")),
        ("flamegraph", format!("../flamegraph/{name}.svg")),
    ];
    let folder = folder();
    all.into_iter()
        .filter(|(_, href)| folder.join(href).is_file())
        .map(|(text, href)| Link { text, href })
        .collect()
}

/// Moves Criterion's page of the case from where Criterion has written, `directory`, to where it stays. That
/// of an earlier run goes in any case. A page that can't be kept is not linked to, and all else is there.
pub(super) fn keep_criterion(directory: &Path, id: &str) {
    let kept = folder().join("criterion").join(file_name(id));
    let _ = fs::remove_dir_all(&kept);
    let written = directory.join(CRITERION_ID).join(CRITERION_REPORT);
    if written.is_dir() {
        let _ = move_named(&written, &kept, id);
    }
}

/// And gives it the case's name.
fn move_named(written: &Path, kept: &Path, id: &str) -> io::Result<()> {
    for entry in fs::read_dir(written)? {
        let path = entry?.path();
        if path.is_file() {
            let text = fs::read_to_string(&path)?;
            fs::write(&path, named(&text, id))?;
        }
    }
    fs::create_dir_all(kept)?;
    fs::rename(written, kept.join(CRITERION_REPORT))
}

/// Criterion's page, or one of its drawings, with the id in the place of the name that the case has there.
fn named(text: &str, id: &str) -> String {
    let id: String = id.chars().map(escaped).collect();
    let heading = format!("<h2 style=\"overflow-wrap: anywhere\">{id}</h2>");
    text.replace(&format!("<h2>{CRITERION_ID}</h2>"), &heading)
        .replace(&format!("<title>{CRITERION_ID} "), &format!("<title>{id} "))
        // The titles of drawings, the last with what it is that is drawn: `case:mean`.
        .replace(&format!(">\n{CRITERION_ID}\n"), &format!(">\n{id}\n"))
        .replace(&format!(">\n{CRITERION_ID}:"), &format!(">\n{id}:"))
}

fn escaped(c: char) -> String {
    match c {
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '&' => "&amp;".to_owned(),
        // Of those that XML has no way to write.
        '\0' => "\u{fffd}".to_owned(),
        c => c.to_string(),
    }
}

/// # Errors
///
/// Why it has not been opened, as the end of a sentence about the opener.
fn open(page: &Path) -> Result<(), String> {
    let mut opener = Command::new(OPENER)
        .arg(page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("can't be started: {error}"))?;
    for _ in 0..WATCHED {
        match opener.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("failed: {status}")),
            Ok(None) => thread::sleep(Duration::from_millis(100)),
            Err(error) => return Err(format!("can't be waited for: {error}")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_page_of_criterion_has_the_name_of_the_case() {
        let page = "<title>case - Criterion.rs</title><h2>case</h2><text>\ncase\n</text>\
                    <text>\ncase:mean\n</text>in case";
        assert_eq!(
            named(page, "app::f/<a&b>"),
            "<title>app::f/&lt;a&amp;b&gt; - Criterion.rs</title>\
             <h2 style=\"overflow-wrap: anywhere\">app::f/&lt;a&amp;b&gt;</h2>\
             <text>\napp::f/&lt;a&amp;b&gt;\n</text>\
             <text>\napp::f/&lt;a&amp;b&gt;:mean\n</text>in case"
        );
    }
}
