//! The older version's tree: a repository of its own in a [`Mirror`], which borrows the objects of the user's.
//!
//! A worktree of the user's repository would be written down there, and so would what git fetches and configures for
//! its submodules. `git archive` leaves out what has the attribute `export-ignore`, and build scripts that ask git for
//! a version would find no repository.

use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{FlockOperation, flock};

use super::error::CompareError;
use super::git;
use super::mirror::Mirror;

/// A revision, as git knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Commit {
    /// As the user has it.
    pub(crate) name: String,
    pub(crate) hash: String,
}

/// A checkout of a revision, which is gone when the comparison ends.
#[derive(Debug)]
pub(crate) struct Checkout {
    mirror: Mirror,
    /// The working tree of the user's repository, without links in its path.
    original: PathBuf,
    /// What is missing in it, a sentence each.
    remarks: Vec<String>,
    /// Held as long as the tree is there: another comparison would take it away.
    _lock: File,
}

/// A repository of the user's: the one that is compared, or one of its submodules.
struct Source {
    /// Its working tree. A submodule may have none where the newer version has it no more.
    tree: Option<PathBuf>,
    /// Its own folder, and the one that it shares with its other worktrees.
    own: PathBuf,
    common: PathBuf,
}

/// A commit that a tree has in the place of a folder.
struct Submodule {
    path: String,
    name: String,
    hash: String,
}

impl Commit {
    /// # Errors
    ///
    /// If there is no such revision in the repository of `folder`, or no repository.
    pub(crate) fn find(folder: &Path, name: &str) -> Result<Self, CompareError> {
        let revision = format!("{name}^{{commit}}");
        let arguments = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &revision,
        ];
        let output = git::answer(folder, &arguments)?;
        // It prints nothing about a name that it does not know.
        if !output.status.success() && output.stderr.is_empty() {
            let is_shallow = git::ask(folder, &["rev-parse", "--is-shallow-repository"]);
            return Err(CompareError::UnknownRevision {
                name: name.to_owned(),
                is_shallow: is_shallow.is_ok_and(|answer| answer == "true"),
            });
        }
        Ok(Self {
            name: name.to_owned(),
            hash: git::checked(&output, &arguments)?,
        })
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
    let mut tries = 0;
    loop {
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(lock),
            // A process that was just being started may have the file open until it runs its own program.
            Err(rustix::io::Errno::WOULDBLOCK) if tries < 10 => {
                tries += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(CompareError::Busy(home.to_owned())),
            Err(error) => return Err(write(error.into())),
        }
    }
}

impl Checkout {
    /// Checks `commit` out, with the submodules that the user has, at the same place each time, so that what was built
    /// of it before, in `home`, is found again. `folder` is in the user's repository.
    pub(crate) fn make(folder: &Path, home: &Path, commit: &Commit) -> Result<Self, CompareError> {
        let lock = lock(home)?;
        let source = Source::of(folder)?;
        let tree = source.tree.as_deref().unwrap_or(folder);
        let read = |error| CompareError::Read(tree.to_owned(), error);
        let original = tree.canonicalize().map_err(read)?;
        let mut checkout = Self {
            mirror: Mirror::make(&original, home)?,
            original,
            remarks: Vec::new(),
            _lock: lock,
        };
        let since = is_built_since(home, commit)?;
        let path = checkout.path().to_owned();
        checkout.fill(&path, &source, &commit.hash, since)?;
        Ok(checkout)
    }

    pub(crate) fn path(&self) -> &Path {
        self.mirror.repository()
    }

    /// The user's tree, without links in its path.
    pub(crate) fn original(&self) -> &Path {
        &self.original
    }

    /// What the user's `folder` is to the older version: a folder of the checkout, or one that leads above it to where
    /// the user's leads.
    pub(crate) fn counterpart(&self, folder: &Path) -> Option<PathBuf> {
        // Cargo keeps the links of a path, git resolves them.
        let folder = folder.canonicalize().ok()?;
        let is_above = self.original.starts_with(&folder);
        (is_above || folder.starts_with(&self.original)).then(|| self.mirror.counterpart(&folder))
    }

    /// The user's path of something outside the repository, which both versions have.
    pub(crate) fn origin(&self, path: &Path) -> Option<PathBuf> {
        self.mirror.origin(path)
    }

    /// What is missing in it, a sentence each.
    pub(crate) fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// Where the repository has no lock file, the dependencies are those of the user's.
    pub(crate) fn lock_dependencies(
        &self,
        folder: &Path,
        of_user: &Path,
    ) -> Result<(), CompareError> {
        let [lock, of_user] = [folder, of_user].map(|folder| folder.join("Cargo.lock"));
        if !lock.exists() && of_user.exists() {
            fs::copy(of_user, &lock).map_err(|error| CompareError::Write(lock, error))?;
        }
        Ok(())
    }

    /// The manifests of all packages in it, those of submodules left out.
    pub(crate) fn manifests(&self) -> Result<Vec<PathBuf>, CompareError> {
        let files = git::run(
            self.path(),
            &["ls-files", "-z", "Cargo.toml", "**/Cargo.toml"],
        )?;
        let files = files.split('\0').filter(|file| !file.is_empty());
        Ok(files.map(|file| self.path().join(file)).collect())
    }

    /// Makes a repository in `tree`, and has the files of a commit there, with those of its submodules.
    fn fill(
        &mut self,
        tree: &Path,
        source: &Source,
        hash: &str,
        since: SystemTime,
    ) -> Result<(), CompareError> {
        source
            .lend(tree, hash)
            .map_err(|error| CompareError::Write(tree.to_owned(), error))?;
        git::run(tree, &["reset", "--hard", "--quiet", hash])?;
        let files = git::run(tree, &["ls-files", "-z"])?;
        date(tree, &files, since);
        for submodule in submodules(tree)? {
            let Some(module) = source.submodule(&submodule) else {
                // The user's own tree is without it.
                continue;
            };
            let Submodule { path, hash, .. } = &submodule;
            let inside = tree.join(path);
            if let Err(error) = self.fill(&inside, &module, hash, since) {
                let _ = fs::remove_dir_all(&inside);
                self.remarks.push(format!(
                    "the submodule `{path}` of the older version is left empty, for its commit {} is not in your clone \
                     of it; `git -C {path} fetch` may bring it: {error}",
                    hash.get(..9).unwrap_or(hash)
                ));
            }
        }
        Ok(())
    }
}

impl Source {
    /// The repository around `folder`.
    fn of(folder: &Path) -> Result<Self, CompareError> {
        let tree = PathBuf::from(git::ask(folder, &["rev-parse", "--show-toplevel"])?);
        let own = git::ask(&tree, &["rev-parse", "--git-dir"])?;
        let common = git::ask(&tree, &["rev-parse", "--git-common-dir"])?;
        let [own, common] = [own, common].map(|path| tree.join(path));
        Ok(Self {
            tree: Some(tree),
            own,
            common,
        })
    }

    /// The user's clone of a submodule, if it is initialised.
    fn submodule(&self, submodule: &Submodule) -> Option<Self> {
        let tree = self.tree.as_ref().map(|tree| tree.join(&submodule.path));
        if let Some(tree) = tree.filter(|tree| tree.join(".git").exists()) {
            return Self::of(&tree).ok();
        }
        // The newer version may have it elsewhere, or no more.
        let config = self.common.join("config");
        let key = format!("submodule.{}.url", submodule.name);
        let file = config.to_string_lossy();
        git::ask(&self.common, &["config", "--file", &file, "--get", &key]).ok()?;
        let own = self.own.join("modules").join(&submodule.name);
        own.join("objects").is_dir().then(|| Self {
            tree: None,
            common: own.clone(),
            own,
        })
    }

    /// Makes a repository in `tree` that has the objects, the references and the configuration of this one, and is at
    /// a commit. Its files are written by hand: a clone would fetch from a shallow repository, and would know nothing
    /// of filters, of a partial clone's remote or of a commit that no branch has.
    fn lend(&self, tree: &Path, hash: &str) -> io::Result<()> {
        let git = tree.join(".git");
        for folder in ["info", "objects/info", "refs"] {
            fs::create_dir_all(git.join(folder))?;
        }
        let objects = self.common.join("objects").canonicalize()?;
        // Cargo reads it, too, and knows no quotes there.
        let alternates = [objects.as_os_str().as_bytes(), b"\n"].concat();
        fs::write(git.join("objects/info/alternates"), alternates)?;
        fs::write(git.join("HEAD"), format!("{hash}\n"))?;
        fs::write(git.join("packed-refs"), self.references())?;
        fs::write(git.join("config"), self.configuration(tree, hash)?)?;
        let borrowed = [
            (&self.common, "shallow"),
            (&self.common, "info/attributes"),
            (&self.own, "info/sparse-checkout"),
        ];
        for (from, file) in borrowed {
            let from = from.join(file);
            if from.exists() {
                fs::copy(from, git.join(file))?;
            }
        }
        Ok(())
    }

    /// For build scripts that ask for the latest tag; without them there is none.
    fn references(&self) -> String {
        let own = self.own.to_string_lossy();
        // In a submodule's repository git would go to its tree, which may be gone.
        let folder = [&*format!("--git-dir={own}"), &*format!("--work-tree={own}")];
        let format = "--format=%(objectname) %(refname)";
        let kinds = ["refs/heads", "refs/tags", "refs/replace"];
        let arguments = [&folder[..], &["for-each-ref", format], &kinds[..]].concat();
        let references = git::ask(&self.own, &arguments).unwrap_or_default();
        references + "\n"
    }

    /// The user's own, without what would run a program or name another tree.
    fn configuration(&self, tree: &Path, hash: &str) -> io::Result<String> {
        let users = self.common.join("config").canonicalize()?;
        let (users, tree) = (quoted(&users), quoted(tree));
        let setting = |name: &str| {
            let found = self
                .tree
                .as_ref()
                .map(|tree| git::ask(tree, &["config", "--type=bool", "--get", name]));
            found.is_some_and(|found| found.is_ok_and(|value| value == "true"))
        };
        let is_sparse = setting("core.sparseCheckout");
        let is_cone = setting("core.sparseCheckoutCone");
        // The names of SHA-256 are longer.
        let format = match hash.len() {
            64 => "\trepositoryFormatVersion = 1\n[extensions]\n\tobjectFormat = sha256\n",
            _ => "\trepositoryFormatVersion = 0\n",
        };
        Ok(format!(
            "[include]\n\tpath = {users}\n\
             [core]\n\tbare = false\n\tworktree = {tree}\n\thooksPath = /dev/null\n\tfsmonitor = false\n\
             \tuntrackedCache = false\n\tsparseCheckout = {is_sparse}\n\tsparseCheckoutCone = {is_cone}\n\
             [submodule]\n\trecurse = false\n\
             [gc]\n\tauto = 0\n\
             [maintenance]\n\tauto = false\n\
             [core]\n{format}"
        ))
    }
}

/// As git reads a path in its configuration, whatever is in it.
fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    let escaped = path.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace('\n', "\\n"))
}

/// Those of a checkout, the ones that it has a name for.
fn submodules(tree: &Path) -> Result<Vec<Submodule>, CompareError> {
    let declared = tree.join(".gitmodules");
    if !declared.exists() {
        return Ok(Vec::new());
    }
    let pattern = r"^submodule\..*\.path$";
    let file = declared.to_string_lossy();
    let arguments = ["config", "--file", &file, "-z", "--get-regexp", pattern];
    // There may be none.
    let paths = git::run(tree, &arguments).unwrap_or_default();
    let named: Vec<(&str, &str)> = paths
        .split('\0')
        .filter_map(|entry| {
            let (key, path) = entry.split_once('\n')?;
            let name = key.strip_prefix("submodule.")?.strip_suffix(".path")?;
            Some((name, path))
        })
        .collect();
    let entries = git::run(tree, &["ls-files", "--stage", "-z"])?;
    let links = entries.split('\0').filter_map(|entry| {
        let (fields, path) = entry.split_once('\t')?;
        let hash = fields.strip_prefix("160000 ")?.split(' ').next()?;
        let (name, _) = named.iter().find(|(_, declared)| *declared == path)?;
        Some(Submodule {
            path: path.to_owned(),
            name: (*name).to_owned(),
            hash: hash.to_owned(),
        })
    });
    Ok(links.collect())
}

/// Has all files look as if they were written `since` then. Git has written them just now, and Cargo goes by their
/// times: what it has built of them since is not to be built again, and what it had built before is.
fn date(tree: &Path, files: &str, since: SystemTime) {
    for file in files.split('\0').filter(|file| !file.is_empty()) {
        let path = tree.join(file);
        // What a link leads to may be the user's.
        if path.symlink_metadata().is_ok_and(|file| file.is_file()) {
            // What stays as it is is only built once more.
            let _ = File::open(path).and_then(|file| file.set_modified(since));
        }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use std::time::Duration;

    use super::{Checkout, Commit};
    use crate::compare::error::CompareError;

    /// A repository with a commit, in a folder that has other folders.
    struct Sample {
        home: tempfile::TempDir,
    }

    impl Sample {
        fn new() -> Self {
            let sample = Self {
                home: tempfile::tempdir().expect("a folder"),
            };
            fs::create_dir(sample.repository()).expect("a folder");
            sample.git(&["init", "--quiet", "--initial-branch=main"]);
            sample.commit("file", "old");
            sample
        }

        fn folder(&self) -> PathBuf {
            self.home.path().canonicalize().expect("it is there")
        }

        fn repository(&self) -> PathBuf {
            self.folder().join("repository")
        }

        fn write(&self, file: &str, text: &str) {
            let path = self.repository().join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        }

        fn commit(&self, file: &str, text: &str) {
            self.write(file, text);
            self.git(&["add", "--all"]);
            self.git(&["commit", "--quiet", "--message=a"]);
        }

        fn git(&self, arguments: &[&str]) -> String {
            git(&self.repository(), arguments)
        }

        fn find(&self, name: &str) -> Commit {
            Commit::find(&self.repository(), name).expect("a commit")
        }

        fn check_out(&self, name: &str) -> Result<Checkout, CompareError> {
            let target = self.repository().join("target");
            Checkout::make(&self.repository(), &target, &self.find(name))
        }

        /// All files of the repository's own folder, with what is in them.
        fn snapshot(&self) -> BTreeMap<PathBuf, Vec<u8>> {
            let mut files = BTreeMap::new();
            read_all(&self.repository().join(".git"), &mut files);
            files
        }
    }

    fn read_all(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                read_all(&path, files);
            } else {
                let bytes = fs::read(&path).expect("a file");
                files.insert(path, bytes);
            }
        }
    }

    fn git(folder: &Path, arguments: &[&str]) -> String {
        let configuration = [
            "user.name=a",
            "user.email=a@b",
            "protocol.file.allow=always",
            "commit.gpgsign=false",
        ];
        let output = Command::new("git")
            .args(configuration.iter().flat_map(|setting| ["-c", setting]))
            .args(arguments)
            .current_dir(folder)
            .output()
            .expect("git");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        text.trim().to_owned()
    }

    fn text(path: &Path) -> String {
        fs::read_to_string(path).expect("a file")
    }

    #[test]
    fn a_tree_is_as_old_as_its_commit_was_the_last() {
        let sample = Sample::new();
        sample.git(&["tag", "old"]);
        let written = |name: &str| {
            let tree = sample.check_out(name).expect("a checkout");
            let file = tree.path().join("file").metadata().expect("the file");
            let written = file.modified().expect("a time");
            // As precise as times of files are.
            std::thread::sleep(Duration::from_millis(20));
            written
        };
        let first = written("old");
        assert_eq!(written("old"), first);
        sample.commit("file", "new");
        let between = written("main");
        let again = written("old");
        assert!(first < between && between < again);
        assert_eq!(written("old"), again);
    }

    #[test]
    fn the_users_repository_is_the_same_before_during_and_after() {
        let sample = Sample::new();
        sample.write("file", "stashed");
        sample.git(&["stash"]);
        // Of somebody who has unplugged a disk.
        sample.git(&["worktree", "add", "--quiet", "../other"]);
        fs::rename(sample.folder().join("other"), sample.folder().join("away")).expect("moved");
        sample.write(".git/hooks/post-checkout", "#!/bin/sh\nexit 1\n");
        sample.write("file", "uncommitted");
        run_nothing(&sample.repository().join(".git/hooks/post-checkout"));
        let before = sample.snapshot();
        // Twice: as if the first had been killed.
        for _ in 0..2 {
            let tree = sample.check_out("main").expect("a checkout");
            assert_eq!(sample.snapshot(), before);
            let file = sample.repository().join("file");
            let file = tree.counterpart(&file).expect("of it");
            assert_eq!(text(&file), "old");
            let busy = sample.check_out("main");
            assert!(matches!(busy, Err(CompareError::Busy(_))), "{busy:?}");
            let path = tree.path().to_owned();
            drop(tree);
            assert!(!path.exists(), "{}", path.display());
        }
        assert_eq!(sample.snapshot(), before);
        assert_eq!(text(&sample.repository().join("file")), "uncommitted");
        fs::rename(sample.folder().join("away"), sample.folder().join("other")).expect("moved");
        git(&sample.folder().join("other"), &["status"]);
    }

    /// Makes a hook of a file.
    fn run_nothing(path: &Path) {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a mode");
    }

    #[test]
    fn a_stash_and_a_commit_that_no_branch_has_can_be_checked_out() {
        let sample = Sample::new();
        sample.write("file", "stashed");
        sample.git(&["stash"]);
        let tree = sample.check_out("stash@{0}").expect("a checkout");
        assert_eq!(text(&tree.path().join("file")), "stashed");
        drop(tree);
        sample.commit("file", "lost");
        let lost = sample.find("main").hash;
        sample.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
        let tree = sample.check_out(&lost).expect("a checkout");
        assert_eq!(text(&tree.path().join("file")), "lost");
    }

    #[test]
    fn git_finds_a_version_in_the_checkout_and_no_change() {
        let sample = Sample::new();
        sample.git(&["tag", "v1.2"]);
        sample.commit("file", "new");
        let tree = sample.check_out("v1.2").expect("a checkout");
        let described = git(tree.path(), &["describe", "--tags", "--dirty", "--always"]);
        assert_eq!(described, "v1.2");
        assert_eq!(git(tree.path(), &["status", "--porcelain"]), "");
    }

    #[test]
    fn what_is_left_out_of_archives_is_there_and_line_ends_are_as_configured() {
        let sample = Sample::new();
        sample.write("tests/data", "data\n");
        sample.git(&["config", "core.autocrlf", "true"]);
        sample.commit(".gitattributes", "tests export-ignore\nfile filter=upper\n");
        sample.git(&["config", "filter.upper.smudge", "tr a-z A-Z"]);
        let tree = sample.check_out("main").expect("a checkout");
        assert_eq!(text(&tree.path().join("tests/data")), "data\r\n");
        assert_eq!(text(&tree.path().join("file")), "OLD");
    }

    #[test]
    fn a_submodule_is_filled_from_the_users_clone_and_left_out_where_there_is_none() {
        let sample = Sample::new();
        let other = Sample::new();
        let url = other.repository().display().to_string();
        for path in ["there", "deinitialised"] {
            sample.git(&["submodule", "--quiet", "add", &url, path]);
        }
        sample.git(&["commit", "--quiet", "--message=submodules"]);
        sample.git(&["tag", "both"]);
        sample.git(&["submodule", "--quiet", "deinit", "deinitialised"]);
        // The address of both is gone.
        fs::remove_dir_all(other.repository()).expect("removed");
        let before = sample.snapshot();
        let tree = sample.check_out("both").expect("a checkout");
        assert_eq!(text(&tree.path().join("there/file")), "old");
        let empty = fs::read_dir(tree.path().join("deinitialised")).expect("a folder");
        assert_eq!(empty.count(), 0);
        assert_eq!(tree.remarks(), [""; 0]);
        drop(tree);
        assert_eq!(sample.snapshot(), before);
        // The newer version has it no more.
        sample.git(&["rm", "--quiet", "there"]);
        sample.git(&["commit", "--quiet", "--message=gone"]);
        let tree = sample.check_out("both").expect("a checkout");
        assert_eq!(text(&tree.path().join("there/file")), "old");
    }

    #[test]
    fn a_submodule_whose_commit_is_not_there_is_a_remark() {
        let sample = Sample::new();
        let other = Sample::new();
        let url = other.repository().display().to_string();
        sample.git(&["submodule", "--quiet", "add", &url, "module"]);
        let hash = "0123456789012345678901234567890123456789";
        let entry = format!("160000,{hash},module");
        sample.git(&["update-index", "--cacheinfo", &entry]);
        sample.git(&["commit", "--quiet", "--message=unknown"]);
        let tree = sample.check_out("main").expect("a checkout");
        let [remark] = tree.remarks() else {
            panic!("{:?}", tree.remarks());
        };
        let begin =
            "the submodule `module` of the older version is left empty, for its commit 012345678 ";
        assert!(remark.starts_with(begin), "{remark}");
    }

    #[test]
    fn a_shallow_a_bare_and_a_nested_repository_are_no_different() {
        let origin = Sample::new();
        origin.commit("file", "new");
        let (folder, url) = (
            origin.folder(),
            format!("file://{}", origin.repository().display()),
        );
        git(&folder, &["clone", "--quiet", "--depth=1", &url, "shallow"]);
        git(&folder, &["clone", "--quiet", "--bare", &url, "bare"]);
        let bare = folder.join("bare");
        git(&bare, &["worktree", "add", "--quiet", "../tree", "main"]);
        git(&folder, &["clone", "--quiet", &url, "repository/nested"]);
        for name in ["shallow", "tree", "repository/nested"] {
            let repository = folder.join(name);
            let commit = Commit::find(&repository, "HEAD").expect("a commit");
            let target = folder.join("target");
            let tree = Checkout::make(&repository, &target, &commit).expect("a checkout");
            assert_eq!(text(&tree.path().join("file")), "new", "{name}");
        }
    }

    #[test]
    fn what_a_partial_clone_lacks_is_fetched_into_the_checkout_alone() {
        let origin = Sample::new();
        origin.commit("file", "new");
        origin.git(&["config", "uploadpack.allowFilter", "true"]);
        let url = format!("file://{}", origin.repository().display());
        let folder = origin.folder();
        let clone = ["clone", "--quiet", "--filter=blob:none", &url, "partial"];
        git(&folder, &clone);
        let partial = folder.join("partial");
        let mut before = BTreeMap::new();
        read_all(&partial.join(".git"), &mut before);
        let commit = Commit::find(&partial, "HEAD~1").expect("a commit");
        let tree = Checkout::make(&partial, &folder.join("target"), &commit).expect("a checkout");
        assert_eq!(text(&tree.path().join("file")), "old");
        let mut after = BTreeMap::new();
        read_all(&partial.join(".git"), &mut after);
        assert_eq!(before, after);
    }

    #[test]
    fn what_a_sparse_checkout_leaves_out_is_left_out() {
        let sample = Sample::new();
        sample.write("large/file", "large");
        sample.commit("small/file", "small");
        sample.git(&["sparse-checkout", "set", "small"]);
        let tree = sample.check_out("main").expect("a checkout");
        assert!(tree.path().join("small/file").exists());
        assert!(!tree.path().join("large").exists());
    }

    #[test]
    fn what_lies_above_and_beside_the_repository_is_found_from_the_checkout() {
        let sample = Sample::new();
        let folder = sample.folder();
        fs::create_dir(folder.join(".cargo")).expect("made");
        fs::write(folder.join(".cargo/config.toml"), "above").expect("written");
        fs::write(folder.join("Cargo.lock"), "lock").expect("written");
        fs::create_dir(folder.join("helper")).expect("made");
        fs::write(folder.join("helper/Cargo.toml"), "helper").expect("written");
        // Of the newer version.
        sample.write(".cargo/config.toml", "newer");
        let tree = sample.check_out("main").expect("a checkout");
        let above = tree.path().parent().expect("a folder");
        assert_eq!(text(&above.join(".cargo/config.toml")), "above");
        assert_eq!(text(&above.join("helper/Cargo.toml")), "helper");
        assert!(!tree.path().join(".cargo").exists());
        assert!(!tree.path().starts_with(sample.repository()));
        let origin = tree.origin(&above.join("helper"));
        assert_eq!(origin, Some(folder.join("helper")));
        assert_eq!(tree.origin(tree.path()), None);
        // Cargo may write to it.
        fs::write(above.join("Cargo.lock"), "changed").expect("written");
        assert_eq!(text(&folder.join("Cargo.lock")), "lock");
        let mirror = tree.path().to_owned();
        drop(tree);
        assert!(!mirror.exists());
        assert_eq!(text(&folder.join("helper/Cargo.toml")), "helper");
    }

    #[test]
    fn a_link_to_the_repository_is_the_repository_and_what_is_elsewhere_is_none_of_it() {
        let sample = Sample::new();
        let tree = sample.check_out("main").expect("a checkout");
        let elsewhere = tempfile::tempdir().expect("a folder");
        let link = elsewhere.path().join("link");
        std::os::unix::fs::symlink(sample.repository(), &link).expect("a link");
        assert_eq!(
            tree.counterpart(&link.join("file")),
            Some(tree.path().join("file"))
        );
        assert_eq!(tree.counterpart(elsewhere.path()), None);
    }

    #[test]
    fn an_unknown_revision_is_told_from_no_repository() {
        let sample = Sample::new();
        let unknown = Commit::find(&sample.repository(), "no-such-branch");
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
        let none = Commit::find(elsewhere.path(), "main").expect_err("no repository");
        let text = none.to_string();
        assert!(text.contains("` failed: not a git repository"), "{text}");
    }

    #[test]
    fn a_command_that_fails_without_a_word_is_an_error_with_words() {
        let sample = Sample::new();
        sample.commit(".gitattributes", "file filter=broken\n");
        sample.git(&["config", "filter.broken.smudge", "false"]);
        sample.git(&["config", "filter.broken.required", "true"]);
        let error = sample.check_out("main").expect_err("the filter fails");
        let text = error.to_string();
        let (_, reason) = text.split_once("` failed: ").expect(&text);
        assert!(reason.contains("broken"), "{text}");
        let silent = super::git::run(
            &sample.repository(),
            &["diff", "--quiet", "--no-index", "/", "file"],
        );
        let silent = silent.expect_err("they differ").to_string();
        assert!(silent.contains("` failed: "), "{silent}");
        assert!(!silent.ends_with("` failed: "), "{silent}");
    }
}
