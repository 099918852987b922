//! This program built anew, in two revisions of a repository, of which the newer has a function that has nothing to do
//! with the others.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hotbench_benches::as_harness;

/// In front of the function. Not a feature that the newer switches on, for that changes the names of all the others.
const LEFT_OUT: &str = "#[cfg(feature = \"unrelated\")]\n";
const FUNCTIONS: &str = "benches/comparison/functions.rs";

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

    /// Has both revisions built, as `--compare` builds them, by a comparison of one case: the older executable, and the
    /// newer.
    ///
    /// # Panics
    ///
    /// If they can't be built.
    pub(crate) fn build(&self, aligned: bool) -> [PathBuf; 2] {
        // What this has is what this program is built of, so that it is the harness that compares the two.
        let mut harness = as_harness();
        harness
            .args([
                "--bench",
                "--allow-debug",
                "arithmetic",
                "--compare",
                "HEAD",
            ])
            .args((!aligned).then_some("--native-layout"))
            .env("CARGO_MANIFEST_DIR", self.folder.join("benches"));
        let status = harness.status().expect("the harness");
        assert!(status.success(), "{status}");
        ["old", "new"].map(|version| executable_in(&compared().join(version)))
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

/// Where `--compare` builds: in the target directory that this program is in.
fn compared() -> PathBuf {
    let this = std::env::current_exe().expect("this program");
    // Cargo tags a folder that it makes; of one that was there it notes the compiler.
    let is_cargos = |folder: &&Path| {
        let marks = ["CACHEDIR.TAG", ".rustc_info.json"];
        marks.iter().any(|mark| folder.join(mark).exists())
    };
    let target = this.ancestors().find(is_cargos);
    target.expect("Cargo's").join("hotbench/compare")
}

/// Of this bench target; the one that was built last.
fn executable_in(target: &Path) -> PathBuf {
    // In the profile of this program.
    let profile = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    let entries = fs::read_dir(target.join(profile).join("deps")).expect("what was built");
    let is_it = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("comparison-") && path.extension().is_none()
    };
    let paths = entries.flatten().map(|entry| entry.path()).filter(is_it);
    let written = |path: &PathBuf| fs::metadata(path).and_then(|file| file.modified()).ok();
    paths.max_by_key(written).expect("an executable")
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
