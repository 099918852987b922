//! This program built anew, in two revisions of a repository, of which the newer has a function that has nothing to do
//! with the others.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hotbench_benches::as_harness;

/// In front of the function. Not a feature that the newer switches on, for that changes the names of all the others.
const LEFT_OUT: &str = "#[cfg(feature = \"unrelated\")]\n";
const FUNCTIONS: &str = "benches/comparison/functions.rs";

/// The revision without it, for `--compare`.
pub(crate) const OLDER: &str = "HEAD";

/// A copy of this repository in which the function is there, and in the last commit is not.
pub(crate) struct Repository {
    folder: PathBuf,
}

impl Repository {
    /// # Panics
    ///
    /// If it can't be made.
    pub(crate) fn make() -> Self {
        let benches = Path::new(env!("CARGO_MANIFEST_DIR"));
        let own = benches.parent().expect("the workspace");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rebuilt");
        let files = git(
            own,
            &[
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ],
        );
        for file in files.split_terminator('\0') {
            copy(&own.join(file), &folder.join(file));
        }
        let repository = Self { folder };
        git(&repository.folder, &["init", "--quiet"]);
        repository.commit();
        let functions = repository.folder.join(FUNCTIONS);
        let text = fs::read_to_string(&functions).expect("the functions");
        assert_eq!(text.matches(LEFT_OUT).count(), 1, "the function");
        fs::write(functions, text.replace(LEFT_OUT, "")).expect("the functions");
        repository
    }

    /// What this has is what this program is built of, so that it is the harness that compares the two.
    pub(crate) fn harness(&self) -> Command {
        let mut command = as_harness();
        command.env("CARGO_MANIFEST_DIR", self.folder.join("benches"));
        command
    }

    fn commit(&self) {
        let identity = ["user.name=benches", "user.email=benches@localhost"];
        let [name, email] = identity;
        git(&self.folder, &["add", "--all"]);
        let commit = ["commit", "--quiet", "--allow-empty", "--message", "older"];
        git(
            &self.folder,
            &[&["-c", name, "-c", email], &commit[..]].concat(),
        );
    }
}

/// If it has changed, so that Cargo builds no more than it must.
fn copy(from: &Path, to: &Path) {
    // It may have been removed, and not yet from the index.
    let Ok(bytes) = fs::read(from) else { return };
    if fs::read(to).is_ok_and(|old| old == bytes) {
        return;
    }
    fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
    fs::write(to, bytes).expect("a copy");
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output();
    let output = output.expect("git");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
