//! The forms of libtest, which people, nextest and IDEs read: the list, and the test run.

use std::time::Duration;

use super::console::{Console, Tone};
use super::measurement::Measurement;
use crate::harness::{ListFormat, Plan};
use crate::text;

/// One line for each case: `id: benchmark`.
pub(crate) fn list(console: &mut Console, plan: &Plan, format: ListFormat) {
    for (id, _) in &plan.cases {
        console.line(format_args!("{id}: benchmark"));
    }
    if format == ListFormat::Pretty {
        console.line(format_args!("\n0 tests, {} benchmarks", plan.cases.len()));
    }
}

/// A test run, told as it goes.
pub(crate) struct TestReport<'a> {
    console: &'a mut Console,
    quiet: bool,
    filtered_out: usize,
    passed: usize,
    failures: Vec<Measurement>,
}

impl<'a> TestReport<'a> {
    pub(crate) fn new(console: &'a mut Console, plan: &Plan, quiet: bool) -> Self {
        let tests = text::count(plan.cases.len() as u64, "test");
        console.line(format_args!("\nrunning {tests}"));
        Self {
            console,
            quiet,
            filtered_out: plan.filtered_out,
            passed: 0,
            failures: Vec::new(),
        }
    }

    pub(crate) fn case(&mut self, measurement: &Measurement) {
        let result = if measurement.failure.is_none() {
            self.passed += 1;
            self.console.paint(Tone::Good, "ok")
        } else {
            self.failures.push(measurement.clone());
            self.console.paint(Tone::Bad, "FAILED")
        };
        if !self.quiet || measurement.failure.is_some() {
            self.console
                .line(format_args!("test {} ... {result}", measurement.id));
        }
    }

    /// Prints what failed, and libtest's closing line. Returns whether all passed.
    pub(crate) fn finish(self, elapsed: Duration) -> bool {
        let console = self.console;
        print_failures(console, &self.failures);
        let passed = self.failures.is_empty();
        let result = if passed {
            console.paint(Tone::Good, "ok")
        } else {
            console.paint(Tone::Bad, "FAILED")
        };
        console.line(format_args!(
            "\ntest result: {result}. {} passed; {} failed; 0 ignored; 0 measured; {} filtered \
             out; finished in {:.2}s\n",
            self.passed,
            self.failures.len(),
            self.filtered_out,
            elapsed.as_secs_f64(),
        ));
        passed
    }
}

/// What each failed case said and printed, and then the list of their ids.
pub(crate) fn print_failures(console: &mut Console, failures: &[Measurement]) {
    if failures.is_empty() {
        return;
    }
    console.line("\nfailures:");
    for case in failures {
        let Some(failure) = &case.failure else {
            continue;
        };
        console.line(format_args!("\n---- {} ----", case.id));
        let output = failure.output.trim_end();
        // The panic's message stands in the output too, if that was captured.
        if !output.contains(failure.message.trim_start_matches("panicked: ")) {
            console.line(failure.message.trim_end());
        }
        if !output.is_empty() {
            console.line(output);
        }
    }
    console.line("\nfailures:");
    for case in failures {
        console.line(format_args!("    {}", case.id));
    }
}
