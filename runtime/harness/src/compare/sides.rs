//! The two executables: this version's and the older one's, found or built; or one, which is built to be saved.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::cargo::{self, ALIGNED, Built, Target};
use super::checkout::{self, Checkout, Commit};
use super::error::CompareError;
use super::executable::Executable;
use super::launch::Both;
use super::layout::{Images, Layout};
use super::saved::{self, Made, Saved};
use super::variables::{self, Changes};
use super::wanted::Wanted;
use crate::Build;
use crate::child::Program;
use crate::environment;
use crate::interrupt::Interrupt;
use crate::report::progress::Steps;
use crate::stop::Stop;
use crate::target;
use hotbench_guard::executable;

/// Why a version may not build that did.
const COMMITTED_ALONE: &str = "it is built of what is committed, in a folder of its own: files that git does not track \
                               (generated ones, `.env`) and submodules that are not initialised are not there";

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
    /// In what they differ from what one would expect, a sentence each.
    pub(crate) remarks: Vec<String>,
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
    Tree(Checkout),
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
    /// Builds what has to be built, with its functions aligned if that is asked for and the older version's are. What
    /// is there already is copied to `home`, for it may be built anew during the run.
    ///
    /// # Errors
    ///
    /// If one of them does not build, or the user has had enough.
    pub(crate) fn prepare(
        build: &Build,
        old: &Old,
        aligned: bool,
        (program, home): (&Program, &Path),
        interrupt: &Interrupt,
        steps: &mut Steps,
    ) -> Result<Self, Stop<CompareError>> {
        match old {
            Old::Itself | Old::Kept(_) => {
                let copied = |executable: PathBuf, name: &str| {
                    let copy = home.join(name);
                    let copied = Executable::of(executable, None).copied_to(copy.clone());
                    copied.map_err(|error| CompareError::Write(copy, error))
                };
                let here = copied(program.file(), "this")?;
                let old = match old {
                    Old::Kept(path) => copied(path.clone(), "kept")?,
                    _ => here.clone(),
                };
                Ok(Self::of(Both { old, new: here }, Held::Nothing))
            }
            Old::Saved(saved) => {
                let mut builder = Builder::new(build, saved.made.aligned, interrupt, steps)?;
                let lock = checkout::lock(&builder.own)?;
                let new = builder.this_version()?;
                let old = Executable::of(saved.executable.clone(), Some(build.package_directory()));
                let executables = builder.lie_alike(Both { old, new }, None)?;
                Ok(Self::of(executables, Held::Builds(lock)))
            }
            Old::Revision(commit) => {
                let mut builder = Builder::new(build, aligned, interrupt, steps)?;
                let folder = workspace(build);
                // The workspace may be above the repository.
                let tree = Checkout::make(&build.package_directory(), &builder.own, commit)?;
                let old_folder = workspace_in(&tree, &folder, build)?;
                tree.lock_dependencies(&old_folder, &folder)?;
                let (wanted, missing) = builder.wanted.for_older(&old_folder, build.package);
                let user_folder = folder.canonicalize().unwrap_or(folder);
                let changes =
                    variables::changes([&user_folder, tree.original()], [&old_folder, tree.path()]);
                let older = Sources {
                    name: &old.name(),
                    folder: &old_folder,
                    wanted: &wanted,
                    changes: &changes,
                };
                let mut remarks = tree.remarks().to_vec();
                remarks.extend(toolchains(
                    [&user_folder, tree.original()],
                    [&old_folder, tree.path()],
                    older.name,
                ));
                if !missing.is_empty() {
                    remarks.push(format!(
                        "{} has no feature `{}`: it is built without, and this version with it",
                        older.name,
                        missing.join("`, `")
                    ));
                }
                let Built { executable, local } = builder.older(older)?;
                remarks.extend(outside(&tree, &local));
                let new = builder.this_version()?;
                let both = Both {
                    old: executable,
                    new,
                };
                let executables = builder.lie_alike(both, Some(older))?;
                Ok(Self {
                    remarks,
                    ..Self::of(executables, Held::Tree(tree))
                })
            }
        }
    }

    fn of(executables: Both<Executable>, held: Held) -> Self {
        Self {
            executables,
            remarks: Vec::new(),
            _held: held,
        }
    }

    /// The user's path of a file that the older version was compiled from, if that is outside the repository.
    pub(super) fn origin(&self, path: &Path) -> Option<PathBuf> {
        match &self._held {
            Held::Tree(tree) => tree.origin(path),
            Held::Nothing | Held::Builds(_) => None,
        }
    }
}

/// Says that the versions ask for different toolchains, in the folders within their repositories.
fn toolchains(newer: [&Path; 2], older: [&Path; 2], name: &str) -> Option<String> {
    let asked = |[folder, root]: [&Path; 2]| {
        let inside = folder.ancestors().take_while(|dir| dir.starts_with(root));
        let files = inside
            .flat_map(|dir| ["rust-toolchain", "rust-toolchain.toml"].map(|file| dir.join(file)));
        files
            .filter_map(|file| fs::read_to_string(file).ok())
            .next()
    };
    if asked(newer) == asked(older) {
        return None;
    }
    // Rustup's Cargo sets it for what it starts, and it goes before any file.
    let is_chosen = std::env::var_os("RUSTUP_TOOLCHAIN").is_some();
    Some(match is_chosen {
        true => format!(
            "{name} has another `rust-toolchain.toml` than this version, but both are built by the same toolchain: {}",
            environment::toolchain().rustc
        ),
        false => format!(
            "{name} has another `rust-toolchain.toml` than this version: rustup builds each by its own"
        ),
    })
}

/// Says which packages have no older version, for they are not in the repository.
fn outside(tree: &Checkout, local: &BTreeSet<PathBuf>) -> Option<String> {
    let outside = local.iter().filter_map(|folder| tree.origin(folder));
    let outside: Vec<String> = outside
        .map(|path| format!("`{}`", path.display()))
        .collect();
    let are = match outside.len() {
        0 => return None,
        1 => "is",
        _ => "are",
    };
    Some(format!(
        "{} {are} outside the repository: both versions are built with what is there now",
        outside.join(", ")
    ))
}

/// Builds this version as a comparison would, and keeps it.
pub(crate) fn save(
    build: &Build,
    name: &str,
    aligned: bool,
    interrupt: &Interrupt,
    steps: &mut Steps,
) -> Result<Saved, Stop<CompareError>> {
    let mut builder = Builder::new(build, aligned, interrupt, steps)?;
    let _lock = checkout::lock(&builder.own)?;
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
    wanted: Wanted,
    aligned: bool,
    /// How both versions lie alike, if they are aligned and there is a linker that does it.
    layout: Option<Layout>,
    interrupt: &'a Interrupt,
    steps: &'a mut Steps,
}

/// What a version is built of, and how.
#[derive(Clone, Copy)]
struct Sources<'a> {
    name: &'a str,
    folder: &'a Path,
    wanted: &'a Wanted,
    changes: &'a Changes,
}

impl<'a> Builder<'a> {
    fn new(
        build: &'a Build,
        aligned: bool,
        interrupt: &'a Interrupt,
        steps: &'a mut Steps,
    ) -> Result<Self, CompareError> {
        let own = target::directory().join("hotbench").join("compare");
        let layout = match executable::path() {
            Some(this) if aligned => Layout::prepare(&this, &own)?,
            _ => None,
        };
        Ok(Self {
            build,
            own,
            wanted: Wanted::of(build),
            aligned,
            layout,
            interrupt,
            steps,
        })
    }

    /// The user's tree, as it is.
    fn this_version(&mut self) -> Result<Executable, Stop<CompareError>> {
        let wanted = self.wanted.clone();
        let this = Sources {
            name: "this version",
            folder: &workspace(self.build),
            wanted: &wanted,
            changes: &Changes::new(),
        };
        Ok(self.build(this, "new", "")?.executable)
    }

    fn older(&mut self, older: Sources<'_>) -> Result<Built, Stop<CompareError>> {
        let built = self.build(older, "old", COMMITTED_ALONE)?;
        Ok(Built {
            executable: built.executable.with(older.changes.clone()),
            ..built
        })
    }

    fn build(
        &mut self,
        sources: Sources<'_>,
        directory: &str,
        hint: &str,
    ) -> Result<Built, Stop<CompareError>> {
        let aligned = if self.aligned { &ALIGNED[..] } else { &[] };
        let ordered = self.layout.iter().flat_map(Layout::rustflags);
        let flags: Vec<&str> = aligned.iter().copied().chain(ordered).collect();
        let target = Target {
            folder: sources.folder,
            package: self.build.package,
            bench: self.build.bench,
            wanted: sources.wanted,
            directory: &self.own.join(directory),
            version: sources.name,
            rustflags: &flags,
            configuration: &[],
            environment: &[],
            changes: sources.changes,
            hint,
        };
        cargo::build(&target, self.interrupt, self.steps)
    }

    /// Links them once more where what both have lies in other places; the older one has no sources if it was kept.
    fn lie_alike(
        &mut self,
        mut executables: Both<Executable>,
        older: Option<Sources<'_>>,
    ) -> Result<Both<Executable>, Stop<CompareError>> {
        let mut images = Images::read(&executables)?;
        if let Some(layout) = &self.layout
            && layout.arrange(&executables, &images, older.is_none())?
        {
            if let Some(older) = older {
                executables.old = self.older(older)?.executable;
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
pub(crate) fn workspace(build: &Build) -> PathBuf {
    let package = build.package_directory();
    let mut above = package.ancestors();
    let found = above.find(|dir| dir.join("Cargo.lock").exists());
    found.unwrap_or(&package).to_owned()
}

/// The same in an older tree, in which the package may have lived elsewhere.
fn workspace_in(tree: &Checkout, folder: &Path, build: &Build) -> Result<PathBuf, CompareError> {
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
