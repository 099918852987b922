//! What earlier runs found, a line of JSON each, the newest last.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::arrange;
use super::comparison::Change;
use super::document::{Report, Run, SCHEMA};
use super::measurement::Estimate;

/// Of a bench target, so many runs are kept.
const KEPT: usize = 50;
/// So many more are written before the file is made anew.
const SURPLUS: usize = 10;

/// One run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    schema: u32,
    pub(crate) run: Run,
    pub(crate) cases: Vec<Past>,
}

/// A case of it that was timed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Past {
    pub(crate) id: String,
    pub(crate) time_ns: Estimate,
}

impl Entry {
    /// The run of a report, if it timed anything.
    fn of(report: &Report) -> Option<Self> {
        let run = report.runs.first()?.clone();
        let past = |case: &_| {
            let time_ns = arrange::time(case)?;
            Some(Past {
                id: case.id.clone(),
                time_ns,
            })
        };
        let cases: Vec<Past> = report.cases.iter().filter_map(past).collect();
        (!cases.is_empty()).then_some(Self {
            schema: SCHEMA,
            run,
            cases,
        })
    }

    /// Whether both runs timed the same target, built and measured alike.
    fn is_like(&self, run: &Run) -> bool {
        let of = |run: &Run| {
            let Run {
                package,
                bench,
                profile,
                machine,
                ..
            } = run.clone();
            (package, bench, profile, machine.cpu, machine.cores)
        };
        of(&self.run) == of(run)
    }
}

/// The past, and how many lines of the file are none of it: cut off, or written by something else.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) entries: Vec<Entry>,
    pub(crate) unread: usize,
}

/// Reads the file, which need not be there.
///
/// # Errors
///
/// If it is there, and can't be read.
pub(crate) fn read(file: &Path) -> io::Result<History> {
    let text = match fs::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(History::default()),
        text => text?,
    };
    let mut history = History::default();
    for line in text.split(|&byte| byte == b'\n') {
        match serde_json::from_slice::<Entry>(line) {
            Ok(entry) if entry.schema == SCHEMA => history.entries.push(entry),
            _ if line.is_empty() => {}
            _ => history.unread += 1,
        }
    }
    Ok(history)
}

/// Says of each case how its time has changed since the last run that timed it, alike.
pub(crate) fn compare(report: &mut Report, history: &History) {
    let Some(run) = report.runs.first() else {
        return;
    };
    let mut last: HashMap<&str, (u64, Estimate)> = HashMap::new();
    for entry in history.entries.iter().filter(|entry| entry.is_like(run)) {
        for past in &entry.cases {
            last.insert(&past.id, (entry.run.started_at_unix_s, past.time_ns));
        }
    }
    for case in &mut report.cases {
        case.since_last = arrange::time(case)
            .zip(last.get(case.id.as_str()))
            .and_then(|(now, (started, last))| Change::between(*started, last, &now));
    }
}

/// What cases took in runs like this one, the oldest first: when each was started, and the time.
#[cfg(feature = "html")]
pub(crate) fn times<'a>(history: &'a History, run: &Run) -> HashMap<&'a str, Vec<(u64, Estimate)>> {
    let mut times: HashMap<&str, Vec<(u64, Estimate)>> = HashMap::new();
    for entry in history.entries.iter().filter(|entry| entry.is_like(run)) {
        for past in &entry.cases {
            let run = (entry.run.started_at_unix_s, past.time_ns);
            times.entry(&past.id).or_default().push(run);
        }
    }
    times
}

/// Adds the run. Those that are too old go, and what could not be read.
///
/// # Errors
///
/// If the file can't be written.
pub(crate) fn append(file: &Path, report: &Report, history: &mut History) -> io::Result<()> {
    let Some(entry) = Entry::of(report) else {
        return Ok(());
    };
    let of_target = |other: &Entry| {
        other.run.package == entry.run.package && other.run.bench == entry.run.bench
    };
    let before = history
        .entries
        .iter()
        .filter(|other| of_target(other))
        .count();
    let is_long = before >= KEPT + SURPLUS;
    if is_long {
        let mut surplus = before + 1 - KEPT;
        history.entries.retain(|other| {
            let goes = surplus > 0 && of_target(other);
            surplus -= usize::from(goes);
            !goes
        });
    }
    let mut text = String::new();
    let is_new = is_long || history.unread > 0;
    if is_new {
        for entry in &history.entries {
            push(&mut text, entry)?;
        }
    }
    push(&mut text, &entry)?;
    if is_new {
        // Whole, or not at all.
        let whole = file.with_extension(format!("jsonl.{}", std::process::id()));
        let written = fs::write(&whole, text).and_then(|()| fs::rename(&whole, file));
        if written.is_err() {
            // Part of it may be there.
            let _ = fs::remove_file(&whole);
        }
        written?;
    } else {
        let mut file = OpenOptions::new().create(true).append(true).open(file)?;
        // At once, for another bench target may end at the same time.
        file.write_all(text.as_bytes())?;
    }
    history.entries.push(entry);
    Ok(())
}

fn push(text: &mut String, entry: &Entry) -> io::Result<()> {
    text.push_str(&serde_json::to_string(entry)?);
    text.push('\n');
    Ok(())
}
