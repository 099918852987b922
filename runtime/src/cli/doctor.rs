//! `doctor`: what is wrong with a workspace, and what mends it.

use std::collections::BTreeSet;
use std::path::Path;

use super::error::CliError;
use super::files::{Draft, Edit, Files};
use super::lack::Lack;
use super::lock;
use super::machine::Words;
use super::mend::Mending;
use super::project::{Package, Workspace};
use super::survey::{Wanted, survey};

/// A thing that is wrong.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// Whose it is, if not of the workspace or of the machine.
    pub(super) package: Option<String>,
    pub(super) words: Words,
    /// Whether something does not work; else it is a hint.
    pub(super) is_problem: bool,
    /// Whether `--fix` mends it.
    pub(super) is_mendable: bool,
}

pub(super) struct Examination {
    pub(super) findings: Vec<Finding>,
    /// What mends those that edits can mend.
    pub(super) edits: Vec<Edit>,
    /// The packages that were looked at.
    pub(super) packages: Vec<String>,
}

/// Looks at a package, or at each that uses hotbench.
pub(super) fn examine(
    workspace: &Workspace,
    package: Option<&Package>,
    files: &dyn Files,
) -> Result<Examination, CliError> {
    let users = workspace.members.iter();
    let mut packages: Vec<&Package> = match package {
        Some(package) => vec![package],
        None => users
            .filter(|one| one.hotbench().next().is_some())
            .collect(),
    };
    if packages.is_empty() {
        packages = workspace.members.iter().collect();
    }
    let mut draft = Draft::new(files);
    let mut findings = Vec::new();
    let mut of_workspace = BTreeSet::new();
    for package in &packages {
        let mending = Mending {
            workspace,
            package,
            path: None,
        };
        for lack in survey(workspace, package, files, Wanted::AsUsed)? {
            if lack.is_mendable() {
                mending.mend(&lack, &mut draft)?;
            }
            let words = lack.words(package.key());
            if lack.is_of_workspace() && !of_workspace.insert(words.clone()) {
                continue;
            }
            findings.push(Finding {
                package: (!lack.is_of_workspace()).then(|| package.name.clone()),
                words,
                is_problem: lack.is_problem(),
                is_mendable: lack.is_mendable(),
            });
        }
    }
    let lock = files.text(&workspace.root.join("Cargo.lock"));
    findings.extend(
        lock.and_then(|text| lock::problem(&text))
            .map(|words| Finding {
                package: None,
                words,
                is_problem: true,
                is_mendable: false,
            }),
    );
    Ok(Examination {
        findings,
        edits: draft.edits(),
        packages: packages.iter().map(|one| one.name.clone()).collect(),
    })
}

/// What the machine lacks, as findings.
pub(super) fn hints(folder: &Path) -> impl Iterator<Item = Finding> {
    super::machine::hints(folder)
        .into_iter()
        .map(|words| Finding {
            package: None,
            words,
            is_problem: false,
            is_mendable: false,
        })
}

impl Lack {
    /// Whether it is in the workspace's root manifest, so that each package has it.
    fn is_of_workspace(&self) -> bool {
        matches!(
            self,
            Self::Resolver
                | Self::LineTables
                | Self::Stripped(_)
                | Self::OptLevel(_)
                | Self::DebugAssertions
        )
    }
}
