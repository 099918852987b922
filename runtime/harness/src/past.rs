//! The runs before this one, kept under `target/hotbench/`.

use std::path::Path;

use super::target;
use crate::report::console::Console;
use crate::report::document::Report;
use crate::report::history::{self, History};
use hotbench_guard::text;

/// Compares the run with the last one, and keeps it for the next. Returns all runs, this one the last.
pub(crate) fn remember(console: &mut Console, scratch: &Path, report: &mut Report) -> History {
    let folder = target::directory().join("hotbench");
    if !scratch.starts_with(&folder) {
        // It can't be written to, as has been said.
        return History::default();
    }
    let file = folder.join("history.jsonl");
    // Another run that ends at the same time may write the file anew.
    let _alone = target::alone_in(&folder);
    let mut history = match history::read(&file) {
        Ok(history) => history,
        Err(error) => {
            console.note(&format!("{} can't be read: {error}", file.display()));
            return History::default();
        }
    };
    if history.unread > 0 {
        let lines = text::count(history.unread as u64, "line");
        console.note(&format!(
            "{lines} of {} that no run of this version wrote whole: removed",
            file.display()
        ));
    }
    history::compare(report, &history);
    if let Err(error) = history::append(&file, report, &mut history) {
        console.note(&format!("{} can't be written to: {error}", file.display()));
    }
    history
}
