//! Runs git. The user's repository is only read; what is written goes into a repository of our own.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::error::CompareError;

/// These variables name a repository in the place of the one around the current folder. Git sets them for its hooks.
pub(super) const LOCATIONS: [&str; 11] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Asks about the user's repository, the one around `folder`. Returns the answer without the end of its last line.
///
/// # Errors
///
/// [`CompareError::Git`] with git's own words.
pub(super) fn ask(folder: &Path, arguments: &[&str]) -> Result<String, CompareError> {
    checked(&answer(folder, arguments)?, arguments)
}

/// The same, but an answer that is no success is left to the caller.
pub(super) fn answer(folder: &Path, arguments: &[&str]) -> Result<Output, CompareError> {
    let mut command = command(folder, arguments)?;
    // A partial clone fetches objects that it lacks, and keeps them.
    command.env("GIT_NO_LAZY_FETCH", "1");
    command.output().map_err(CompareError::NoGit)
}

/// Runs a command in a checkout of our own.
///
/// # Errors
///
/// [`CompareError::Git`] with git's own words.
pub(super) fn run(checkout: &Path, arguments: &[&str]) -> Result<String, CompareError> {
    let output = command(checkout, arguments)?
        .output()
        .map_err(CompareError::NoGit)?;
    checked(&output, arguments)
}

fn command(folder: &Path, arguments: &[&str]) -> Result<Command, CompareError> {
    // Else the error would be that git can't be started.
    fs::read_dir(folder).map_err(|error| CompareError::Read(folder.to_owned(), error))?;
    let mut command = Command::new("git");
    command
        .args([
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "core.fsmonitor=false",
        ])
        .args(arguments)
        .current_dir(folder)
        // Not even the index is refreshed.
        .env("GIT_OPTIONAL_LOCKS", "0")
        // Nobody is there to answer.
        .env("GIT_TERMINAL_PROMPT", "0");
    for name in LOCATIONS {
        command.env_remove(name);
    }
    Ok(command)
}

/// What a command has printed, if it was successful.
pub(super) fn checked(output: &Output, arguments: &[&str]) -> Result<String, CompareError> {
    if output.status.success() {
        let answer = String::from_utf8_lossy(&output.stdout);
        return Ok(answer.trim_end_matches('\n').to_owned());
    }
    let printed = [&output.stderr, &output.stdout].map(|bytes| String::from_utf8_lossy(bytes));
    let mut printed = printed.iter().map(|text| text.trim().to_owned());
    let printed = printed.find(|text| !text.is_empty());
    Err(CompareError::Git {
        command: arguments.join(" "),
        reason: printed.unwrap_or_else(|| format!("it printed nothing ({})", output.status)),
    })
}
