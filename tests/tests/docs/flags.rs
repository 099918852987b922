//! The flags that documents name.

use std::collections::BTreeSet;

use crate::{documents, text, workspace};

/// Flags of cargo, of its test runners and of libtest, that the documents name.
const FLAGS_OF_OTHERS: &[&str] = &[
    "archive-file",
    "features",
    // Any, where it is told what becomes of those that another program reads.
    "flag",
    "hotbench-child",
    "no-fail-fast",
    "no-run",
    "no-tests",
    "partition",
    "release",
    "run-ignored",
    // LLD's.
    "symbol-ordering-file",
    "version",
    "workspace",
    "workspace-remap",
];

/// The flags that the command lines of this workspace declare.
fn flags() -> BTreeSet<String> {
    let mut declared = BTreeSet::new();
    let cli = text("runtime/harness/src/cli.rs") + &tree("runtime/cli/src");
    for line in cli.lines().filter(|line| line.starts_with("    ")) {
        let field = line
            .trim()
            .trim_start_matches("pub(crate) ")
            .trim_start_matches("pub(super) ");
        if let Some((name, _)) = field.split_once(": ")
            && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        {
            declared.insert(name.replace('_', "-"));
        }
    }
    // Benches and examples that have flags of their own look for them by hand.
    for rest in (tree("benches") + &tree("examples")).split("\"--").skip(1) {
        declared.extend(rest.split('"').next().map(str::to_owned));
    }
    declared
}

/// The text of all Rust files in a folder and those in it, if there is one.
fn tree(folder: &str) -> String {
    let mut all = String::new();
    let mut left = vec![workspace().join(folder)];
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                all += &std::fs::read_to_string(path).expect("text");
            }
        }
    }
    all
}

#[test]
fn each_flag_that_a_document_names_is_one_that_is_there() {
    let declared = flags();
    assert!(declared.len() > 40, "{declared:?}");
    let mut unknown = Vec::new();
    // The guide for those who come from elsewhere names theirs, and has its own test.
    for document in documents().iter().filter(|it| *it != "docs/migration.md") {
        let text = text(document);
        for word in text.split(|c: char| c.is_whitespace() || "`()|\"".contains(c)) {
            let Some(flag) = word.strip_prefix("--") else {
                continue;
            };
            let flag = flag.split(['=', ',', '.', ':', ';']).next().unwrap_or(flag);
            let is_flag = flag.starts_with(|c: char| c.is_ascii_lowercase());
            if is_flag && !declared.contains(flag) && !FLAGS_OF_OTHERS.contains(&flag) {
                unknown.push(format!("{document}: --{flag}"));
            }
        }
    }
    assert!(unknown.is_empty(), "flags that are not there: {unknown:#?}");
}
