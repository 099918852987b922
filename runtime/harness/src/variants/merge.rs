//! One profile of those that processes have left.

use std::path::Path;
use std::process::Command;

use super::error::VariantsError;
use hotbench_project::profdata::Profdata;

/// Merges all profiles in a folder. One that a process was killed over does no harm.
pub(super) fn merge(tool: &Profdata, profiles: &Path, merged: &Path) -> Result<(), VariantsError> {
    let failed = |said: String| VariantsError::Merge {
        tool: tool.path().to_owned(),
        said,
    };
    let mut command = Command::new(tool.path());
    command.args(["merge", "--failure-mode=all", "-o"]);
    let output = command.arg(merged).arg(profiles).output();
    let output = output.map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said.lines().find(|line| !line.trim().is_empty());
    Err(failed(
        first.map_or_else(|| output.status.to_string(), str::to_owned),
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use hotbench_project::profdata::Profdata;

    use super::merge;

    #[test]
    fn what_can_not_be_merged_is_told_in_the_words_of_the_tool() {
        let home = tempfile::tempdir().expect("a folder");
        let tool = home.path().join("tool");
        let said = "#!/bin/sh\n\
                    echo 'warning: a.profraw: raw profile version mismatch' >&2; echo more >&2; exit 1\n";
        fs::write(&tool, said).expect("a file");
        fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).expect("a mode");
        let error = merge(
            &Profdata::at(tool),
            home.path(),
            &home.path().join("merged"),
        );
        let error = error.expect_err("it fails").to_string();
        assert!(
            error.contains("warning: a.profraw: raw profile version mismatch"),
            "{error}"
        );
        assert!(!error.contains("more"), "{error}");
    }
}
