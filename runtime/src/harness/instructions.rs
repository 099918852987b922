//! The instructions of a call, counted in a child of its own, which runs under Callgrind: one for all cases, for
//! starting it takes longer than most of them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::engine::CallgrindSettings;
use super::runner::{Runner, Stop};
use crate::harness::plan::Instance;
use crate::report::measurement::Measurement;

/// Under Callgrind a program is so many times slower, more or less.
const SLOWER: u32 = 50;
/// What the shortest batch is to take there, of which a case has six times the calls.
const BATCH: Duration = Duration::from_millis(50);
/// More calls make no count more exact.
const MOST_CALLS: u128 = 1_000;

/// How a process is started that runs under Callgrind.
#[derive(Debug, Clone)]
pub(super) struct Callgrind {
    /// Valgrind's.
    options: Vec<OsString>,
    prefix: PathBuf,
}

impl Callgrind {
    /// Its files go to `home`; with `caches`, these are simulated. None if there is no Valgrind.
    pub(super) fn find(home: &Path, caches: bool) -> Option<Self> {
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
    pub(super) fn command(&self, executable: &Path) -> Command {
        let mut command = Command::new("valgrind");
        command.args(&self.options).arg(executable);
        command
    }

    /// How a case is counted of which a call takes so long elsewhere.
    pub(super) fn settings(&self, call: Duration) -> CallgrindSettings {
        CallgrindSettings {
            calls: calls(call),
            prefix: self.prefix.clone(),
        }
    }
}

/// Why nothing is counted where there is no Valgrind.
pub(super) const NO_VALGRIND: &str = "\
instructions are not counted: there is no `valgrind`. Debian has it in the package `valgrind`, as most systems do";

pub(crate) struct Counter {
    runner: Runner,
    callgrind: Callgrind,
    /// What could not be counted, and why.
    refused: Vec<String>,
}

impl Counter {
    /// With `caches`, these are simulated.
    ///
    /// # Errors
    ///
    /// Why nothing is counted, if there is no Valgrind.
    pub(crate) fn new(runner: &Runner, caches: bool) -> Result<Self, String> {
        let callgrind = Callgrind::find(runner.home(), caches).ok_or(NO_VALGRIND)?;
        Ok(Self {
            runner: runner.under(callgrind.clone()),
            callgrind,
            refused: Vec::new(),
        })
    }

    /// Counts those of a case, of which a call takes so long elsewhere. A case that can't run here has not failed
    /// for that.
    pub(crate) fn count(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        call: Duration,
    ) -> Result<(), Stop> {
        let settings = self.callgrind.settings(call);
        let mut counted = self.runner.begin(instance);
        self.runner
            .count_instructions(instance, &mut counted, settings)?;
        measurement.instructions = counted.instructions;
        if let Some(failure) = counted.failure {
            self.refused.push(format!(
                "the instructions of `{}` are not counted: under Valgrind it failed: {}",
                instance.id,
                failure.summary()
            ));
        }
        Ok(())
    }

    /// What could not be counted, and why, a sentence each.
    pub(crate) fn refused(&self) -> &[String] {
        &self.refused
    }
}

pub(crate) fn has_valgrind() -> bool {
    let version = Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}

fn calls(call: Duration) -> u64 {
    let calls = BATCH.as_nanos() / (call * SLOWER).as_nanos().max(1);
    u64::try_from(calls.clamp(1, MOST_CALLS)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::calls;

    #[test]
    fn slow_calls_are_few() {
        assert_eq!(calls(Duration::from_nanos(10)), 1_000);
        assert_eq!(calls(Duration::from_micros(10)), 100);
        assert_eq!(calls(Duration::from_secs(1)), 1);
        assert_eq!(calls(Duration::ZERO), 1_000);
    }
}
