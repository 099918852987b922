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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{KEPT, SURPLUS, append, compare, read};
    use crate::report::document::Report;
    use crate::report::samples::{report, timed};

    /// A file that is not there yet.
    fn file(name: &str) -> PathBuf {
        let file =
            std::env::temp_dir().join(format!("hotbench-{name}-{}.jsonl", std::process::id()));
        // There is none, but after a process of the same number.
        let _ = fs::remove_file(&file);
        file
    }

    fn run_of(bench: &str, started_at_unix_s: u64, time_ns: f64) -> Report {
        let mut report = report(vec![timed("app::f", time_ns)]);
        report.runs[0].bench = bench.to_owned();
        report.runs[0].started_at_unix_s = started_at_unix_s;
        report
    }

    #[test]
    fn a_time_is_compared_with_that_of_the_last_run_of_its_kind() {
        let file = file("last");
        let mut debug = run_of("hot", 3, 900.0);
        debug.runs[0].profile = "debug".to_owned();
        for run in [
            run_of("hot", 1, 100.0),
            run_of("hot", 2, 200.0),
            debug,
            run_of("other", 4, 900.0),
        ] {
            let mut history = read(&file).expect("read");
            append(&file, &run, &mut history).expect("written");
        }
        let mut now = run_of("hot", 5, 300.0);
        compare(&mut now, &read(&file).expect("read"));
        let change = now.cases[0].since_last.expect("a change");
        assert_eq!(change.started_at_unix_s, 2);
        assert!((change.relative.point - 0.5).abs() < 1e-12);
        fs::remove_file(file).expect("removed");
    }

    #[test]
    fn old_runs_of_a_target_go_and_those_of_others_stay() {
        let file = file("old");
        let mut history = read(&file).expect("read");
        append(&file, &run_of("other", 0, 1.0), &mut history).expect("written");
        let runs = (KEPT + SURPLUS) as u64;
        for started in 1..=runs {
            append(&file, &run_of("hot", started, 1.0), &mut history).expect("written");
        }
        let lines = |file| fs::read_to_string(file).expect("text").lines().count();
        assert_eq!(lines(&file), 1 + KEPT + SURPLUS);
        append(&file, &run_of("hot", runs + 1, 1.0), &mut history).expect("written");
        assert_eq!(lines(&file), 1 + KEPT);
        let kept = read(&file).expect("read").entries;
        let started: Vec<u64> = kept.iter().map(|it| it.run.started_at_unix_s).collect();
        assert_eq!(started[0], 0);
        assert_eq!(
            started[1..],
            ((runs + 2 - KEPT as u64)..=runs + 1).collect::<Vec<_>>()
        );
        fs::remove_file(file).expect("removed");
    }

    #[test]
    fn a_run_that_timed_nothing_is_no_past() {
        let file = file("nothing");
        let nothing = report(Vec::new());
        append(&file, &nothing, &mut read(&file).expect("read")).expect("nothing to write");
        assert!(!file.exists());
    }
}
