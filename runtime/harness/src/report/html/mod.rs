//! A run as one page that needs nothing besides: no network, no other file, no server.
//!
//! What is on it is worked out first, from the report alone ([`facts`], [`rows`], [`groups`], [`sweeps`]),
//! then drawn ([`charts`], over [`axis`]) and put into words and tags ([`page`], [`table`], [`figures`]).
//! `page.css` and `page.js` are put into it as they are.

mod axis;
mod charts;
mod facts;
mod figures;
mod groups;
mod page;
mod rows;
mod sweeps;
mod table;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::document::Report;
use super::history::History;

/// What the page is made from.
pub(crate) struct Content<'a> {
    pub(crate) report: &'a Report,
    /// Of the machine that has measured.
    pub(crate) history: &'a History,
    /// What there is besides of the case with this id.
    pub(crate) links: &'a dyn Fn(&str) -> Vec<Link>,
}

/// To a file beside the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) text: &'static str,
    pub(crate) href: String,
}

/// Writes the page into `folder`, whole or not at all, and returns its path.
///
/// # Errors
///
/// If it can't be written.
pub(crate) fn write(folder: &Path, content: &Content<'_>) -> io::Result<PathBuf> {
    let page = page::render(content).into_string();
    fs::create_dir_all(folder)?;
    let path = folder.join("index.html");
    let whole = folder.join(format!("index.html.{}", std::process::id()));
    fs::write(&whole, page)?;
    fs::rename(whole, &path)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::{Content, Link, page};
    use crate::report::document::Report;
    use crate::report::history::History;
    use crate::report::measurement::{Failure, FailureKind, Measurement};
    use crate::report::samples::{run, timed};

    fn rendered(cases: Vec<Measurement>) -> String {
        let report = Report::new(run(), cases);
        let link = |id: &str| Link {
            text: "Criterion",
            href: format!("criterion/{}/report/index.html", id.len()),
        };
        let content = Content {
            report: &report,
            history: &History::default(),
            links: &|id| vec![link(id)],
        };
        page::render(&content).into_string()
    }

    #[test]
    fn nothing_that_a_case_is_called_or_says_is_markup() {
        let mut case = timed("app::f/<script>\"'&", 100.0);
        case.group = Some("<i>".to_owned());
        let mut other = case.clone();
        other.id.push('2');
        let mut failed = case.clone();
        failed.id.push('3');
        failed.failure = Some(Failure {
            kind: FailureKind::Panicked,
            message: "<script>message".to_owned(),
            output: "<script>output".to_owned(),
        });
        let page = rendered(vec![case, other, failed]);
        assert_eq!(page.matches("<script>").count(), 1, "{page}");
        assert!(!page.contains("<i>"), "{page}");
        assert!(page.contains("&lt;script&gt;message"), "{page}");
    }

    #[test]
    fn the_page_asks_for_nothing_from_elsewhere() {
        let page = rendered(vec![timed("app::f/1", 100.0), timed("app::f/100", 9000.0)]);
        for outside in ["src=", "http://", "https://", "@import", "url("] {
            let found = page.replace("http://www.w3.org/2000/svg", "");
            assert!(!found.contains(outside), "{outside}");
        }
        assert!(page.contains("criterion/8/report/index.html"), "{page}");
    }
}
