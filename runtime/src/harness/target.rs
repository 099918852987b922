//! Where the harness writes: under `target/hotbench/`.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{FlockOperation, flock};

use crate::executable;
use crate::guard::reached::target_of;

/// Cargo's target directory: the folder above this executable that Cargo has tagged, or `target`.
pub(crate) fn directory() -> PathBuf {
    let executable = executable::path().unwrap_or_default();
    let tagged = target_of(&executable).map(Path::to_owned);
    // Made absolute now: a case may change the working directory.
    tagged.unwrap_or_else(|| std::path::absolute("target").unwrap_or_else(|_| "target".into()))
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

    use super::Scratch;

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
