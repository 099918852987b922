//! The workspace as Cargo tells it: what is asked of it here, and nothing else.

use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, TargetKind};

use super::error::CliError;

#[derive(Debug, Clone)]
pub(super) struct Workspace {
    /// The folder of its root manifest.
    pub(super) root: PathBuf,
    pub(super) members: Vec<Package>,
    /// The names of those that Cargo takes at the root, where nothing else is said.
    pub(super) default: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) manifest: PathBuf,
    pub(super) targets: Vec<Target>,
    pub(super) dependencies: Vec<Dependency>,
    /// The program that `cargo run` runs, if the manifest says so.
    pub(super) default_run: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) path: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Lib,
    /// A library for other languages alone.
    Foreign,
    ProcMacro,
    Bin,
    Bench,
    Other,
}

#[derive(Debug, Clone)]
pub(super) struct Dependency {
    /// The package's own name.
    pub(super) package: String,
    /// What the manifest calls it.
    pub(super) key: String,
    pub(super) of_tests: bool,
    pub(super) default_features: bool,
    pub(super) features: Vec<String>,
}

/// Where Cargo is as if it were started: the folder of a manifest that is named, or else the current one.
pub(super) fn working_folder(manifest: Option<&Path>, folder: &Path) -> PathBuf {
    let of_manifest = manifest
        .and_then(Path::parent)
        .and_then(|parent| folder.join(parent).canonicalize().ok());
    of_manifest.unwrap_or_else(|| folder.to_owned())
}

impl Workspace {
    /// The one that the current folder, or a manifest, is of.
    pub(super) fn read(manifest: Option<&Path>) -> Result<Self, CliError> {
        let mut command = MetadataCommand::new();
        command.no_deps();
        if let Some(manifest) = manifest {
            command.manifest_path(manifest);
        }
        let metadata = command.exec().map_err(CliError::Metadata)?;
        Ok(Self::from(&metadata))
    }

    pub(super) fn manifest(&self) -> PathBuf {
        self.root.join("Cargo.toml")
    }

    /// The package that is named, or that `folder` is in, or the only one.
    pub(super) fn package(&self, name: Option<&str>, folder: &Path) -> Result<&Package, CliError> {
        if let Some(name) = name {
            let mut members = self.members.iter();
            let found = members.find(|package| package.name == name);
            return found.ok_or_else(|| CliError::NoSuchPackage {
                name: name.to_owned(),
                members: self.names(),
            });
        }
        let around = self.members.iter();
        let around = around.filter(|package| folder.starts_with(package.folder()));
        let nearest = around.max_by_key(|package| package.folder().components().count());
        nearest
            .or(match self.members.as_slice() {
                [only] => Some(only),
                _ => None,
            })
            .ok_or_else(|| CliError::WhichPackage(self.names()))
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.members
            .iter()
            .map(|package| package.name.clone())
            .collect()
    }
}

impl From<&Metadata> for Workspace {
    fn from(metadata: &Metadata) -> Self {
        let members = metadata.workspace_packages().into_iter().map(Package::from);
        let default = metadata.workspace_default_packages().into_iter();
        Self {
            root: metadata.workspace_root.clone().into(),
            members: members.collect(),
            default: default.map(|package| package.name.to_string()).collect(),
        }
    }
}

impl Package {
    pub(super) fn folder(&self) -> &Path {
        self.manifest.parent().unwrap_or(Path::new(""))
    }

    pub(super) fn of(&self, kind: Kind) -> impl Iterator<Item = &Target> {
        self.targets
            .iter()
            .filter(move |target| target.kind == kind)
    }

    pub(super) fn lib(&self) -> Option<&Target> {
        self.of(Kind::Lib).next()
    }

    /// Its dependencies on hotbench, those for tests among them.
    pub(super) fn hotbench(&self) -> impl Iterator<Item = &Dependency> {
        let own = self.dependencies.iter();
        own.filter(|dependency| dependency.package == "hotbench")
    }

    /// What its manifest calls hotbench, or is to call it.
    pub(super) fn key(&self) -> &str {
        self.hotbench()
            .next()
            .map_or("hotbench", |dependency| &dependency.key)
    }

    /// The program that a bench target can be made of, where there is no library.
    pub(super) fn program(&self) -> Option<&Target> {
        let named = |name: &str| self.of(Kind::Bin).find(|bin| bin.name == name);
        let default = self.default_run.as_deref().and_then(named);
        default
            .or_else(|| named(&self.name))
            .or_else(|| self.of(Kind::Bin).next())
    }
}

impl From<&cargo_metadata::Package> for Package {
    fn from(package: &cargo_metadata::Package) -> Self {
        let dependencies = package.dependencies.iter();
        let dependencies = dependencies.filter(|one| one.kind != DependencyKind::Build);
        Self {
            name: package.name.to_string(),
            manifest: package.manifest_path.clone().into(),
            targets: package.targets.iter().map(Target::from).collect(),
            dependencies: dependencies
                .map(|one| Dependency {
                    package: one.name.clone(),
                    key: one.rename.clone().unwrap_or_else(|| one.name.clone()),
                    of_tests: one.kind == DependencyKind::Development,
                    default_features: one.uses_default_features,
                    features: one.features.clone(),
                })
                .collect(),
            default_run: package.default_run.clone(),
        }
    }
}

impl From<&cargo_metadata::Target> for Target {
    fn from(target: &cargo_metadata::Target) -> Self {
        let is = |kind: TargetKind| target.kind.contains(&kind);
        let kind = if is(TargetKind::ProcMacro) {
            Kind::ProcMacro
        } else if is(TargetKind::Lib) || is(TargetKind::RLib) || is(TargetKind::DyLib) {
            Kind::Lib
        } else if is(TargetKind::CDyLib) || is(TargetKind::StaticLib) {
            Kind::Foreign
        } else if is(TargetKind::Bin) {
            Kind::Bin
        } else if is(TargetKind::Bench) {
            Kind::Bench
        } else {
            Kind::Other
        };
        Self {
            kind,
            // Older versions of Cargo name a library as its package.
            name: match kind {
                Kind::Lib => target.name.replace('-', "_"),
                _ => target.name.clone(),
            },
            path: target.src_path.clone().into(),
        }
    }
}
