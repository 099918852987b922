//! Where the harness writes: under `target/hotbench/`.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{FlockOperation, flock};
use serde::Deserialize;

use hotbench_guard::executable;
use hotbench_guard::reached::target_of;

/// Cargo's target directory. Where this executable is, is the answer in most cases: in the folder that Cargo has tagged.
/// With a build directory of its own, `build.build-dir`, Cargo keeps executables there, and has to be asked.
pub(crate) fn directory() -> PathBuf {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    let found = DIRECTORY.get_or_init(|| {
        let executable = executable::path().unwrap_or_default();
        let tagged = target_of(&executable).map(Path::to_owned);
        let told = Directories::told().and_then(|told| told.target_of(&executable));
        // Made absolute now: a case may change the working directory.
        told.or(tagged)
            .unwrap_or_else(|| std::path::absolute("target").unwrap_or_else(|_| "target".into()))
    });
    found.clone()
}

/// What Cargo says of where it writes.
#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Directories {
    #[serde(rename = "target_directory")]
    target: PathBuf,
    /// None before Cargo 1.91.
    #[serde(rename = "build_directory")]
    build: Option<PathBuf>,
}

impl Directories {
    /// Asks the Cargo that has started this executable, if one has.
    fn told() -> Option<Self> {
        let cargo = std::env::var_os("CARGO")?;
        let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR")?);
        if !may_have_build_directory(&package) {
            return None;
        }
        let output = Command::new(cargo)
            .args([
                "metadata",
                "--no-deps",
                "--offline",
                "--format-version",
                "1",
            ])
            .current_dir(package)
            .stdin(Stdio::null())
            .output()
            .ok()?;
        serde_json::from_slice(&output.stdout).ok()
    }

    /// The target directory of an executable in the build directory, if there are two. One that is elsewhere was built
    /// with a flag that Cargo does not know here, such as `--target-dir`.
    fn target_of(self, executable: &Path) -> Option<PathBuf> {
        let build = self.build.filter(|build| *build != self.target)?;
        executable.starts_with(&build).then_some(self.target)
    }
}

/// Whether Cargo's environment or configuration speaks of a build directory: to ask Cargo takes some 50 ms.
fn may_have_build_directory(package: &Path) -> bool {
    let is_set = std::env::var_os("CARGO_BUILD_BUILD_DIR").is_some();
    let folders = package.ancestors().map(|folder| folder.join(".cargo"));
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let mut files = folders
        .chain(home)
        .flat_map(|folder| ["config.toml", "config"].map(|name| folder.join(name)));
    is_set
        || files.any(|file| {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            text.contains("build-dir")
        })
}

/// An empty folder for Criterion's files of one run, removed at its end. No two runs share one, so
/// that none reads back what another has measured.
///
/// A file beside it, `NAME.lock`, is locked as long as the run goes on. The lock ends with the process, however that
/// ends, and holds in each container that shares the folder, as no number of a process does.
#[derive(Debug)]
pub(crate) struct Scratch {
    path: PathBuf,
    lock: PathBuf,
    /// Holds the lock.
    _locked: File,
}

const LOCK: &str = "lock";

impl Scratch {
    /// Makes the folder, and removes those of runs that were killed.
    ///
    /// # Errors
    ///
    /// If the folder can't be made in `target`.
    pub(crate) fn new(target: &Path, package: &str, bench: &str) -> io::Result<Self> {
        let folder = target.join("hotbench").join("criterion");
        std::fs::create_dir_all(&folder)?;
        // A run that starts at the same time would take a new lock for one that is left.
        let _alone = alone_in(&folder);
        sweep(&folder);
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = since_epoch.map_or(0, |time| time.as_nanos());
        let name = format!("{package}-{bench}-{}-{now}", std::process::id());
        let path = folder.join(&name);
        let lock = folder.join(format!("{name}.{LOCK}"));
        let locked = File::create_new(&lock)?;
        // On a file system without locks, nothing is swept either.
        let _ = flock(&locked, FlockOperation::NonBlockingLockExclusive);
        std::fs::create_dir(&path)?;
        Ok(Self {
            path,
            lock,
            _locked: locked,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.path, &self.lock);
    }
}

/// Waits until no other run changes what is in a folder, and lets none before this is dropped. A file system may have
/// no locks: then there is nothing to wait for.
pub(crate) fn alone_in(folder: &Path) -> Option<File> {
    let folder = File::open(folder).ok()?;
    flock(&folder, FlockOperation::LockExclusive).ok()?;
    Some(folder)
}

/// Removes the folders of runs whose process has ended, which nobody else did.
fn sweep(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let locks = entries.map(|entry| entry.path());
    for lock in locks.filter(|path| path.extension() == Some(LOCK.as_ref())) {
        let Ok(file) = File::open(&lock) else {
            continue;
        };
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
            remove(&lock.with_extension(""), &lock);
        }
    }
}

/// All that is of interest has been read; what can't be removed does no harm. The lock goes last, so that a later run
/// sweeps what is left.
fn remove(folder: &Path, lock: &Path) {
    let removed = std::fs::remove_dir_all(folder);
    if removed.is_ok() || removed.is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        let _ = std::fs::remove_file(lock);
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use rustix::fs::{FlockOperation, flock};

    use super::{Directories, Scratch};

    #[test]
    fn an_executable_in_a_build_directory_writes_into_the_target_directory() {
        let target_of = |build: Option<&str>, executable: &str| {
            let told = Directories {
                target: "/w/target".into(),
                build: build.map(Into::into),
            };
            told.target_of(executable.as_ref())
        };
        let target = Some("/w/target".into());
        assert_eq!(target_of(Some("/b"), "/b/release/deps/hot-1"), target);
        // Within the target directory, too.
        let inner = "/w/target/build";
        assert_eq!(
            target_of(Some(inner), "/w/target/build/release/deps/hot-1"),
            target
        );
        for (build, executable) in [
            (None, "/w/target/release/deps/hot-1"),
            (Some("/w/target"), "/w/target/release/deps/hot-1"),
            (Some("/b"), "/other/release/deps/hot-1"),
        ] {
            assert_eq!(target_of(build, executable), None, "{executable}");
        }
    }

    #[test]
    fn folders_of_killed_runs_are_swept_and_those_of_others_stay() {
        let target = tempfile::tempdir().expect("a folder");
        let criterion = target.path().join("hotbench/criterion");
        let running = Scratch::new(target.path(), "app", "hot").expect("a folder");
        // As a run that was killed leaves them, and one of another machine that shares the folder.
        for name in ["killed", "elsewhere"] {
            fs::create_dir_all(criterion.join(name).join("case")).expect("a folder");
            File::create(criterion.join(format!("{name}.lock"))).expect("a file");
        }
        // Of somebody else.
        fs::create_dir(criterion.join("unlocked")).expect("a folder");
        let elsewhere = File::open(criterion.join("elsewhere.lock")).expect("a file");
        flock(&elsewhere, FlockOperation::NonBlockingLockExclusive).expect("a lock");
        let second = Scratch::new(target.path(), "app", "hot").expect("a folder");
        let is_there = |name: &str| criterion.join(name).exists();
        assert!(!is_there("killed") && !is_there("killed.lock"));
        assert!(is_there("elsewhere") && is_there("elsewhere.lock") && is_there("unlocked"));
        assert!(running.path().exists() && second.path().exists());
        assert_ne!(running.path(), second.path());
        let paths = [running.path().to_owned(), running.lock.clone()];
        drop(running);
        assert!(paths.iter().all(|path| !path.exists()));
        assert!(second.path().exists());
    }
}
