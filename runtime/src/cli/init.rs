//! `init`: all that an adoption needs, as edits; pure.

use std::path::PathBuf;

use super::ci::Workflow;
use super::error::CliError;
use super::example;
use super::files::{Draft, Edit, Files};
use super::lack::Lack;
use super::mend::Mending;
use super::project::{Kind, Package, Workspace};
use super::survey::{Wanted, bench_names, survey};

/// What is asked for.
pub(super) struct Options {
    /// The folder of hotbench, in the place of a version.
    pub(super) path: Option<PathBuf>,
    pub(super) example: bool,
    /// The folder of the repository that is to have a workflow.
    pub(super) workflow: Option<PathBuf>,
}

pub(super) struct Plan {
    pub(super) edits: Vec<Edit>,
    pub(super) lacks: Vec<Lack>,
    /// What is said besides.
    pub(super) notes: Vec<String>,
}

pub(super) fn plan(
    workspace: &Workspace,
    package: &Package,
    options: &Options,
    files: &dyn Files,
) -> Result<Plan, CliError> {
    refuse(package)?;
    let lacks = survey(workspace, package, files, Wanted::Adoption)?;
    let lacks = lacks.into_iter().filter(Lack::is_of_adoption);
    let (lacks, rest): (Vec<_>, Vec<_>) = lacks.partition(Lack::is_mendable);
    let mut draft = Draft::new(files);
    let mending = Mending {
        workspace,
        package,
        path: options.path.clone(),
    };
    for lack in &lacks {
        mending.mend(lack, &mut draft)?;
    }
    let mut notes = notes(package, &lacks);
    notes.extend(rest.iter().map(|lack| {
        let (what, mend) = lack.words(package.key());
        format!("not mended: {what}: {mend}")
    }));
    if options.example {
        example::add(package, &mut draft)?;
    }
    if let Some(repository) = &options.workflow {
        let benches = bench_names(package, files);
        let workflow = Workflow {
            repository,
            workspace: &workspace.root,
            folder: package.folder(),
            package: (workspace.members.len() > 1).then_some(&package.name),
            bench: match benches.first() {
                Some(name) => name,
                None => mending.free_name(&draft),
            },
        };
        workflow.add(&mut draft, &mut notes);
    }
    Ok(Plan {
        edits: draft.edits(),
        lacks,
        notes,
    })
}

/// What can't be measured by a bench target is said before anything is changed.
fn refuse(package: &Package) -> Result<(), CliError> {
    if package.of(Kind::ProcMacro).next().is_some() {
        return Err(CliError::ProcMacro(package.name.clone()));
    }
    if package.of(Kind::Foreign).next().is_some() {
        return Err(CliError::Unlinkable {
            package: package.name.clone(),
            manifest: package.manifest.clone(),
        });
    }
    match package.lib().or_else(|| package.program()) {
        Some(_) => Ok(()),
        None => Err(CliError::NothingToMeasure(package.name.clone())),
    }
}

fn notes(package: &Package, lacks: &[Lack]) -> Vec<String> {
    let mut notes = Vec::new();
    let bins = package.of(Kind::Bin).count();
    if !lacks.contains(&Lack::BenchTarget) {
        return notes;
    }
    if package.lib().is_some() && bins > 0 {
        notes.push(
            "the cases are those of the library; what is in a program's own source is none".into(),
        );
    } else if let (Some(program), 2..) = (package.program(), bins) {
        notes.push(format!(
            "the cases are those of the program `{}`, one of {bins}; a library could have them all",
            program.name
        ));
    }
    notes
}
