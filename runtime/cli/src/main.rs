//! `cargo hotbench`: adopts hotbench in a crate, says what is wrong, and runs the cases.
//!
//! What a package lacks is found once, by `survey`, in the words of `lack`: `init` mends all of it, `doctor` says it,
//! and `doctor --fix` mends it, by the same edits of `mend`. All of that is computed from what Cargo says
//! (`project`) and from texts (`files`, `manifest`, `sources`); `apply` alone writes, once the edits were
//! shown.

mod apply;
mod arguments;
mod bench;
mod ci;
mod diff;
mod doctor;
mod error;
mod example;
mod files;
mod init;
mod lack;
mod lock;
mod machine;
mod manifest;
mod mend;
mod project;
#[cfg(test)]
mod sample;
mod sources;
mod survey;
mod terminal;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use apply::{Applied, Consent, apply};
use arguments::{Ci, Cli, Command, ConsentOptions, Doctor, Init, split};
use error::CliError;
use files::Disk;
use project::{Package, Workspace, working_folder};
use terminal::{GOOD, HINT, NAME, PROBLEM, painted, print, say};

/// A check has failed.
const FAILED: u8 = 1;
/// Nothing could be done.
const UNABLE: u8 = 2;

/// Called as Cargo does it, with its own name once more, or without.
fn main() -> ExitCode {
    let mut words: Vec<OsString> = std::env::args_os().skip(1).collect();
    if words.first().is_some_and(|word| word == "hotbench") {
        words.remove(0);
    }
    let result = std::env::current_dir()
        .map_err(CliError::from)
        .and_then(|folder| run(&words, &folder));
    result.unwrap_or_else(|error| {
        say(&format!("{}: {error}", painted(PROBLEM, "error")));
        ExitCode::from(UNABLE)
    })
}

fn run(words: &[OsString], folder: &Path) -> Result<ExitCode, CliError> {
    let is_own = |word: &OsString| {
        let own = ["init", "doctor", "-h", "--help", "-V", "--version"];
        own.iter().any(|own| word == own)
    };
    let split = split(words);
    let is_command = words.first().is_some_and(is_own);
    // `-p app init` is meant as one, too.
    let is_late = !split.is_explicit && split.bench.first().is_some_and(is_own);
    let parsed = if is_command || is_late {
        Cli::try_parse_from(own(words.iter()))
    } else {
        Cli::try_parse_from(own(split.cargo.iter()))
    };
    match parsed {
        Err(error) => {
            error.print()?;
            Ok(u8::try_from(error.exit_code()).unwrap_or(UNABLE).into())
        }
        Ok(Cli {
            command: Some(Command::Init(options)),
            ..
        }) => adopt(&options, folder),
        Ok(Cli {
            command: Some(Command::Doctor(options)),
            ..
        }) => diagnose(&options, folder),
        Ok(Cli {
            command: None,
            cargo,
        }) => bench::run(&cargo, &split, folder),
    }
}

fn own<'a>(words: impl Iterator<Item = &'a OsString>) -> impl Iterator<Item = OsString> {
    let name = OsString::from("cargo hotbench");
    std::iter::once(name).chain(words.cloned())
}

fn adopt(options: &Init, folder: &Path) -> Result<ExitCode, CliError> {
    let workspace = Workspace::read(options.manifest_path.as_deref())?;
    let package = chosen(
        &workspace,
        options.package.as_deref(),
        options.manifest_path.as_deref(),
        folder,
    )?;
    let path = options
        .path
        .as_deref()
        .map(|path| dependency(path, package, folder));
    let workflow = options.ci.map(|Ci::Github| {
        apply::repository(&workspace.root).unwrap_or_else(|| workspace.root.clone())
    });
    let wanted = init::Options {
        path: path.transpose()?,
        example: options.example,
        workflow,
    };
    let plan = init::plan(&workspace, package, &wanted, &Disk)?;
    if !plan.lacks.is_empty() {
        let name = painted(NAME, &package.name);
        say(&format!("{name} is to be changed as shown, for as it is"));
        for lack in &plan.lacks {
            let (what, _) = lack.words(package.key(), &workspace.root);
            say(&format!("  - {what}"));
        }
    }
    for note in &plan.notes {
        say(&format!("{}: {note}", painted(HINT, "note")));
    }
    if plan.edits.is_empty() {
        say(&format!(
            "{}: nothing is left to do",
            painted(GOOD, &package.name)
        ));
        return Ok(ExitCode::SUCCESS);
    }
    if apply(&plan.edits, &workspace.root, options.consent.into())? == Applied::Written {
        say(&next(options, &workspace, package));
    }
    Ok(ExitCode::SUCCESS)
}

/// What to run now.
fn next(options: &Init, workspace: &Workspace, package: &Package) -> String {
    let choice = match workspace.members.len() {
        1 => String::new(),
        _ => format!(" -p {}", package.name),
    };
    let done = painted(GOOD, "written");
    let (next, until) = match options.example {
        true => (
            format!(
                "Run `cargo bench{choice}`, which measures the example, then `cargo test{choice}`, which fails in it and \
                 says where"
            ),
            "the example is mended",
        ),
        false => (
            format!(
                "Write `#[bench_case]` over a function, and `#[no_alloc]` over one that must not allocate; then run `cargo \
                 bench{choice}` and `cargo test{choice}`"
            ),
            "there is a case",
        ),
    };
    let workflow = match options.ci {
        Some(Ci::Github) => format!(". The workflow fails until {until}"),
        None => String::new(),
    };
    format!("{done}. {next}{workflow}")
}

fn chosen<'a>(
    workspace: &'a Workspace,
    name: Option<&str>,
    manifest: Option<&Path>,
    folder: &Path,
) -> Result<&'a Package, CliError> {
    workspace.package(name, &working_folder(manifest, folder))
}

/// The folder of hotbench, as the package's manifest is to have it.
fn dependency(path: &Path, package: &Package, folder: &Path) -> Result<PathBuf, CliError> {
    let manifest = folder.join(path).join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).unwrap_or_default();
    let document: Option<toml_edit::DocumentMut> = text.parse().ok();
    let name = document
        .as_ref()
        .and_then(|document| document.get("package")?.get("name")?.as_str());
    if name != Some("hotbench") {
        return Err(CliError::NoHotbench(path.to_owned()));
    }
    Ok(match package.folder() == folder {
        true => path.to_owned(),
        false => folder.join(path),
    })
}

fn diagnose(options: &Doctor, folder: &Path) -> Result<ExitCode, CliError> {
    let workspace = Workspace::read(options.manifest_path.as_deref())?;
    let name = options.package.as_deref();
    let package = name
        .map(|name| workspace.package(Some(name), folder))
        .transpose()?;
    let mut examination = doctor::examine(&workspace, package, &Disk)?;
    if !options.fix {
        examination.findings.extend(doctor::hints(&workspace.root));
    }
    examination.findings.iter().try_for_each(show)?;
    if options.fix && !examination.edits.is_empty() {
        let applied = apply(&examination.edits, &workspace.root, options.consent.into())?;
        if applied == Applied::Written {
            let workspace = Workspace::read(options.manifest_path.as_deref())?;
            let package = name
                .map(|name| workspace.package(Some(name), folder))
                .transpose()?;
            let said = std::mem::take(&mut examination.findings);
            examination = doctor::examine(&workspace, package, &Disk)?;
            let is_new = |finding: &&doctor::Finding| !said.contains(finding);
            examination
                .findings
                .iter()
                .filter(is_new)
                .try_for_each(show)?;
        }
    }
    let problems = examination.findings.iter();
    let problems = problems.filter(|finding| finding.is_problem).count();
    say(&summary(&examination, problems));
    Ok(match problems {
        0 => ExitCode::SUCCESS,
        _ => FAILED.into(),
    })
}

fn show(finding: &doctor::Finding) -> std::io::Result<()> {
    let (what, mend) = &finding.words;
    let kind = match finding.is_problem {
        true => painted(PROBLEM, "problem"),
        false => painted(HINT, "hint"),
    };
    let package = finding.package.as_ref().map(|name| format!("{name}: "));
    print(&format!(
        "{kind}: {}{what}: {mend}",
        package.unwrap_or_default()
    ))
}

fn summary(examination: &doctor::Examination, problems: usize) -> String {
    let count = |number: usize, what: &str| match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    };
    let packages = examination.packages.join(", ");
    let mendable = examination
        .findings
        .iter()
        .filter(|one| one.is_mendable)
        .count();
    let problems = match problems {
        0 => painted(GOOD, "no problem"),
        _ => painted(PROBLEM, &count(problems, "problem")),
    };
    let mend = match mendable {
        0 => String::new(),
        _ => format!("; `cargo hotbench doctor --fix` mends {mendable} of what is above"),
    };
    format!("{packages}: {problems}{mend}")
}

impl From<ConsentOptions> for Consent {
    fn from(options: ConsentOptions) -> Self {
        Self {
            dry_run: options.dry_run,
            yes: options.yes,
            allow_dirty: options.allow_dirty,
        }
    }
}
