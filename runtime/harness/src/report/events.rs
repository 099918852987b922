//! The events of libtest, a line of JSON each, which IDEs and other tools read: `-Z unstable-options --format json`.

use std::time::Duration;

use serde_json::Value;

use super::console::Console;
use super::libtest::failure_text;
use super::measurement::Measurement;
use super::progress::{Cut, Progress};

/// A case of a list.
pub(crate) struct Discovered<'a> {
    pub(crate) id: &'a str,
    pub(crate) ignore: bool,
    pub(crate) file: &'a str,
    /// Of the function's name.
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) function: &'a str,
}

/// Prints a list of cases.
pub(crate) fn list<'a>(console: &mut Console, cases: impl Iterator<Item = Discovered<'a>>) {
    let mut text = "{ \"type\": \"suite\", \"event\": \"discovery\" }\n".to_owned();
    let (mut count, mut ignored) = (0, 0);
    for case in cases {
        count += 1;
        ignored += usize::from(case.ignore);
        let end = case.column as usize + case.function.chars().count();
        text.push_str(&format!(
            "{{ \"type\": \"benchmark\", \"event\": \"discovered\", \"name\": {}, \"ignore\": {}, \
             \"ignore_message\": \"\", \"source_path\": {}, \"start_line\": {line}, \"start_col\": {}, \
             \"end_line\": {line}, \"end_col\": {end} }}\n",
            quoted(case.id),
            case.ignore,
            quoted(case.file),
            case.column,
            line = case.line,
        ));
    }
    text.push_str(&format!(
        "{{ \"type\": \"suite\", \"event\": \"completed\", \"tests\": 0, \"benchmarks\": {count}, \
         \"total\": {count}, \"ignored\": {ignored} }}\n"
    ));
    console.print(&text);
}

/// A test run, event by event.
pub(crate) struct Events<'a> {
    console: &'a mut Console,
    options: Options,
    passed: usize,
    failed: usize,
    ignored: usize,
}

/// What the events of a run have besides.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    pub(crate) filtered_out: usize,
    /// What cases that passed have printed.
    pub(crate) output: bool,
    /// How long each case took.
    pub(crate) time: bool,
}

impl<'a> Events<'a> {
    pub(crate) fn new(console: &'a mut Console, cases: usize, options: Options) -> Self {
        console.line(format_args!(
            "{{ \"type\": \"suite\", \"event\": \"started\", \"test_count\": {cases} }}"
        ));
        Self {
            console,
            options,
            passed: 0,
            failed: 0,
            ignored: 0,
        }
    }

    pub(crate) fn finish(self, elapsed: Duration, cut: Option<Cut>) {
        let event = match self.failed == 0 && cut.is_none() {
            true => "ok",
            false => "failed",
        };
        self.console.line(format_args!(
            "{{ \"type\": \"suite\", \"event\": \"{event}\", \"passed\": {}, \"failed\": {}, \"ignored\": {}, \
             \"measured\": 0, \"filtered_out\": {}, \"exec_time\": {:?} }}",
            self.passed,
            self.failed,
            self.ignored,
            self.options.filtered_out,
            elapsed.as_secs_f64(),
        ));
    }

    fn test_ended(&mut self, id: &str, event: &str, took: Option<f64>, output: &str) {
        let mut line = format!(
            "{{ \"type\": \"test\", \"name\": {}, \"event\": \"{event}\"",
            quoted(id)
        );
        if let Some(seconds) = took {
            line.push_str(&format!(", \"exec_time\": {seconds:?}"));
        }
        if !output.is_empty() {
            line.push_str(&format!(", \"stdout\": {}", quoted(output)));
        }
        line.push_str(" }");
        self.console.line(line);
    }
}

impl Progress for Events<'_> {
    fn starts(&mut self, id: &str) {
        self.console.line(format_args!(
            "{{ \"type\": \"test\", \"event\": \"started\", \"name\": {} }}",
            quoted(id)
        ));
    }

    fn ignored(&mut self, id: &str) {
        self.ignored += 1;
        self.starts(id);
        self.test_ended(id, "ignored", None, "");
    }

    fn ended(&mut self, case: &Measurement, output: &str) {
        let took = self.options.time.then_some(case.duration_s);
        match &case.failure {
            Some(failure) => {
                self.failed += 1;
                self.test_ended(&case.id, "failed", took, &failure_text(failure));
            }
            None => {
                self.passed += 1;
                let output = if self.options.output { output } else { "" };
                self.test_ended(&case.id, "ok", took, output);
            }
        }
    }

    /// A reader that has seen it start waits for its end.
    fn cut_short(&mut self, id: &str, cut: Cut) {
        self.failed += 1;
        self.test_ended(id, "failed", None, &cut.to_string());
    }
}

/// As JSON has a text.
fn quoted(text: &str) -> Value {
    Value::from(text)
}
