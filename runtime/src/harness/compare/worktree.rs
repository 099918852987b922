//! The older version's tree: a git worktree, which is gone when the comparison ends.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use rustix::fs::{FlockOperation, flock};

use super::error::CompareError;

/// A revision, as git knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Commit {
    /// As the user has it.
    pub(crate) name: String,
    pub(crate) hash: String,
}

/// A checkout of a revision.
#[derive(Debug)]
pub(crate) struct Worktree {
    repository: PathBuf,
    path: PathBuf,
    /// Held as long as the tree is there: another comparison would take it away.
    _lock: File,
}

impl Commit {
    /// # Errors
    ///
    /// If there is no such revision in the repository of `folder`, or no repository.
    pub(crate) fn find(folder: &Path, name: &str) -> Result<Self, CompareError> {
        let revision = format!("{name}^{{commit}}");
        let found = git(
            folder,
            &[
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &revision,
            ],
        );
        match found {
            Ok(hash) => Ok(Self {
                name: name.to_owned(),
                hash,
            }),
            Err(CompareError::Git(message)) if message.is_empty() => {
                let is_shallow = git(folder, &["rev-parse", "--is-shallow-repository"]);
                Err(CompareError::UnknownRevision {
                    name: name.to_owned(),
                    is_shallow: is_shallow.is_ok_and(|answer| answer == "true"),
                })
            }
            Err(error) => Err(error),
        }
    }

    /// As git shows it where there is little room.
    pub(crate) fn short(&self) -> &str {
        self.hash.get(..9).unwrap_or(&self.hash)
    }
}

/// Has a folder, which is made if need be, for this process alone, as long as the file is open.
pub(crate) fn lock(home: &Path) -> Result<File, CompareError> {
    let write = |error| CompareError::Write(home.to_owned(), error);
    fs::create_dir_all(home).map_err(write)?;
    let lock = File::create(home.join("lock")).map_err(write)?;
    flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|error| match error {
        rustix::io::Errno::WOULDBLOCK => CompareError::Busy(home.to_owned()),
        error => write(error.into()),
    })?;
    Ok(lock)
}

impl Worktree {
    /// Checks `commit` out, with its submodules, under `home`, at the same place each time, so that what was
    /// built of it before is found again.
    pub(crate) fn check_out(
        folder: &Path,
        home: &Path,
        commit: &Commit,
    ) -> Result<Self, CompareError> {
        let lock = lock(home)?;
        let repository = git(folder, &["rev-parse", "--show-toplevel"])?.into();
        let worktree = Self {
            repository,
            path: home.join("tree"),
            _lock: lock,
        };
        // What a comparison has left that was killed.
        worktree.remove();
        let since = is_built_since(home, commit)?;
        let path = worktree.path.to_string_lossy().into_owned();
        git(
            &worktree.repository,
            &[
                "worktree",
                "add",
                "--quiet",
                "--force",
                "--detach",
                &path,
                &commit.hash,
            ],
        )?;
        if worktree.path.join(".gitmodules").exists() {
            git(
                &worktree.path,
                &["submodule", "--quiet", "update", "--init", "--recursive"],
            )
            .map_err(|error| CompareError::Submodules(Box::new(error)))?;
        }
        worktree.date(since)?;
        Ok(worktree)
    }

    /// Has all files look as if they were written `since` then. Git has written them just now, and Cargo goes by their
    /// times: what it has built of them since is not to be built again, and what it had built before is.
    fn date(&self, since: SystemTime) -> Result<(), CompareError> {
        let files = git(&self.path, &["ls-files", "-z", "--recurse-submodules"])?;
        for file in files.split('\0').filter(|file| !file.is_empty()) {
            let path = self.path.join(file);
            // What a link leads to may be the user's.
            if path.symlink_metadata().is_ok_and(|file| file.is_file()) {
                // What stays as it is is only built once more.
                let _ = File::open(path).and_then(|file| file.set_modified(since));
            }
        }
        Ok(())
    }

    /// Where in the tree is what `folder` is in the user's; none, if that is not of the repository.
    pub(crate) fn counterpart(&self, folder: &Path) -> Option<PathBuf> {
        // Cargo keeps the links of a path, git resolves them.
        let folder = folder.canonicalize().ok()?;
        let repository = self.repository.canonicalize().ok()?;
        let inside = folder.strip_prefix(repository).ok()?;
        Some(self.path.join(inside))
    }

    /// Makes its workspace, which is in `folder`, independent of the one above it, that of the user's tree, `of_user`:
    /// Cargo looks upward for a `[workspace]` where there is none. And where the repository has no lock file, the
    /// dependencies are those of the user's.
    pub(crate) fn stand_alone(&self, folder: &Path, of_user: &Path) -> Result<(), CompareError> {
        let manifest = folder.join("Cargo.toml");
        let write = |error| CompareError::Write(manifest.clone(), error);
        let inside = folder
            .ancestors()
            .take_while(|dir| dir.starts_with(&self.path));
        if !inside
            .map(|dir| dir.join("Cargo.toml"))
            .any(|file| is_workspace(&file))
        {
            let mut file = OpenOptions::new()
                .append(true)
                .open(&manifest)
                .map_err(write)?;
            file.write_all(b"\n[workspace]\n").map_err(write)?;
        }
        let [lock, of_user] = [folder, of_user].map(|folder| folder.join("Cargo.lock"));
        if !lock.exists() && of_user.exists() {
            fs::copy(of_user, lock).map_err(write)?;
        }
        Ok(())
    }

    /// Of all packages in it, those of submodules left out.
    pub(crate) fn manifests(&self) -> Result<Vec<PathBuf>, CompareError> {
        let files = git(&self.path, &["ls-files", "Cargo.toml", "**/Cargo.toml"])?;
        Ok(files.lines().map(|file| self.path.join(file)).collect())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Best effort: what stays is removed next time.
    fn remove(&self) {
        let path = self.path.to_string_lossy();
        // Fails where git has forgotten it.
        let _ = git(
            &self.repository,
            &["worktree", "remove", "--force", "--force", &path],
        );
        let _ = fs::remove_dir_all(&self.path);
        let _ = git(&self.repository, &["worktree", "prune"]);
    }
}

impl Drop for Worktree {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Since when nothing was built in `home` but of `commit`, as far as there are trees: as of now, if it was another.
fn is_built_since(home: &Path, commit: &Commit) -> Result<SystemTime, CompareError> {
    let last = home.join("commit");
    if !fs::read_to_string(&last).is_ok_and(|hash| hash == commit.hash) {
        fs::write(&last, &commit.hash).map_err(|error| CompareError::Write(last.clone(), error))?;
    }
    let written = fs::metadata(&last).and_then(|file| file.modified());
    written.map_err(|error| CompareError::Read(last, error))
}

fn is_workspace(manifest: &Path) -> bool {
    let text = fs::read_to_string(manifest).unwrap_or_default();
    text.parse::<toml_edit::DocumentMut>()
        .is_ok_and(|manifest| manifest.contains_key("workspace"))
}

/// What git says, without the line's end.
///
/// # Errors
///
/// [`CompareError::Git`] with what it says of its failure.
fn git(folder: &Path, arguments: &[&str]) -> Result<String, CompareError> {
    // Else it would be git that can't be started there.
    fs::read_dir(folder).map_err(|error| CompareError::Read(folder.to_owned(), error))?;
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        // Those of a hook that has called us would name another tree.
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .output()
        .map_err(CompareError::NoGit)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(CompareError::Git(text(&output.stderr)))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;
    use std::time::Duration;

    use super::{Commit, Worktree};
    use crate::harness::compare::error::CompareError;

    fn repository() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        run(dir.path(), &["init", "--quiet", "--initial-branch=main"]);
        std::fs::write(dir.path().join("file"), "old").expect("written");
        commit(dir.path(), "old");
        dir
    }

    fn commit(repository: &Path, message: &str) {
        run(repository, &["add", "file"]);
        run(
            repository,
            &["commit", "--quiet", &format!("--message={message}")],
        );
    }

    fn run(repository: &Path, arguments: &[&str]) {
        let status = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@b"])
            .args(arguments)
            .current_dir(repository)
            .status();
        assert!(status.expect("git").success(), "{arguments:?}");
    }

    #[test]
    fn a_tree_is_as_old_as_its_commit_was_the_last() {
        let dir = repository();
        let (repository, home) = (dir.path(), dir.path().join("target"));
        let written = |commit: &Commit| {
            let tree = Worktree::check_out(repository, &home, commit).expect("a worktree");
            let file = tree.path().join("file").metadata().expect("the file");
            let written = file.modified().expect("a time");
            // As precise as times of files are.
            std::thread::sleep(Duration::from_millis(20));
            written
        };
        let old = Commit::find(repository, "main").expect("a commit");
        let first = written(&old);
        assert_eq!(written(&old), first);
        std::fs::write(repository.join("file"), "new").expect("written");
        commit(repository, "new");
        let new = Commit::find(repository, "main").expect("a commit");
        let between = written(&new);
        let again = written(&old);
        assert!(first < between && between < again);
        assert_eq!(written(&old), again);
    }

    fn worktrees(repository: &Path) -> String {
        super::git(repository, &["worktree", "list"]).expect("git")
    }

    #[test]
    fn a_tree_is_there_as_long_as_it_is_needed_and_the_users_is_left_alone() {
        let dir = repository();
        let (repository, home) = (dir.path(), dir.path().join("target"));
        std::fs::write(repository.join("file"), "uncommitted").expect("written");
        let commit = Commit::find(repository, "main").expect("a commit");
        // Twice: as if the first had been killed.
        for _ in 0..2 {
            let tree = Worktree::check_out(repository, &home, &commit).expect("a worktree");
            let file = tree.counterpart(&repository.join("file")).expect("of it");
            assert_eq!(std::fs::read_to_string(file).expect("the file"), "old");
            let busy = Worktree::check_out(repository, &home, &commit);
            assert!(matches!(busy, Err(CompareError::Busy(_))), "{busy:?}");
        }
        assert_eq!(worktrees(repository).lines().count(), 1);
        let own = std::fs::read_to_string(repository.join("file"));
        assert_eq!(own.expect("the file"), "uncommitted");
    }

    #[test]
    fn a_link_to_the_repository_is_the_repository_and_what_is_elsewhere_is_none_of_it() {
        let dir = repository();
        let commit = Commit::find(dir.path(), "main").expect("a commit");
        let home = dir.path().join("target");
        let tree = Worktree::check_out(dir.path(), &home, &commit).expect("a worktree");
        let elsewhere = tempfile::tempdir().expect("a folder");
        let link = elsewhere.path().join("link");
        std::os::unix::fs::symlink(dir.path(), &link).expect("a link");
        assert_eq!(
            tree.counterpart(&link.join("file")),
            Some(tree.path().join("file"))
        );
        assert_eq!(tree.counterpart(elsewhere.path()), None);
    }

    #[test]
    fn an_unknown_revision_is_told_from_no_repository() {
        let dir = repository();
        let unknown = Commit::find(dir.path(), "no-such-branch");
        assert!(
            matches!(
                unknown,
                Err(CompareError::UnknownRevision {
                    is_shallow: false,
                    ..
                })
            ),
            "{unknown:?}"
        );
        let elsewhere = tempfile::tempdir().expect("a folder");
        let none = Commit::find(elsewhere.path(), "main");
        assert!(matches!(none, Err(CompareError::Git(_))), "{none:?}");
    }
}
