//! The shape of the code: between folders, imports go one way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The checked packages. The guard is left out: its core is one unit.
const PACKAGES: [&str; 4] = ["cli", "engine", "harness", "project"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

/// The names after each `crate::`, and after each `super::` too where that is the crate.
fn names(text: &str, is_at_root: bool) -> BTreeSet<&str> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut found = BTreeSet::new();
    for line in code {
        let roots = ["crate::", "super::"];
        for root in &roots[..1 + usize::from(is_at_root)] {
            for rest in line.split(root).skip(1) {
                let group = rest.strip_prefix('{').unwrap_or(rest);
                let end = group.find(|c: char| !c.is_alphanumeric() && !"_, ".contains(c));
                let all = &group[..end.unwrap_or(group.len())];
                let of_group = rest.starts_with('{');
                let name = |name: &'_ str| !name.is_empty();
                found.extend(
                    all.split([',', ' '])
                        .filter(|it| name(it))
                        .take(if of_group { usize::MAX } else { 1 }),
                );
            }
        }
    }
    found
}

/// The imports between the top-level modules of a crate. A folder counts as one module.
fn edges(root: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut files = Vec::new();
    sources(root, &mut files);
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files {
        let inside = file.strip_prefix(root).expect("in it");
        let mut parts = inside.iter();
        let first = parts.next().expect("a name").to_string_lossy();
        let is_at_root = parts.next().is_none();
        let module = first.trim_end_matches(".rs").to_owned();
        // The root names all others, and is named for what it re-exports.
        if is_at_root && ["lib", "main"].contains(&&*module) {
            continue;
        }
        let text = fs::read_to_string(&file).expect("text");
        let named = names(&text, is_at_root).into_iter().map(str::to_owned);
        edges.entry(module).or_default().extend(named);
    }
    let modules: BTreeSet<String> = edges.keys().cloned().collect();
    for (module, named) in &mut edges {
        named.retain(|name| name != module && modules.contains(name));
    }
    edges
}

/// All that is reached from a module.
fn reached(edges: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut left = vec![from.to_owned()];
    while let Some(module) = left.pop() {
        for next in &edges[&module] {
            if found.insert(next.clone()) {
                left.push(next.clone());
            }
        }
    }
    found
}

#[test]
fn no_folder_is_in_a_circle_of_imports() {
    let mut folders = 0;
    for package in PACKAGES {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../runtime")
            .join(package)
            .join("src");
        let edges = edges(&root);
        for module in edges.keys().filter(|module| root.join(module).is_dir()) {
            folders += 1;
            let back = edges[module]
                .iter()
                .filter(|next| reached(&edges, next).contains(module));
            let back: Vec<&String> = back.collect();
            assert!(
                back.is_empty(),
                "{package}: `{module}` imports {back:?}, which lead back to it"
            );
        }
    }
    assert!(folders > 8, "{folders}");
}
