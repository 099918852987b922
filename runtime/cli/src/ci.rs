//! `init --ci github`: a workflow that gates by what is exact, and compares a pull request with where it is to go.

use std::path::{Path, PathBuf};

use super::files::{Content, Draft, Files};
use super::manifest::slashes;

/// What the workflow is for.
pub(super) struct Workflow<'a> {
    /// The folder of the repository.
    pub(super) repository: &'a Path,
    /// That of the workspace, in it.
    pub(super) workspace: &'a Path,
    /// That of the package.
    pub(super) folder: &'a Path,
    /// The package, if the workspace has others.
    pub(super) package: Option<&'a str>,
    /// Its bench target.
    pub(super) bench: &'a str,
    /// What its manifest calls hotbench.
    pub(super) key: &'a str,
}

const TEXT: &str = r#"name: hotbench

on:
  push:
    branches: [main, master]
  pull_request:

permissions:
  contents: read

jobs:
  # What is exact: it fails on each machine, or on none.
  check:
    runs-on: ubuntu-latest
@defaults@    steps:
      - uses: actions/checkout@v4
      - uses: dtolnay/rust-toolchain@stable
      - uses: Swatinem/rust-cache@v2
@cache@      - run: sudo apt-get update && sudo apt-get install -y valgrind
      - run: cargo test@package@
      - run: cargo bench@package@ --bench @bench@ -- --check --timeout 60

  # What is timed: both versions, in turns on one machine. It fails where the pull request is slower.
  compare:
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
@defaults@    steps:
      - uses: actions/checkout@v4
        with:
          # The other version has to be there.
          fetch-depth: 0
      - uses: dtolnay/rust-toolchain@stable
      - uses: Swatinem/rust-cache@v2
@cache@      - run: sudo apt-get update && sudo apt-get install -y valgrind
      - run: |
          if git grep -qE '@key@::(harness!|main)' "origin/$GITHUB_BASE_REF" -- :/@folder@; then
            cargo bench@package@ --bench @bench@ -- --compare "origin/$GITHUB_BASE_REF" --timeout 60 --format github
          else
            echo "origin/$GITHUB_BASE_REF has no cases yet"
          fi
"#;

impl Workflow<'_> {
    fn file(&self) -> PathBuf {
        self.repository.join(".github/workflows/hotbench.yml")
    }

    fn text(&self) -> String {
        let below = |path: &Path| {
            let inside = path.strip_prefix(self.repository).unwrap_or(Path::new(""));
            slashes(inside)
        };
        let folder = below(self.workspace);
        let (defaults, cache) = match folder.as_str() {
            "" => Default::default(),
            folder => (
                format!("    defaults:\n      run:\n        working-directory: {folder}\n"),
                format!("        with:\n          workspaces: {folder}\n"),
            ),
        };
        let package = self.package.map(|name| format!(" -p {name}"));
        TEXT.replace("@defaults@", &defaults)
            .replace("@cache@", &cache)
            .replace("@package@", &package.unwrap_or_default())
            .replace("@bench@", self.bench)
            .replace("@key@", &self.key.replace('-', "_"))
            .replace("@folder@", &below(self.folder))
    }

    /// Adds it; one that is there already is left, and said.
    pub(super) fn add(&self, draft: &mut Draft<'_>, notes: &mut Vec<String>) {
        let file = self.file();
        let text = self.text();
        match draft.text(&file) {
            Some(same) if same == text => {}
            // Of which the text may be none.
            _ if draft.exists(&file) => {
                notes.push(format!("{} is there, and stays as it is", file.display()));
            }
            _ => draft.write(&file, Content::Text(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Workflow;

    #[test]
    fn a_workspace_below_the_repository_is_worked_in() {
        let mut workflow = Workflow {
            repository: Path::new("/r"),
            workspace: Path::new("/r"),
            folder: Path::new("/r"),
            package: None,
            bench: "hot",
            key: "hotbench",
        };
        let alone = workflow.text();
        assert!(
            !alone.contains('@') || !alone.contains("@package"),
            "{alone}"
        );
        assert!(
            alone.contains("cargo test\n")
                && alone.contains("'hotbench::(harness!|main)'")
                && alone.contains(" -- :/;"),
            "{alone}"
        );
        assert!(!alone.contains("working-directory"), "{alone}");
        workflow.workspace = Path::new("/r/rust");
        workflow.folder = Path::new("/r/rust/app");
        workflow.package = Some("app");
        let below = workflow.text();
        assert_eq!(
            below.matches("working-directory: rust\n").count(),
            2,
            "{below}"
        );
        assert_eq!(below.matches("workspaces: rust\n").count(), 2, "{below}");
        assert!(
            below.contains("cargo bench -p app --bench hot -- --check"),
            "{below}"
        );
        assert!(below.contains(" -- :/rust/app;"), "{below}");
    }
}
