//! What an instrumented build is run with, for the profile that PGO goes by.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::error::VariantsError;
use super::setting::Variant;
use crate::child::time_for_sweeps;
use crate::child::{Answer, Child, Ended, Listed, Printing, Request, Response, deadline};
use crate::compare::CompareError;
use crate::compare::cargo::each_line;
use crate::compare::executable::Executable;
use crate::interrupt::Interrupt;
use crate::stop::Stop;
use hotbench_engine::engines::{Job, Turn};

/// The variable that says where an instrumented program writes its profile.
pub(super) const FILE: &str = "LLVM_PROFILE_FILE";
/// What a case's calls take together, so that each weighs as much as another.
const A_CASE: Duration = Duration::from_millis(500);
/// A batch that takes so long needs no longer one after it.
const BATCH: Duration = Duration::from_millis(20);

/// What runs.
pub(super) struct Trained<'a> {
    pub(super) executable: &'a Executable,
    pub(super) cases: &'a [Listed],
    /// Where Criterion may write.
    pub(super) home: &'a Path,
    /// Where profiles go, as LLVM's runtime has it.
    pub(super) profiles: OsString,
    /// Of one batch.
    pub(super) timeout: Duration,
    pub(super) interrupt: &'a Interrupt,
}

/// Has each case called for a while, in a process of its own: it writes its profile when it ends.
pub(super) fn by_cases(trained: &Trained<'_>) -> Result<(), Stop<VariantsError>> {
    for case in trained.cases {
        // One that fails trains nobody, and is told when it is measured.
        if let Some(Ended::Interrupted) = trained.run(case)? {
            return Err(interrupted());
        }
    }
    Ok(())
}

fn interrupted() -> Stop<VariantsError> {
    Stop::InterruptedWhile("training for PGO".to_owned())
}

impl Trained<'_> {
    /// Returns what has kept the case from its calls, if anything has.
    fn run(&self, case: &Listed) -> Result<Option<Ended>, Stop<VariantsError>> {
        let mut command = self.executable.command();
        command.env(FILE, &self.profiles);
        let mut child = Child::start(command, self.home, Printing::Kept)?;
        if let Some(ended) = child.greet(deadline(self.timeout), self.interrupt)? {
            return Ok(Some(ended));
        }
        let found_by = time_for_sweeps(Some(self.timeout)).and_then(deadline);
        if let Some(ended) = child.enter(case, &Job::LockStep, found_by, self.interrupt)? {
            return Ok(Some(ended));
        }
        let mut answer = child.hear(deadline(self.timeout), self.interrupt)?;
        let start = Instant::now();
        let mut batch = None::<Instant>;
        let mut calls = 1;
        loop {
            match answer {
                Answer::Message(Response::Ready { .. } | Response::Took(_)) => {}
                Answer::Message(_) => return Ok(None),
                Answer::Ended(ended) => return Ok(Some(ended)),
            }
            if start.elapsed() >= A_CASE {
                return Ok(None);
            }
            if batch.is_some_and(|batch| batch.elapsed() < BATCH) {
                calls *= 2;
            }
            batch = Some(Instant::now());
            let request = Request::Batch(Turn {
                calls,
                is_warmed: false,
            });
            answer = child.ask(&request, deadline(self.timeout), self.interrupt)?;
        }
    }
}

/// Runs a command of the user's, as he would in `folder`. What it says on standard error is kept in `said`.
pub(super) fn by_command(
    command: &str,
    folder: &Path,
    environment: Vec<(String, OsString)>,
    said: &Path,
    interrupt: &Interrupt,
) -> Result<(), Stop<VariantsError>> {
    let write = |error| VariantsError::from(CompareError::Write(said.to_owned(), error));
    let stderr = File::create(said).map_err(write)?;
    let shell = |error| VariantsError::Train {
        command: command.to_owned(),
        status: format!("`sh` can't be started: {error}"),
        output: String::new(),
    };
    let mut child = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .envs(environment)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(stderr)
        // So that what it starts can be ended with it.
        .process_group(0)
        .spawn()
        .map_err(shell)?;
    if !each_line(&mut child, interrupt, |_| {}).map_err(shell)? {
        return Err(interrupted());
    }
    let status = child.wait().map_err(shell)?;
    if interrupt.is_raised() {
        return Err(interrupted());
    }
    if status.success() {
        return Ok(());
    }
    Err(VariantsError::Train {
        command: command.to_owned(),
        status: format!("it ended with {status}"),
        output: fs::read_to_string(said).unwrap_or_default(),
    }
    .into())
}

/// What has a Cargo that the user's command starts build in the settings of the variant: `cargo run --release`, or
/// in the profile of the cases.
pub(super) fn profile_variables(variant: &Variant, profile: &str) -> Vec<(String, OsString)> {
    let upper = |text: &str| text.to_uppercase().replace('-', "_");
    let mut variables = Vec::new();
    for (key, value) in variant.settings.iter().filter_map(|one| one.in_profile()) {
        for profile in ["release", profile] {
            let name = format!("CARGO_PROFILE_{}_{}", upper(profile), upper(key));
            variables.push((name, value.trim_matches('"').into()));
        }
    }
    variables
}

/// Whether no process has left a profile.
pub(super) fn has_left_nothing(profiles: &Path) -> bool {
    let files = fs::read_dir(profiles).into_iter().flatten().flatten();
    let mut sizes = files.filter_map(|file| Some(file.metadata().ok()?.len()));
    sizes.all(|size| size == 0)
}

#[cfg(test)]
mod tests {
    use super::{Variant, has_left_nothing, profile_variables};
    use crate::variants::setting::Setting;

    #[test]
    fn a_command_that_starts_cargo_builds_in_the_same_settings() {
        let variant = Variant {
            settings: vec![Setting::FatLto, Setting::Cgu1, Setting::Pgo],
        };
        let variables = profile_variables(&variant, "my-own");
        let shown: Vec<String> = variables
            .iter()
            .map(|(name, value)| format!("{name}={}", value.display()))
            .collect();
        assert_eq!(
            shown,
            [
                "CARGO_PROFILE_RELEASE_LTO=fat",
                "CARGO_PROFILE_MY_OWN_LTO=fat",
                "CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1",
                "CARGO_PROFILE_MY_OWN_CODEGEN_UNITS=1",
            ]
        );
    }

    #[test]
    fn a_profile_that_is_empty_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(has_left_nothing(folder.path()));
        std::fs::write(folder.path().join("a.profraw"), "").expect("a file");
        assert!(has_left_nothing(folder.path()));
        std::fs::write(folder.path().join("b.profraw"), "x").expect("a file");
        assert!(!has_left_nothing(folder.path()));
    }
}
