//! Where and of what a run was made: the machine, the compiler, the revision.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Build;
use crate::report::document::{Machine, Revision, Toolchain};
use hotbench_guard::executable;

pub(crate) fn machine() -> Machine {
    let uname = rustix::system::uname();
    Machine {
        cpu: cpu(),
        cores: std::thread::available_parallelism().map_or(1, Into::into),
        os: std::env::consts::OS.to_owned(),
        kernel: uname.release().to_str().ok().map(str::to_owned),
        governor: line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
    }
}

/// Linux alone tells it in a file.
fn cpu() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let field = |line: &str| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == "model name").then(|| value.trim().to_owned())
    };
    text.lines().find_map(field)
}

fn line(path: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// As the build script saw it.
pub(crate) fn toolchain() -> Toolchain {
    Toolchain {
        rustc: env!("HOTBENCH_RUSTC").to_owned(),
        target: env!("HOTBENCH_TARGET").to_owned(),
    }
}

/// What is checked out where the bench target's package is. Untracked files are not looked for, which takes
/// long in a large folder.
pub(crate) fn revision(build: &Build) -> Option<Revision> {
    let output = Command::new("git")
        .args([
            "status",
            "--porcelain=v2",
            "--branch",
            "--untracked-files=no",
        ])
        // Reads, and writes nothing, not even an index that is quicker to read.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .current_dir(build.package_directory())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    parse_status(&String::from_utf8_lossy(&output.stdout))
}

/// Where the source files are, if they are still there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    workspace: PathBuf,
    repository: PathBuf,
}

impl Sources {
    /// The nearest folder above the package that has a lock file, and the nearest above that which git has.
    pub(crate) fn of(build: &Build) -> Self {
        let above = |folder: &Path, name| {
            let found = folder.ancestors().find(|dir| dir.join(name).exists());
            found.map(Path::to_owned)
        };
        let Some(workspace) = above(&build.package_directory(), "Cargo.lock") else {
            return Self::default();
        };
        let repository = above(&workspace, ".git").unwrap_or_else(|| workspace.clone());
        Self {
            workspace,
            repository,
        }
    }

    /// Empty where it is not found.
    pub(crate) fn workspace(&self) -> &Path {
        &self.workspace
    }

    /// A file as `file!()` has it, relative to the workspace: relative to the repository, as those have it who
    /// show what is in one.
    pub(crate) fn shown(&self, file: &Path) -> PathBuf {
        // An absolute path, of a package outside the workspace, stays one.
        let file = path_clean::clean(self.workspace.join(file));
        let shown = file.strip_prefix(&self.repository).map(Path::to_owned);
        shown.unwrap_or(file)
    }
}

/// `git-status(1)`, "Porcelain Format Version 2": headers begin with `#`, files don't.
fn parse_status(status: &str) -> Option<Revision> {
    let commit = status
        .lines()
        .find_map(|line| line.strip_prefix("# branch.oid "))
        .filter(|commit| *commit != "(initial)")?;
    Some(Revision {
        commit: commit.to_owned(),
        dirty: status.lines().any(|line| !line.starts_with('#')),
    })
}

/// The profile by which Cargo named the folder of this executable, `target/PROFILE/deps/hot-…`.
pub(crate) fn profile(build: &Build) -> String {
    let executable = executable::path().unwrap_or_default();
    let deps = executable.parent();
    let named = deps
        .filter(|deps| deps.ends_with("deps"))
        .and_then(Path::parent)
        .and_then(Path::file_name)
        .and_then(|name| name.to_str());
    let guessed = if build.debug_assertions {
        "debug"
    } else {
        "release"
    };
    named.unwrap_or(guessed).to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Revision, Sources, parse_status};

    #[test]
    fn a_file_is_shown_as_the_repository_has_it() {
        let shown = |sources: &Sources, file: &str| {
            let shown = sources.shown(Path::new(file));
            shown.to_str().expect("UTF-8").to_owned()
        };
        let sources = Sources {
            workspace: "/r/rust".into(),
            repository: "/r".into(),
        };
        assert_eq!(shown(&sources, "app/src/lib.rs"), "rust/app/src/lib.rs");
        assert_eq!(
            shown(&sources, "app/benches/../src/main.rs"),
            "rust/app/src/main.rs"
        );
        // Of a package that another workspace has, in the same repository and in none.
        assert_eq!(shown(&sources, "/r/core/src/lib.rs"), "core/src/lib.rs");
        assert_eq!(
            shown(&sources, "/elsewhere/src/lib.rs"),
            "/elsewhere/src/lib.rs"
        );
        // Built elsewhere.
        assert_eq!(
            shown(&Sources::default(), "app/src/lib.rs"),
            "app/src/lib.rs"
        );
    }

    #[test]
    fn a_status_has_the_commit_and_what_differs_from_it() {
        let clean = "# branch.oid 0123abc\n# branch.head main\n";
        let revision = |dirty| {
            Some(Revision {
                commit: "0123abc".to_owned(),
                dirty,
            })
        };
        assert_eq!(parse_status(clean), revision(false));
        let changed = format!("{clean}1 .M N... 100644 100644 100644 a a src/lib.rs\n");
        assert_eq!(parse_status(&changed), revision(true));
        assert_eq!(parse_status("# branch.oid (initial)\n"), None);
        assert_eq!(parse_status(""), None);
    }
}
