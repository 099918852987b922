//! Projects of tests, without a disk: what Cargo would say of these files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, TableLike};

use super::files::{Content, Edit, Files};
use super::lack::Lack;
use super::project::{Dependency, Kind, Package, Target, Workspace};
use super::survey::{Wanted, survey};
use super::{doctor, init};

pub(super) struct Sample {
    files: BTreeMap<PathBuf, String>,
    links: BTreeMap<PathBuf, PathBuf>,
}

impl Sample {
    /// Of a package in `/app`, which is its own workspace.
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let files = files.iter();
        let files = files.map(|(path, text)| (Path::new("/app").join(path), (*text).to_owned()));
        Self {
            files: files.collect(),
            links: BTreeMap::new(),
        }
    }

    pub(super) fn text(&self, path: &str) -> &str {
        &self.files[&Path::new("/app").join(path)]
    }

    pub(super) fn link(&self, path: &str) -> Option<&Path> {
        self.links
            .get(&Path::new("/app").join(path))
            .map(PathBuf::as_path)
    }

    pub(super) fn workspace(&self) -> Workspace {
        let document: DocumentMut = self.text("Cargo.toml").parse().expect("a manifest");
        let name = document["package"]["name"]
            .as_str()
            .expect("a name")
            .to_owned();
        let package = Package {
            targets: self.targets(&document, &name),
            dependencies: dependencies(document.as_item())
                .chain(of_platforms(&document))
                .collect(),
            manifest: "/app/Cargo.toml".into(),
            default_run: None,
            name,
        };
        Workspace {
            root: "/app".into(),
            default: vec![package.name.clone()],
            members: vec![package],
        }
    }

    fn targets(&self, document: &DocumentMut, name: &str) -> Vec<Target> {
        let mut targets: Vec<Target> = Vec::new();
        let mut add = |kind, name: &str, path: &str| {
            let path = Path::new("/app").join(path);
            let is_new = !targets
                .iter()
                .any(|target| target.kind == kind && target.name == name);
            if self.exists(&path) && is_new {
                let name = name.to_owned();
                targets.push(Target { kind, name, path });
            }
        };
        let is_macro = document.get("lib").and_then(|lib| lib.get("proc-macro"));
        let kind = is_macro.map_or(Kind::Lib, |_| Kind::ProcMacro);
        add(kind, &name.replace('-', "_"), "src/lib.rs");
        for (key, kind) in [("bin", Kind::Bin), ("bench", Kind::Bench)] {
            let entries = document.get(key).cloned();
            let entries = entries.and_then(|entries| entries.into_array_of_tables().ok());
            for entry in entries.into_iter().flatten() {
                let name = entry["name"].as_str().expect("a name");
                let found = format!("benches/{name}.rs");
                let path = entry.get("path").and_then(Item::as_str);
                add(kind, name, path.unwrap_or(&found));
            }
        }
        add(Kind::Bin, name, "src/main.rs");
        for (folder, kind) in [
            ("src/bin", Kind::Bin),
            ("benches", Kind::Bench),
            ("tests", Kind::Other),
        ] {
            let own = Path::new("/app").join(folder);
            for path in self.files.sources(&own) {
                // As deep as Cargo looks, but for folders with a `main.rs`.
                if path.parent() != Some(&own) {
                    continue;
                }
                let stem = path.file_stem().expect("a name").to_string_lossy();
                add(
                    kind,
                    &stem,
                    path.strip_prefix("/app")
                        .expect("below")
                        .to_str()
                        .expect("text"),
                );
            }
        }
        targets
    }

    fn exists(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    pub(super) fn lacks(&self, wanted: Wanted) -> Vec<Lack> {
        let workspace = self.workspace();
        survey(&workspace, &workspace.members[0], &self.files, wanted).expect("a project")
    }

    pub(super) fn plan(&self, options: &init::Options) -> Result<init::Plan, String> {
        let workspace = self.workspace();
        let plan = init::plan(&workspace, &workspace.members[0], options, &self.files);
        plan.map_err(|error| error.to_string())
    }

    /// What it is once `init` has written, which leaves nothing to a second one.
    pub(super) fn adopted(mut self, options: &init::Options) -> Self {
        let plan = self.plan(options).expect("a plan");
        self.apply(plan.edits);
        let again = self.plan(options).expect("a plan");
        assert_eq!(again.edits, [], "{:?}", again.lacks);
        assert_eq!(self.lacks(Wanted::AsUsed), []);
        self
    }

    /// What `doctor` finds, and what is left once it has mended.
    pub(super) fn mended(mut self) -> (Vec<String>, Self) {
        let workspace = self.workspace();
        let examination = doctor::examine(&workspace, None, &self.files).expect("a project");
        self.apply(examination.edits);
        let findings = examination.findings.into_iter();
        (findings.map(|finding| finding.words.0).collect(), self)
    }

    fn apply(&mut self, edits: Vec<Edit>) {
        for Edit { path, after, .. } in edits {
            match after {
                Content::Text(text) => drop(self.files.insert(path, text)),
                Content::Link(to) => drop(self.links.insert(path, to)),
            }
        }
        // A link has the text that the other file has by now.
        for (path, to) in &self.links {
            let text = self.files[&path.with_file_name(to)].clone();
            self.files.insert(path.clone(), text);
        }
    }
}

/// Those under `[target.'cfg(…)'.dependencies]` and its like.
fn of_platforms(document: &DocumentMut) -> impl Iterator<Item = Dependency> {
    let platforms = document.get("target").and_then(Item::as_table_like);
    let platforms = platforms.into_iter().flat_map(|table| table.iter());
    platforms.flat_map(|(_, platform)| dependencies(platform))
}

fn dependencies(tables: &Item) -> impl Iterator<Item = Dependency> {
    let kinds = ["dependencies", "dev-dependencies"].into_iter();
    kinds.flat_map(|kind| dependencies_of_kind(tables, kind))
}

fn dependencies_of_kind(tables: &Item, kind: &str) -> Vec<Dependency> {
    let table = tables.get(kind).and_then(Item::as_table_like);
    let entries = table.into_iter().flat_map(|table| table.iter());
    let dependencies = entries.map(|(key, item)| {
        let entry: Option<&dyn TableLike> = item.as_table_like();
        let get = |name: &str| entry.and_then(|entry| entry.get(name));
        let features = get("features").and_then(Item::as_array);
        let features = features
            .into_iter()
            .flatten()
            .filter_map(|one| one.as_str());
        Dependency {
            package: get("package")
                .and_then(Item::as_str)
                .unwrap_or(key)
                .to_owned(),
            key: key.to_owned(),
            of_tests: kind == "dev-dependencies",
            default_features: get("default-features").and_then(Item::as_bool) != Some(false),
            features: features.map(str::to_owned).collect(),
        }
    });
    dependencies.collect()
}
