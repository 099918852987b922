//! Cases that are written and not run, as the sources of the package tell: said in each run, for nobody would miss
//! them.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use toml_edit::{Document, Item, TableLike};

use super::Build;
use super::environment::Sources;
use hotbench_engine::registry::Case;
use hotbench_guard::text;
use hotbench_project::uses::{self, Reason, Root, RootKind, Unrun, Use};

/// The cases of a package that are not run.
#[derive(Debug, Default)]
pub(crate) struct NotRun {
    /// Of which no build has a case.
    never: Vec<Unrun>,
    /// That another build has.
    not_in_this_build: Vec<Unrun>,
    package: PathBuf,
}

impl NotRun {
    /// Reads the sources of the bench target's package, where they are there; `cases` are those that are run.
    pub(crate) fn find(build: &Build, cases: &[(String, &'static Case)]) -> Self {
        let Ok(package) = build.package_directory().canonicalize() else {
            // The executable may have been built elsewhere.
            return Self::default();
        };
        let sources = sources(&package);
        let own = Sources::of(build);
        let places: Vec<(PathBuf, u32)> = cases
            .iter()
            .map(|(_, case)| {
                let file = path_clean::clean(own.workspace().join(case.file));
                (file.canonicalize().unwrap_or(file), case.attribute_line)
            })
            .collect();
        let is_run = |at: &Use| {
            let file = at.file.canonicalize().unwrap_or_else(|_| at.file.clone());
            places
                .iter()
                .any(|(known, line)| *known == file && at.is_in_line(*line as usize))
        };
        let is_named_elsewhere = |lib: &str| is_named_in(own.workspace(), lib);
        let found = uses::unrun(
            &roots(&package),
            &sources,
            &read,
            &is_run,
            &is_named_elsewhere,
        );
        let (not_in_this_build, never) = found
            .into_iter()
            .partition(|one| one.reason == Reason::Condition);
        Self {
            never,
            not_in_this_build,
            package,
        }
    }

    /// The sentence on what no build runs.
    pub(crate) fn warning(&self) -> Option<String> {
        let uses = match self.never.as_slice() {
            [] => return None,
            [_] => "1 use of `#[bench_case]` is".to_owned(),
            many => format!("{} uses of `#[bench_case]` are", many.len()),
        };
        Some(format!(
            "{uses} not run, since no bench target contains them: {}. Move the functions into the modules of a crate that \
             `hotbench::harness!(…)` names, outside of `#[cfg(test)]`",
            uses::list(&self.never, &self.package)
        ))
    }

    /// The sentence on what this build leaves out.
    pub(crate) fn note(&self) -> Option<String> {
        let cases = text::count(self.not_in_this_build.len() as u64, "case");
        let verb = if self.not_in_this_build.len() == 1 {
            "is"
        } else {
            "are"
        };
        (!self.not_in_this_build.is_empty()).then(|| {
            format!(
                "{cases} {verb} not in this build: {}",
                uses::list(&self.not_in_this_build, &self.package)
            )
        })
    }

    /// The place and the condition of a blessed case, if this build leaves it out.
    pub(crate) fn place_of(&self, id: &str) -> Option<String> {
        let mut uses = self.not_in_this_build.iter();
        let found = uses.find(|one| one.may_be(id))?;
        Some(uses::list(std::slice::from_ref(found), &self.package))
    }
}

fn read(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// The sources of a package that may have uses, those of packages within it left out.
fn sources(package: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![package.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_dir() && !path.join("Cargo.toml").exists() {
                folders.push(path);
            } else if kind.is_file() && path.extension() == Some("rs".as_ref()) {
                found.extend(read(&path).filter(|text| uses::may_use(text)).map(|_| path));
            }
        }
    }
    found.sort();
    found
}

/// The targets of a package: those that its manifest names, and those that Cargo finds by their places.
fn roots(package: &Path) -> Vec<Root> {
    let text = read(&package.join("Cargo.toml")).unwrap_or_default();
    let Ok(manifest) = Document::parse(text) else {
        return Vec::new();
    };
    let name = manifest.get("package").and_then(|it| it.get("name"));
    let name = name.and_then(Item::as_str).unwrap_or_default();
    let mut roots = Vec::new();
    let mut known = HashSet::new();
    let mut add = |kind, name: &str, path: PathBuf| {
        let path = path_clean::clean(package.join(path));
        if path.is_file() && known.insert(path.clone()) {
            let name = name.to_owned();
            roots.push(Root { kind, name, path });
        }
    };
    let text_of = |table: &dyn TableLike, key: &str| {
        let value = table.get(key).and_then(Item::as_str);
        value.map(str::to_owned)
    };
    let lib = manifest.get("lib").and_then(Item::as_table_like);
    let named = |key| lib.and_then(|lib| text_of(lib, key));
    add(
        RootKind::Library,
        &named("name").unwrap_or_else(|| name.replace('-', "_")),
        named("path")
            .unwrap_or_else(|| "src/lib.rs".to_owned())
            .into(),
    );
    let kinds = [
        (RootKind::Bench, "bench", "benches"),
        (RootKind::Program, "bin", "src/bin"),
        (RootKind::Test, "test", "tests"),
        (RootKind::Example, "example", "examples"),
    ];
    for (kind, key, folder) in kinds {
        let targets = manifest.get(key).and_then(Item::as_array_of_tables);
        for target in targets.into_iter().flatten() {
            let name = text_of(target, "name").unwrap_or_default();
            let places = match text_of(target, "path") {
                Some(path) => vec![PathBuf::from(path)],
                None => vec![
                    format!("{folder}/{name}.rs").into(),
                    format!("{folder}/{name}/main.rs").into(),
                ],
            };
            places.into_iter().for_each(|path| add(kind, &name, path));
        }
        if kind == RootKind::Program {
            add(kind, name, "src/main.rs".into());
        }
        for entry in fs::read_dir(package.join(folder))
            .into_iter()
            .flatten()
            .flatten()
        {
            let path = entry.path();
            let name = path
                .file_stem()
                .and_then(|name| name.to_str())
                .unwrap_or_default()
                .to_owned();
            if path.extension() == Some("rs".as_ref()) {
                add(kind, &name, path);
            } else {
                add(kind, &name, path.join("main.rs"));
            }
        }
    }
    roots
}

/// How deep the packages of a workspace are looked for.
const DEPTH: usize = 4;

/// Whether a bench target in the workspace runs the cases of a library.
fn is_named_in(workspace: &Path, lib: &str) -> bool {
    let mut folders = vec![(workspace.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && depth < DEPTH && !path.join("CACHEDIR.TAG").exists() {
                folders.push((path, depth + 1));
            } else if path.extension() == Some("rs".as_ref())
                && folder.ends_with("benches")
                && read(&path).is_some_and(|text| {
                    uses::named_in_harness(&text).iter().any(|name| name == lib)
                })
            {
                return true;
            }
        }
    }
    false
}
