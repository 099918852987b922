//! The two executables: this version's and the older one's, found or built; or one, which is built to be saved.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::cargo::{self, ALIGNED, Target};
use super::error::CompareError;
use super::executable::Executable;
use super::launch::Both;
use super::layout::{Images, Layout};
use super::saved::{self, Made, Saved};
use super::worktree::{self, Commit, Worktree};
use crate::harness::Build;
use crate::harness::error::Error;
use crate::harness::interrupt::Interrupt;
use crate::harness::runner::Stop;
use crate::harness::target;
use crate::report::progress::Steps;

/// What this version is compared with.
#[derive(Debug)]
pub(crate) enum Old {
    /// A copy of this executable: what is told then is an error of the comparison.
    Itself,
    Kept(PathBuf),
    /// By `--save`.
    Saved(Saved),
    Revision(Commit),
}

/// Both versions, ready to be started.
#[derive(Debug)]
pub(crate) struct Sides {
    pub(crate) executables: Both<Executable>,
    _held: Held,
}

/// What the executables need as long as they are measured.
#[derive(Debug)]
#[expect(dead_code, reason = "they are only dropped")]
enum Held {
    Nothing,
    /// That no other comparison builds in their place.
    Builds(File),
    /// And the old version's sources.
    Tree(Worktree),
}

impl Old {
    /// # Errors
    ///
    /// If `name` is neither `self` nor a file nor what was saved nor a revision; or both of the last two.
    pub(crate) fn find(build: &Build, name: &str) -> Result<Self, CompareError> {
        if name == "self" {
            return Ok(Self::Itself);
        }
        let path = Path::new(name);
        if path.is_file() {
            let absolute = std::path::absolute(path);
            return Ok(Self::Kept(absolute.unwrap_or_else(|_| path.to_owned())));
        }
        if let Some(name) = name.strip_prefix(saved::PREFIX) {
            let saved = Saved::find(build, name)?.map(Self::Saved);
            return saved.ok_or_else(|| CompareError::NotSaved(name.to_owned()));
        }
        let revision = Commit::find(&build.package_directory(), name);
        match (Saved::find(build, name)?, revision) {
            (Some(_), Ok(_)) => Err(CompareError::Ambiguous(name.to_owned())),
            (Some(saved), Err(_)) => Ok(Self::Saved(saved)),
            (None, revision) => revision.map(Self::Revision),
        }
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
            Self::Saved(saved) => format!("{} (saved, {})", saved.name, saved.made.shown()),
            Self::Revision(commit) => format!("{} ({})", commit.name, commit.short()),
        }
    }

    /// Whether its sources are where it was built from them, as long as it is measured.
    pub(crate) fn has_sources(&self) -> bool {
        matches!(self, Self::Itself | Self::Revision(_))
    }

    /// Whether something is built for it.
    pub(crate) fn is_built_for(&self) -> bool {
        matches!(self, Self::Saved(_) | Self::Revision(_))
    }

    /// In which ways this version is built otherwise, `aligned` or not, a sentence each.
    pub(crate) fn differences(&self, build: &Build, aligned: bool) -> Vec<String> {
        match self {
            Self::Saved(saved) => {
                let now = Made::now(build, aligned);
                saved.made.differences(&now, &saved.name)
            }
            Self::Itself | Self::Kept(_) | Self::Revision(_) => Vec::new(),
        }
    }
}

impl Sides {
    /// Builds what has to be built, with its functions aligned if that is asked for and the older version's are.
    ///
    /// # Errors
    ///
    /// If one of them does not build, or the user has had enough.
    pub(crate) fn prepare(
        build: &Build,
        old: &Old,
        aligned: bool,
        interrupt: &Interrupt,
        steps: &mut Steps,
    ) -> Result<Self, Stop> {
        match old {
            Old::Itself | Old::Kept(_) => {
                let this = std::env::current_exe()
                    .map_err(|error| Stop::Error(Error::Executable(error)))?;
                let here = Executable::of(this, None);
                let old = match old {
                    Old::Kept(path) => Executable::of(path.clone(), None),
                    _ => here.clone(),
                };
                Ok(Self::of(Both { old, new: here }, Held::Nothing))
            }
            Old::Saved(saved) => {
                let mut builder = Builder::new(build, saved.made.aligned, interrupt, steps)?;
                let lock = worktree::lock(&builder.own)?;
                let new = builder.this_version()?;
                let old = Executable::of(saved.executable.clone(), Some(build.package_directory()));
                let executables = builder.lie_alike(Both { old, new }, None)?;
                Ok(Self::of(executables, Held::Builds(lock)))
            }
            Old::Revision(commit) => {
                let mut builder = Builder::new(build, aligned, interrupt, steps)?;
                let folder = workspace(build);
                let tree = Worktree::check_out(&folder, &builder.own, commit)?;
                let old_folder = workspace_in(&tree, &folder, build)?;
                tree.stand_alone(&old_folder, &folder)?;
                let older = Older {
                    name: &old.name(),
                    folder: &old_folder,
                };
                let old = builder.older(older)?;
                let new = builder.this_version()?;
                let executables = builder.lie_alike(Both { old, new }, Some(older))?;
                Ok(Self::of(executables, Held::Tree(tree)))
            }
        }
    }

    fn of(executables: Both<Executable>, held: Held) -> Self {
        Self {
            executables,
            _held: held,
        }
    }
}

/// Builds this version as a comparison would, and keeps it.
pub(crate) fn save(
    build: &Build,
    name: &str,
    aligned: bool,
    interrupt: &Interrupt,
    steps: &mut Steps,
) -> Result<Saved, Stop> {
    let mut builder = Builder::new(build, aligned, interrupt, steps)?;
    let _lock = worktree::lock(&builder.own)?;
    // Before it is built: what is changed meanwhile may be in it, or not.
    let made = Made::now(build, aligned);
    let mut executable = builder.this_version()?;
    if let Some(layout) = &builder.layout {
        let crates = [build.package, build.bench].map(|name| name.replace('-', "_"));
        if layout.settle(&executable, &crates)? {
            executable = builder.this_version()?;
        }
    }
    Ok(Saved::keep(build, name, executable, made)?)
}

/// Whether git knows a revision by this name.
pub(crate) fn is_revision(build: &Build, name: &str) -> bool {
    Commit::find(&build.package_directory(), name).is_ok()
}

/// Builds the bench target, in whatever tree.
struct Builder<'a> {
    build: &'a Build,
    /// Where it is built.
    own: PathBuf,
    aligned: bool,
    /// How both versions lie alike, if they are aligned and there is a linker that does it.
    layout: Option<Layout>,
    interrupt: &'a Interrupt,
    steps: &'a mut Steps,
}

/// The older version's sources.
#[derive(Clone, Copy)]
struct Older<'a> {
    name: &'a str,
    folder: &'a Path,
}

impl<'a> Builder<'a> {
    fn new(
        build: &'a Build,
        aligned: bool,
        interrupt: &'a Interrupt,
        steps: &'a mut Steps,
    ) -> Result<Self, CompareError> {
        let own = target::directory().join("hotbench").join("compare");
        let layout = match std::env::current_exe() {
            Ok(this) if aligned => Layout::prepare(&this, &own)?,
            _ => None,
        };
        Ok(Self {
            build,
            own,
            aligned,
            layout,
            interrupt,
            steps,
        })
    }

    /// The user's tree, as it is.
    fn this_version(&mut self) -> Result<Executable, Stop> {
        self.build("this version", &workspace(self.build), "new")
    }

    fn older(&mut self, older: Older<'_>) -> Result<Executable, Stop> {
        self.build(older.name, older.folder, "old")
    }

    fn build(&mut self, version: &str, folder: &Path, directory: &str) -> Result<Executable, Stop> {
        let aligned = if self.aligned { &ALIGNED[..] } else { &[] };
        let ordered = self.layout.iter().flat_map(Layout::rustflags);
        let flags: Vec<&str> = aligned.iter().copied().chain(ordered).collect();
        let target = Target {
            folder,
            package: self.build.package,
            bench: self.build.bench,
            directory: &self.own.join(directory),
            version,
            rustflags: &flags,
            configuration: &[],
            environment: &[],
        };
        cargo::build(&target, self.interrupt, self.steps)
    }

    /// Links them once more where what both have lies in other places; the older one has no sources if it was kept.
    fn lie_alike(
        &mut self,
        mut executables: Both<Executable>,
        older: Option<Older<'_>>,
    ) -> Result<Both<Executable>, Stop> {
        let mut images = Images::read(&executables)?;
        if let Some(layout) = &self.layout
            && layout.arrange(&executables, &images, older.is_none())?
        {
            if let Some(older) = older {
                executables.old = self.older(older)?;
            }
            executables.new = self.this_version()?;
            images = Images::read(&executables)?;
        }
        if self.aligned {
            let flags = ALIGNED.join(" ");
            let alike = images.alike();
            let alike = match alike.of {
                // They have no names.
                0 => String::new(),
                of => format!(
                    ", and {} of {of} at the same address in both versions",
                    alike.functions
                ),
            };
            self.steps.end(&format!(
                "functions and loops lie aligned, by `{flags}`{alike}; `--native-layout` leaves that out"
            ));
        }
        Ok(executables)
    }
}

/// Where the user has started Cargo, or nearly: the folder with the lock file.
pub(in crate::harness) fn workspace(build: &Build) -> PathBuf {
    let package = build.package_directory();
    let mut above = package.ancestors();
    let found = above.find(|dir| dir.join("Cargo.lock").exists());
    found.unwrap_or(&package).to_owned()
}

/// The same in an older tree, in which the package may have lived elsewhere.
fn workspace_in(tree: &Worktree, folder: &Path, build: &Build) -> Result<PathBuf, CompareError> {
    let counterpart = tree.counterpart(folder);
    let of_package = tree.counterpart(&build.package_directory());
    let candidates = [counterpart, of_package, Some(tree.path().to_owned())];
    if let Some(found) = candidates
        .into_iter()
        .flatten()
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
