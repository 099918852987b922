//! The two executables: this version's and the older one's, found or built.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::cargo::{self, ALIGNED, Built, Target};
use super::error::CompareError;
use super::launch::{Both, Copied, Executable};
use super::worktree::{Commit, Worktree};
use crate::harness::Build;
use crate::harness::interrupt::Interrupt;
use crate::harness::target;
use crate::report::progress::Steps;

/// What this version is compared with.
#[derive(Debug)]
pub(crate) enum Old {
    /// A copy of this executable: what is told then is an error of the comparison.
    Itself,
    Kept(PathBuf),
    Revision(Commit),
}

/// Both versions, ready to be started.
#[derive(Debug)]
pub(crate) struct Sides {
    pub(crate) executables: Both<Copied>,
    /// Where the old version's sources are, as long as it is measured.
    _tree: Option<Worktree>,
}

/// How the preparation ended that did not fail.
#[derive(Debug)]
pub(crate) enum Prepared {
    Ready(Sides),
    Interrupted,
}

impl Old {
    /// # Errors
    ///
    /// If `name` is neither `self` nor a file nor a revision.
    pub(crate) fn find(build: &Build, name: &str) -> Result<Self, CompareError> {
        if name == "self" {
            return Ok(Self::Itself);
        }
        let path = Path::new(name);
        if path.is_file() {
            let absolute = std::path::absolute(path);
            return Ok(Self::Kept(absolute.unwrap_or_else(|_| path.to_owned())));
        }
        Commit::find(build.directory.as_ref(), name).map(Self::Revision)
    }

    /// As it is called in a report.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Itself => "itself".to_owned(),
            Self::Kept(path) => path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            Self::Revision(commit) => format!("{} ({})", commit.name, commit.short()),
        }
    }
}

impl Sides {
    /// Builds what has to be built. `home` is where what is not kept may be written; with `aligned`, revisions are
    /// built with their functions aligned.
    pub(crate) fn prepare(
        build: &Build,
        old: &Old,
        home: &Path,
        aligned: bool,
        interrupt: &Interrupt,
        steps: &mut Steps,
    ) -> Result<Prepared, CompareError> {
        let this =
            std::env::current_exe().map_err(|error| CompareError::Write(home.into(), error))?;
        let here = Executable::of(this.clone(), None);
        let revision = match old {
            Old::Itself => return Self::of(here.clone(), here, home, None),
            Old::Kept(path) => {
                return Self::of(Executable::of(path.clone(), None), here, home, None);
            }
            Old::Revision(commit) => commit,
        };
        let own = target::directory().join("hotbench").join("compare");
        let folder = workspace(build);
        let tree = Worktree::check_out(&folder, &own, revision)?;
        let rustflags: &[&str] = if aligned { &ALIGNED } else { &[] };
        let old_folder = workspace_in(&tree, &folder, build)?;
        tree.stand_alone(&old_folder, &folder)?;
        let mut built = Vec::new();
        for (version, folder, directory) in [
            (old.name(), old_folder, own.join("old")),
            ("this version".to_owned(), folder, own.join("new")),
        ] {
            let target = Target {
                folder: &folder,
                package: build.package,
                bench: build.bench,
                directory: &directory,
                version: &version,
                rustflags,
                configuration: &[],
                environment: &[],
            };
            let start = Instant::now();
            steps.begin(&format!("building {version}"));
            match cargo::build(&target, interrupt, |name| steps.detail(name))? {
                Built::Executable(executable) => built.push(executable),
                Built::Interrupted => return Ok(Prepared::Interrupted),
            }
            steps.end(&format!("built {version} in {}", seconds(start.elapsed())));
        }
        if aligned {
            let flags = ALIGNED.join(" ");
            steps.end(&format!(
                "functions and loops lie aligned, by `{flags}`; `--native-layout` leaves that out"
            ));
        }
        let mut built = built.into_iter();
        let (Some(old), Some(new)) = (built.next(), built.next()) else {
            return Ok(Prepared::Interrupted);
        };
        Self::of(old, new, home, Some(tree))
    }

    /// Of either a copy is measured, made in the same way: how a file has come to be decides how it lies in memory.
    fn of(
        old: Executable,
        new: Executable,
        home: &Path,
        tree: Option<Worktree>,
    ) -> Result<Prepared, CompareError> {
        let copied = |executable: Executable, name: &str| {
            let copy = home.join(name);
            let written = executable.copied_to(copy.clone());
            written.map_err(|error| CompareError::Write(copy, error))
        };
        Ok(Prepared::Ready(Self {
            executables: Both {
                old: copied(old, "old")?,
                new: copied(new, "new")?,
            },
            _tree: tree,
        }))
    }
}

pub(in crate::harness) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// Where the user has started Cargo, or nearly: the folder with the lock file.
pub(in crate::harness) fn workspace(build: &Build) -> PathBuf {
    let package = Path::new(build.directory);
    let found = package
        .ancestors()
        .find(|dir| dir.join("Cargo.lock").exists());
    found.unwrap_or(package).to_owned()
}

/// The same in an older tree, in which the package may have lived elsewhere.
fn workspace_in(tree: &Worktree, folder: &Path, build: &Build) -> Result<PathBuf, CompareError> {
    let counterpart = tree.counterpart(folder);
    let of_package = tree.counterpart(build.directory.as_ref());
    let candidates = [counterpart, of_package, tree.path().to_owned()];
    if let Some(found) = candidates
        .into_iter()
        .find(|dir| dir.join("Cargo.toml").exists())
    {
        return Ok(found);
    }
    let manifest = tree.manifests()?.into_iter().find(|manifest| {
        let text = fs::read_to_string(manifest).unwrap_or_default();
        is_of_package(&text, build.package)
    });
    let found = manifest.and_then(|manifest| manifest.parent().map(Path::to_owned));
    found.ok_or_else(|| CompareError::NoHarness {
        version: "the older version".to_owned(),
        bench: build.bench.to_owned(),
    })
}

fn is_of_package(manifest: &str, package: &str) -> bool {
    let Ok(manifest) = manifest.parse::<toml_edit::DocumentMut>() else {
        return false;
    };
    let name = manifest.get("package").and_then(|table| table.get("name"));
    name.and_then(|name| name.as_str()) == Some(package)
}

#[cfg(test)]
mod tests {
    use super::is_of_package;

    #[test]
    fn a_package_is_known_by_its_manifest() {
        assert!(is_of_package("[package]\nname = \"app\"\n", "app"));
        assert!(!is_of_package("[package]\nname = \"other\"\n", "app"));
        assert!(!is_of_package("[workspace]\n", "app"));
    }
}
