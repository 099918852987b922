//! What is being measured, while it is: a bar on standard error, if that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};

pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(cases: usize, quiet: bool) -> Self {
        if quiet {
            return Self(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template("{bar:20} {pos}/{len}  {wide_msg}  {eta} left")
            .expect("the template is well-formed");
        Self(ProgressBar::new(cases as u64).with_style(style))
    }

    pub(crate) fn case(&self, id: &str) {
        self.0.set_message(id.to_owned());
    }

    pub(crate) fn advance(&self) {
        self.0.inc(1);
    }

    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
