//! A run while it goes on: a bar on standard error, if that is a terminal.

use std::fmt;
use std::io::Write;

use indicatif::{ProgressBar, ProgressStyle};

use super::measurement::Measurement;

/// What ends a run before its last case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The user has had enough.
    Interrupted,
    /// The harness can't go on.
    Error,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupted => "interrupted",
            Self::Error => "stopped by an error",
        })
    }
}

/// Who follows a run. For each case, in their order: it starts, and it ends or the run does; or it is ignored.
pub(crate) trait Progress {
    fn starts(&mut self, id: &str);
    fn ignored(&mut self, id: &str);
    /// `output` is what the case, and Criterion, have printed.
    fn ended(&mut self, case: &Measurement, output: &str);
    /// The run ends before the case does.
    fn cut_short(&mut self, id: &str, cut: Cut);
    /// Says something of the case at hand before it ends.
    fn remark(&mut self, _: &str) {}
}

pub(crate) struct Bar {
    bar: ProgressBar,
    quiet: bool,
    verbose: bool,
}

impl Bar {
    /// With `verbose`, what is printed while a case is measured comes after it.
    pub(crate) fn new(cases: usize, quiet: bool, verbose: bool) -> Self {
        if quiet {
            let bar = ProgressBar::hidden();
            return Self {
                bar,
                quiet,
                verbose,
            };
        }
        let style = ProgressStyle::with_template("{bar:20} {pos}/{len}  {wide_msg}  {eta} left")
            .expect("the template is well-formed");
        let bar = ProgressBar::new(cases as u64).with_style(style);
        Self {
            bar,
            quiet,
            verbose,
        }
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// What is done before a run, step by step: on standard error, if that is a terminal.
pub(crate) struct Steps {
    spinner: ProgressBar,
    quiet: bool,
    title: String,
}

impl Steps {
    pub(crate) fn new(quiet: bool) -> Self {
        let style = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}")
            .expect("the template is well-formed");
        let spinner = match quiet {
            true => ProgressBar::hidden(),
            false => ProgressBar::new_spinner().with_style(style),
        };
        Self {
            spinner,
            quiet,
            title: String::new(),
        }
    }

    pub(crate) fn begin(&mut self, title: &str) {
        title.clone_into(&mut self.title);
        self.spinner.reset_elapsed();
        self.spinner.set_message(title.to_owned());
        self.spinner.tick();
    }

    pub(crate) fn detail(&mut self, detail: &str) {
        self.spinner
            .set_message(format!("{}: {detail}", self.title));
        self.spinner.tick();
    }

    /// What stays to be read of a step.
    pub(crate) fn end(&mut self, outcome: &str) {
        self.spinner.finish_and_clear();
        if !self.quiet {
            // Nobody reads it where it can't be written.
            let _ = writeln!(std::io::stderr(), "{outcome}");
        }
    }
}

impl Progress for Bar {
    fn starts(&mut self, id: &str) {
        self.bar.set_message(id.to_owned());
    }

    fn ignored(&mut self, _: &str) {}

    fn ended(&mut self, case: &Measurement, output: &str) {
        if self.verbose {
            self.bar.suspend(|| {
                // Nobody reads it where it can't be written.
                let _ = writeln!(std::io::stderr(), "{}\n{output}", case.id);
            });
        }
        self.bar.inc(1);
    }

    fn cut_short(&mut self, _: &str, _: Cut) {}

    fn remark(&mut self, remark: &str) {
        if !self.quiet {
            self.bar.suspend(|| {
                // Nobody reads it where it can't be written.
                let _ = writeln!(std::io::stderr(), "note: {remark}");
            });
        }
    }
}
