//! The one place of the program that prints: colours on a terminal alone, and a reader that has left is no error.

use std::io::{self, BufRead, ErrorKind, IsTerminal, Write};

use anstyle::{AnsiColor, Effects, Style};

pub(super) const PROBLEM: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
pub(super) const HINT: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);
pub(super) const GOOD: Style = AnsiColor::Green.on_default().effects(Effects::BOLD);
pub(super) const ADDED: Style = AnsiColor::Green.on_default();
pub(super) const REMOVED: Style = AnsiColor::Red.on_default();
pub(super) const PLACE: Style = AnsiColor::Cyan.on_default();
pub(super) const NAME: Style = Style::new().bold();

pub(super) fn painted(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Prints a line on standard output.
pub(super) fn print(line: &str) -> io::Result<()> {
    match writeln!(anstream::stdout(), "{line}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Prints a line on standard error. If that fails, there is nobody to tell.
pub(super) fn say(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Whether there is somebody to ask.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks, and takes a `y` for yes.
pub(super) fn ask(question: &str) -> io::Result<bool> {
    write!(anstream::stderr(), "{question} [y/N] ")?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
