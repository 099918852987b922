//! A run while it goes on: a bar on standard error, if that is a terminal.

use std::io::Write;

use indicatif::{ProgressBar, ProgressStyle};

use super::measurement::Measurement;

/// Who follows a run. For each case, in their order: it starts, and it ends or the run does; or it is ignored.
pub(crate) trait Progress {
    fn starts(&mut self, id: &str);
    fn ignored(&mut self, id: &str);
    /// `output` is what the case, and Criterion, have printed.
    fn ended(&mut self, case: &Measurement, output: &str);
    fn interrupted(&mut self);
}

pub(crate) struct Bar {
    bar: ProgressBar,
    verbose: bool,
}

impl Bar {
    /// With `verbose`, what is printed while a case is measured comes after it.
    pub(crate) fn new(cases: usize, quiet: bool, verbose: bool) -> Self {
        if quiet {
            let bar = ProgressBar::hidden();
            return Self { bar, verbose };
        }
        let style = ProgressStyle::with_template("{bar:20} {pos}/{len}  {wide_msg}  {eta} left")
            .expect("the template is well-formed");
        let bar = ProgressBar::new(cases as u64).with_style(style);
        Self { bar, verbose }
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
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

    fn interrupted(&mut self) {}
}
