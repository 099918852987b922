//! The forms of libtest, which people, nextest and IDEs read: the list, and the test run.

use std::time::Duration;

use super::console::{Console, Tone};
use super::measurement::{Failure, FailureKind, Measurement};
use super::progress::{Cut, Progress};
use hotbench_guard::text;

/// One line for each case: `id: benchmark`; and, for people, how many.
pub(crate) fn list<'a>(console: &mut Console, ids: impl Iterator<Item = &'a str>, terse: bool) {
    // Printed as one: line by line, 10,000 cases are as many calls of the system.
    let mut list = String::new();
    let mut count = 0;
    for id in ids {
        list.push_str(id);
        list.push_str(": benchmark\n");
        count += 1;
    }
    if !terse {
        list.push_str(&format!("\n0 tests, {count} benchmarks\n"));
    }
    console.print(&list);
}

/// How a test run is told.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Options {
    /// Failures alone.
    pub(crate) quiet: bool,
    /// How long each case took.
    pub(crate) time: bool,
    /// What cases that passed have printed.
    pub(crate) output: bool,
}

/// A test run, told as it goes.
pub(crate) struct TestReport<'a> {
    console: &'a mut Console,
    options: Options,
    filtered_out: usize,
    passed: usize,
    ignored: usize,
    failures: Vec<Measurement>,
    /// The ids of cases that passed, each with what it has printed.
    outputs: Vec<(String, String)>,
}

impl<'a> TestReport<'a> {
    pub(crate) fn new(
        console: &'a mut Console,
        cases: usize,
        filtered_out: usize,
        options: Options,
    ) -> Self {
        let tests = text::count(cases as u64, "test");
        console.line(format_args!("\nrunning {tests}"));
        Self {
            console,
            options,
            filtered_out,
            passed: 0,
            ignored: 0,
            failures: Vec::new(),
            outputs: Vec::new(),
        }
    }

    /// Prints what failed, and libtest's closing line. A run that has not come to its end is never `ok`.
    pub(crate) fn finish(self, elapsed: Duration, cut: Option<Cut>) {
        let console = self.console;
        if !self.outputs.is_empty() {
            console.line("\nsuccesses:");
            for (id, output) in &self.outputs {
                console.line(format_args!("\n---- {id} ----\n{}", output.trim_end()));
            }
        }
        print_failures(console, self.failures.iter());
        let result = match (self.failures.is_empty(), cut) {
            (true, None) => console.paint(Tone::Good, "ok"),
            (true, Some(Cut::Interrupted)) => console.paint(Tone::Bad, "INTERRUPTED"),
            (false, _) | (true, Some(Cut::Error)) => console.paint(Tone::Bad, "FAILED"),
        };
        console.line(format_args!(
            "\ntest result: {result}. {} passed; {} failed; {} ignored; 0 measured; {} \
             filtered out; finished in {:.2}s\n",
            self.passed,
            self.failures.len(),
            self.ignored,
            self.filtered_out,
            elapsed.as_secs_f64(),
        ));
    }
}

impl Progress for TestReport<'_> {
    /// Before the case runs, so that one that never ends is named.
    fn starts(&mut self, id: &str) {
        if !self.options.quiet {
            self.console.print(&format!("test {id} ... "));
        }
    }

    fn ignored(&mut self, id: &str) {
        self.ignored += 1;
        self.starts(id);
        if !self.options.quiet {
            let result = self.console.paint(Tone::Aside, "ignored");
            self.console.line(result);
        }
    }

    fn ended(&mut self, case: &Measurement, output: &str) {
        let mut result = if case.failure.is_none() {
            self.passed += 1;
            self.console.paint(Tone::Good, "ok")
        } else {
            self.failures.push(case.clone());
            self.console.paint(Tone::Bad, "FAILED")
        };
        if self.options.time {
            result.push_str(&format!(" <{:.3}s>", case.duration_s));
        }
        if self.options.output && case.failure.is_none() && !output.is_empty() {
            self.outputs.push((case.id.clone(), output.to_owned()));
        }
        if !self.options.quiet {
            self.console.line(result);
        } else if case.failure.is_some() {
            self.console
                .line(format_args!("test {} ... {result}", case.id));
        }
    }

    fn cut_short(&mut self, _: &str, cut: Cut) {
        if !self.options.quiet {
            let result = self.console.paint(Tone::Aside, &cut.to_string());
            self.console.line(result);
        }
    }
}

/// What each failed case said and printed, and then the list of their ids.
pub(crate) fn print_failures<'a>(
    console: &mut Console,
    failures: impl Iterator<Item = &'a Measurement> + Clone,
) {
    if failures.clone().next().is_none() {
        return;
    }
    console.line("\nfailures:");
    for case in failures.clone() {
        let Some(failure) = &case.failure else {
            continue;
        };
        console.line(format_args!("\n---- {} ----", case.id));
        print_failure(console, failure);
    }
    console.line("\nfailures:");
    for case in failures {
        console.line(format_args!("    {}", case.id));
    }
}

fn print_failure(console: &mut Console, failure: &Failure) {
    console.print(&failure_text(failure));
}

/// What a failed case said and printed, in whole lines.
pub(super) fn failure_text(failure: &Failure) -> String {
    let output = failure.output.trim_end();
    let message = failure.message.trim_end();
    let mut text = match failure.kind {
        // The standard hook has printed the message, with its place, if it was captured.
        FailureKind::Panicked if output.contains("panicked at") && output.contains(message) => {
            String::new()
        }
        FailureKind::Panicked => format!("panicked: {message}\n"),
        _ => format!("{message}\n"),
    };
    if !output.is_empty() {
        text.push_str(output);
        text.push('\n');
    }
    text
}

/// One line for each case, as libtest writes them into the file that `--logfile` names.
pub(crate) fn log(cases: &[Measurement], ignored: &[&str]) -> String {
    let ended = cases.iter().map(|case| {
        let result = if case.failure.is_none() {
            "ok"
        } else {
            "failed"
        };
        format!("{result} {}\n", case.id)
    });
    let ignored = ignored.iter().map(|id| format!("ignored {id}\n"));
    ended.chain(ignored).collect()
}
