//! The documents name tests, flags, files and commands that exist.

mod commands;
mod events;
mod flags;
mod links;
mod peers;
mod schema;
mod workflow;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(crate) fn text(file: &str) -> String {
    std::fs::read_to_string(workspace().join(file)).expect(file)
}

/// All documents, by their paths from the root.
pub(crate) fn documents() -> Vec<String> {
    let folder = std::fs::read_dir(workspace().join("docs")).expect("the folder is there");
    let guides = folder.map(|file| file.expect("a file").file_name());
    let guides = guides.map(|name| format!("docs/{}", name.to_str().expect("UTF-8")));
    let root = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "macros/README.md",
    ];
    let root = root.map(str::to_owned);
    let examples = std::fs::read_dir(workspace().join("examples")).expect("the folder is there");
    let examples = examples.map(|example| example.expect("an example").file_name());
    let examples = examples
        .map(|name| format!("examples/{}/README.md", name.to_str().expect("UTF-8")))
        .filter(|readme| workspace().join(readme).exists());
    root.into_iter()
        .chain(guides.filter(|guide| guide.ends_with(".md")))
        .chain(examples)
        .collect()
}

/// A document without its blocks of code.
pub(crate) fn prose(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// What stands in backticks.
pub(crate) fn code(prose: &str) -> impl Iterator<Item = &str> {
    prose.split('`').skip(1).step_by(2)
}

/// What Cargo knows of each package of this workspace.
pub(crate) fn packages() -> Vec<Value> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(workspace());
    cargo.args("metadata --locked --no-deps --format-version 1".split(' '));
    let output = cargo.output().expect("cargo can be started");
    let mut metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    match metadata["packages"].take() {
        Value::Array(packages) => packages,
        other => panic!("no list: {other}"),
    }
}
