//! How a worker runs under Callgrind.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use hotbench_engine::engines::CallgrindSettings;

use super::LinkError;

/// Under Callgrind a program is so many times slower, more or less.
const SLOWER: u32 = 50;
/// What the shortest batch is to take there, of which a case has six times the calls.
const BATCH: Duration = Duration::from_millis(50);
/// More calls make no count more exact.
const MOST_CALLS: u128 = 1_000;

/// How a process is started that runs under Callgrind.
#[derive(Debug, Clone)]
pub(crate) struct Callgrind {
    /// Valgrind's.
    options: Vec<OsString>,
    prefix: PathBuf,
}

impl Callgrind {
    /// Its files go to `home`; with `caches`, these are simulated. None if there is no Valgrind.
    pub(crate) fn find(home: &Path, caches: bool) -> Option<Self> {
        if !has_valgrind() {
            return None;
        }
        let prefix = home.join("callgrind");
        let mut file = OsString::from("--callgrind-out-file=");
        file.push(&prefix);
        // Valgrind puts the number of the process there.
        file.push(".%p");
        let caches = if caches { "yes" } else { "no" };
        let options = vec![
            "--tool=callgrind".into(),
            "--quiet".into(),
            "--instr-atstart=no".into(),
            format!("--cache-sim={caches}").into(),
            file,
        ];
        Some(Self { options, prefix })
    }

    /// What starts an executable under it.
    pub(crate) fn command(&self, executable: &Path) -> Command {
        let mut command = Command::new("valgrind");
        command.args(&self.options).arg(executable);
        command
    }

    /// How a case is counted of which a call takes so long elsewhere.
    pub(crate) fn settings(&self, call: Duration) -> CallgrindSettings {
        CallgrindSettings {
            calls: calls(call),
            prefix: self.prefix.clone(),
        }
    }
}

/// Why nothing is counted where there is no Valgrind.
pub(crate) const NO_VALGRIND: &str = "\
instructions are not counted: there is no `valgrind`. Debian has it in the package `valgrind`, as most systems do";

/// Why no worker is there to count, in Valgrind's words if it has any.
pub(crate) fn reason(error: &LinkError) -> String {
    let LinkError::Early(status, output) = error else {
        return error.to_string();
    };
    let lines: Vec<&str> = output.lines().filter_map(said).collect();
    // What it says first of that are its stacks.
    let is_of_memory = |line: &&str| line.contains("out of memory");
    let start = lines.iter().position(is_of_memory).unwrap_or(0);
    match &lines[start..] {
        [] => format!("Valgrind ends at once ({status}), and does not say why"),
        lines => {
            let lines = &lines[..lines.len().min(SAID)];
            format!("Valgrind does not start ({status}): {}", lines.join(" "))
        }
    }
}

/// So many lines of what Valgrind says are shown: of its memory it says a page.
const SAID: usize = 3;

/// What a line of Valgrind's says: not those of its inner state, `--PID-- …`, nor those on each file that it tried.
fn said(line: &str) -> Option<&str> {
    let line = match line.strip_prefix("==") {
        Some(rest) => rest.split_once("==").map_or(rest, |(_, said)| said),
        None if line.starts_with("--") => return None,
        None => line.strip_prefix("valgrind:").unwrap_or(line),
    };
    Some(line.trim()).filter(|line| !line.is_empty() && !line.starts_with("VG_("))
}

/// Whether there is a program of this name. Whether it works shows when it is started.
pub(crate) fn has_valgrind() -> bool {
    let version = Command::new("valgrind")
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    !version.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

fn calls(call: Duration) -> u64 {
    let calls = BATCH.as_nanos() / (call * SLOWER).as_nanos().max(1);
    u64::try_from(calls.clamp(1, MOST_CALLS)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::super::LinkError;
    use super::{calls, reason};

    #[test]
    fn the_reason_is_in_valgrinds_words() {
        let said = |output: &str| {
            let status = ExitStatus::from_raw(256);
            reason(&LinkError::Early(status, output.to_owned()))
        };
        assert_eq!(
            said(
                "==7== VG_(mkstemp): failed to create temp file: /x/y\nvalgrind: Startup or configuration error:\n\
                 valgrind:    Can't create client cmdline file in /x/y\nvalgrind: Unable to start up properly.  Giving up.\n"
            ),
            "Valgrind does not start (exit status: 1): Startup or configuration error: Can't create client cmdline file \
             in /x/y Unable to start up properly.  Giving up."
        );
        let page = "--7:0: aspacem <<<\nhost stacktrace:\n==7==    at 0x58020C4A: ??? (in /usr/x)\n==7== \n==7==     Valgrind's memory management: out of memory:\n\
                    ==7==        newSuperblock's request for 4194304 bytes failed.\n";
        assert!(said(page).ends_with(
            ": Valgrind's memory management: out of memory: newSuperblock's request for 4194304 bytes failed."
        ));
        assert!(said("").ends_with("does not say why"));
    }

    #[test]
    fn slow_calls_are_few() {
        assert_eq!(calls(Duration::from_nanos(10)), 1_000);
        assert_eq!(calls(Duration::from_micros(10)), 100);
        assert_eq!(calls(Duration::from_secs(1)), 1);
        assert_eq!(calls(Duration::ZERO), 1_000);
    }
}
