//! A folder in the user's cache that looks, from a repository upward, like the place where the user's repository is.
//!
//! The older version must not be checked out beneath the user's tree: Cargo looks for its configuration in all folders
//! above, and would find the newer version's. So the repository at `/home/user/src/app` is checked out at
//! `CACHE/hotbench/compare/KEY/home/user/src/app`. Each folder above it has links to what the real one has. Thus
//! `../helper`, a workspace, `.cargo/config.toml` and `rust-toolchain.toml` above the repository are found from the
//! checkout as they are found from the user's tree, in the same order.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::error::CompareError;
use crate::stable_hash::fnv_1a;

/// What Cargo, rustup and rustfmt look for in the folders above.
const LOOKED_FOR: [&str; 5] = [
    ".cargo",
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain",
    "rust-toolchain.toml",
];
/// In the folder of each mirror: held by the process that uses it.
const LOCK: &str = "lock";

/// The folders above a repository. They are removed with all that is in them when this is dropped.
#[derive(Debug)]
pub(super) struct Mirror {
    folder: PathBuf,
    repository: PathBuf,
    /// Of the user.
    original: PathBuf,
    _lock: File,
}

impl Mirror {
    /// Makes the folders above `repository`, whose path has no links. `owner` tells the mirrors of one user apart: it
    /// gets the same folder each time, so that Cargo finds again what it has built there.
    ///
    /// # Errors
    ///
    /// If no folder can be made outside the repository.
    pub(super) fn make(repository: &Path, owner: &Path) -> Result<Self, CompareError> {
        let home = home(repository)?;
        let name = repository.file_name().unwrap_or_default().to_string_lossy();
        let key = fnv_1a(owner.as_os_str().as_encoded_bytes());
        let folder = home.join(format!("{name}-{key:016x}"));
        sweep(&home, &folder);
        let write = |error| CompareError::Write(folder.clone(), error);
        let lock = claim(&folder).map_err(write)?;
        let mirror = Self {
            repository: folder.join(relative(repository)),
            original: repository.to_owned(),
            folder,
            _lock: lock,
        };
        // A comparison that was killed leaves its files.
        mirror.clear();
        mirror
            .fill()
            .map_err(|error| CompareError::Write(mirror.folder.clone(), error))?;
        Ok(mirror)
    }

    /// Where the repository is to be checked out: an empty folder.
    pub(super) fn repository(&self) -> &Path {
        &self.repository
    }

    /// The path of the mirror that stands for a path of the user's.
    pub(super) fn counterpart(&self, path: &Path) -> PathBuf {
        self.folder.join(relative(path))
    }

    /// The user's path, of a path outside the repository that was found from the mirror.
    pub(super) fn origin(&self, path: &Path) -> Option<PathBuf> {
        if path.starts_with(&self.repository) {
            return None;
        }
        let path = path.strip_prefix(&self.folder).ok()?;
        Some(Path::new("/").join(path))
    }

    fn fill(&self) -> io::Result<()> {
        let inside: Vec<&Path> = self.original.ancestors().collect();
        // From the root down.
        for pair in inside.windows(2).rev() {
            let &[next, above] = pair else { continue };
            self.link_all(above, next.file_name().unwrap_or_default())?;
        }
        fs::create_dir_all(&self.repository)
    }

    /// Makes the counterpart of a folder, with links to all that is in it, except `next`.
    fn link_all(&self, folder: &Path, next: &OsStr) -> io::Result<()> {
        let mirrored = self.counterpart(folder);
        fs::create_dir_all(&mirrored)?;
        // A folder that can't be listed may have files that can be read.
        let listed = fs::read_dir(folder).into_iter().flatten().flatten();
        let listed = listed.map(|entry| entry.file_name());
        for name in listed.chain(LOOKED_FOR.map(Into::into)) {
            let [from, to] = [folder, &mirrored].map(|folder| folder.join(&name));
            let is_there = || from.symlink_metadata().is_ok();
            if name == next || to.symlink_metadata().is_ok() || !is_there() {
                continue;
            }
            match name.to_str() {
                // Git would take the checkout for a part of that repository, and might write to its index.
                Some(".git") => {}
                // Cargo finds it above the cache, too. Found twice, its lists would be joined.
                Some(".cargo") if self.folder.starts_with(folder) || is_cargo_home(&from) => {}
                // Cargo may write to it.
                Some("Cargo.lock") => drop(fs::copy(&from, &to)?),
                _ => symlink(&from, &to)?,
            }
        }
        Ok(())
    }

    /// Best effort: what stays is removed next time.
    fn clear(&self) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            if entry.file_name() != LOCK {
                remove(&entry.path());
            }
        }
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        // Links are removed, and not followed.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn remove(path: &Path) {
    let is_folder = path.symlink_metadata().is_ok_and(|file| file.is_dir());
    let _ = match is_folder {
        true => fs::remove_dir_all(path),
        false => fs::remove_file(path),
    };
}

/// Has the folder for this process alone, as long as the file is open.
fn claim(folder: &Path) -> io::Result<File> {
    loop {
        fs::create_dir_all(folder)?;
        let path = folder.join(LOCK);
        let lock = File::create(&path)?;
        // Only a sweep can hold it, and that is soon over.
        flock(&lock, FlockOperation::LockExclusive)?;
        let id = lock.metadata()?.ino();
        // Unless it has been swept away meanwhile.
        if fs::metadata(&path).is_ok_and(|file| file.ino() == id) {
            return Ok(lock);
        }
    }
}

/// Removes the mirrors of comparisons that were killed: those that no process holds. Nothing else is in `home`.
fn sweep(home: &Path, except: &Path) {
    for entry in fs::read_dir(home).into_iter().flatten().flatten() {
        let folder = entry.path();
        let Ok(lock) = File::open(folder.join(LOCK)) else {
            continue;
        };
        let is_free = flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok();
        if is_free && folder != except {
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

/// The folder of all mirrors: in the user's cache, or else in Cargo's, or else where temporary files are. It is outside
/// the repository, and Cargo finds nothing in the folders above it that it would not find above the repository.
fn home(repository: &Path) -> Result<PathBuf, CompareError> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    let user = std::env::home_dir();
    let candidates = [
        variable("XDG_CACHE_HOME"),
        user.as_ref().map(|home| home.join(".cache")),
        cargo_home(),
        Some(std::env::temp_dir()),
    ];
    let mut refused = Vec::new();
    for candidate in candidates.into_iter().flatten() {
        if !candidate.is_absolute() {
            continue;
        }
        match usable(&candidate, repository) {
            Ok(home) => return Ok(home),
            Err(reason) => refused.push(format!("{} {reason}", candidate.display())),
        }
    }
    Err(CompareError::NoCache(refused.join("; ")))
}

/// The home of mirrors in a cache folder, or what is against it.
fn usable(cache: &Path, repository: &Path) -> Result<PathBuf, String> {
    let home = cache.join("hotbench").join("compare");
    let made = fs::create_dir_all(&home).and_then(|()| home.canonicalize());
    let home = made.map_err(|error| format!("can't be written to ({error})"))?;
    if home.starts_with(repository) {
        return Err("is inside the repository".to_owned());
    }
    let foreign = home.ancestors().filter(|dir| !repository.starts_with(dir));
    let found = foreign.flat_map(|dir| LOOKED_FOR.map(|name| dir.join(name)));
    match found
        .filter(|path| !is_cargo_home(path))
        .find(|path| path.exists())
    {
        Some(path) => Err(format!(
            "is below {}, which Cargo would read",
            path.display()
        )),
        None => Ok(home),
    }
}

fn cargo_home() -> Option<PathBuf> {
    let set = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    set.or_else(|| Some(std::env::home_dir()?.join(".cargo")))
}

/// Whether it is Cargo's own folder, whose configuration holds everywhere.
fn is_cargo_home(path: &Path) -> bool {
    let [home, path] = [cargo_home(), Some(path.to_owned())].map(|path| path?.canonicalize().ok());
    home.is_some() && home == path
}

/// An absolute path, from the root.
fn relative(path: &Path) -> PathBuf {
    let inside = |component: &Component<'_>| matches!(component, Component::Normal(_));
    path.components().filter(inside).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{LOCK, Mirror, claim, relative, sweep, usable};

    #[test]
    fn what_a_killed_comparison_has_left_is_swept_and_what_is_in_use_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = folder.path();
        let [own, used, left] = ["own", "used", "left"].map(|name| home.join(name));
        let _held = claim(&used).expect("a lock");
        for folder in [&own, &left] {
            drop(claim(folder).expect("a lock"));
        }
        fs::create_dir(home.join("foreign")).expect("made");
        sweep(home, &own);
        assert!(own.join(LOCK).exists() && used.join(LOCK).exists());
        assert!(!left.exists());
        // It is none of ours.
        assert!(home.join("foreign").exists());
    }

    #[test]
    fn a_cache_that_would_change_what_cargo_reads_is_not_used() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().canonicalize().expect("it is there");
        let repository = folder.join("home/repository");
        fs::create_dir_all(&repository).expect("made");
        assert!(usable(&folder.join("cache"), &repository).is_ok());
        let inside = usable(&repository.join("cache"), &repository);
        assert_eq!(inside, Err("is inside the repository".to_owned()));
        fs::create_dir(folder.join("cache/.cargo")).expect("made");
        let below = usable(&folder.join("cache"), &repository).expect_err("it is below");
        assert!(
            below.ends_with("cache/.cargo, which Cargo would read"),
            "{below}"
        );
        // It applies to both.
        fs::create_dir(folder.join(".cargo")).expect("made");
        assert!(usable(&folder.join("other"), &repository).is_ok());
        fs::write(folder.join("file"), "").expect("written");
        let file = usable(&folder.join("file"), &repository).expect_err("it is a file");
        assert!(file.starts_with("can't be written to ("), "{file}");
    }

    #[test]
    fn a_configuration_above_both_is_found_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().canonicalize().expect("it is there");
        let repository = folder.join("user/repository");
        for made in [
            &repository,
            &folder.join(".cargo"),
            &folder.join("user/.cargo"),
        ] {
            fs::create_dir_all(made).expect("made");
        }
        let cache = folder.join("cache/mirror");
        let mirror = Mirror {
            repository: cache.join(relative(&repository)),
            original: repository.clone(),
            folder: cache.clone(),
            _lock: claim(&cache).expect("a lock"),
        };
        mirror.fill().expect("filled");
        let mirrored = |path: &Path| mirror.counterpart(path).exists();
        assert!(!mirrored(&folder.join(".cargo")));
        assert!(mirrored(&folder.join("user/.cargo")));
        assert!(mirrored(&folder.join("cache")));
        let listed = fs::read_dir(mirror.repository()).expect("a folder");
        assert_eq!(listed.count(), 0);
    }
}
