//! The one place that writes to the terminal.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};

/// Standard output and standard error, or what a test puts in their place.
///
/// A closed pipe is no failure of the run: who reads has read enough.
pub(crate) struct Console {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    colored_out: bool,
    colored_err: bool,
    /// The first error of standard output that is no closed pipe.
    failed: Option<io::Error>,
}

/// What a piece of text is, for those who see colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Bad,
    Aside,
}

impl Tone {
    fn style(self) -> Style {
        let color = match self {
            Self::Good => AnsiColor::Green,
            Self::Bad => AnsiColor::Red,
            Self::Aside => AnsiColor::Yellow,
        };
        color.on_default()
    }
}

impl Console {
    pub(crate) fn standard() -> Self {
        let mut console = Self {
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            colored_out: false,
            colored_err: false,
            failed: None,
        };
        console.set_color(None);
        console
    }

    /// Colours always or never; or else on a terminal, unless `NO_COLOR` is set.
    pub(crate) fn set_color(&mut self, always: Option<bool>) {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colored = |is_terminal| always.unwrap_or(is_terminal && !no_color);
        self.colored_out = colored(io::stdout().is_terminal());
        self.colored_err = colored(io::stderr().is_terminal());
    }

    /// The columns that there are for a line of standard output, if something limits them: `COLUMNS`, or the
    /// terminal.
    pub(crate) fn width(&self) -> Option<usize> {
        let said = std::env::var("COLUMNS").ok();
        said.and_then(|columns| columns.parse().ok()).or_else(|| {
            let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
            Some(size.ws_col.into()).filter(|&columns| columns > 0)
        })
    }

    /// Text for standard output.
    pub(crate) fn paint(&self, tone: Tone, text: &str) -> String {
        paint(self.colored_out, tone, text)
    }

    /// Prints to standard output as it is.
    pub(crate) fn print(&mut self, text: &str) {
        let written = self
            .out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush());
        if let Err(error) = written
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            self.failed.get_or_insert(error);
        }
    }

    /// Why something that was printed is not there, if so.
    pub(crate) fn failed(&mut self) -> Option<io::Error> {
        self.failed.take()
    }

    /// Prints a line to standard output.
    pub(crate) fn line(&mut self, line: impl Display) {
        self.print(&format!("{line}\n"));
    }

    /// Prints a remark to standard error.
    pub(crate) fn note(&mut self, text: &str) {
        let _ = writeln!(self.err, "note: {text}");
    }

    /// Prints to standard error what is likely to be a mistake.
    pub(crate) fn warning(&mut self, text: &str) {
        let title = paint(self.colored_err, Tone::Aside, "warning:");
        let _ = writeln!(self.err, "{title} {text}");
    }

    /// Prints why nothing was run to standard error.
    pub(crate) fn error(&mut self, error: &impl Display) {
        let title = paint(self.colored_err, Tone::Bad, "error:");
        let _ = writeln!(self.err, "{title} {error}");
    }
}

fn paint(colored: bool, tone: Tone, text: &str) -> String {
    if colored {
        let style = tone.style();
        format!("{style}{text}{style:#}")
    } else {
        text.to_owned()
    }
}
