//! Without a command: `cargo bench` of the bench targets of hotbench's.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

use super::arguments::{CargoOptions, Split};
use super::error::CliError;
use super::files::Disk;
use super::project::{Package, Workspace, working_folder};
use super::survey::bench_names;

/// Runs them, and ends as `cargo bench` does.
pub(super) fn run(
    options: &CargoOptions,
    split: &Split,
    folder: &Path,
) -> Result<ExitCode, CliError> {
    let mut names = Vec::new();
    if options.bench.is_empty() {
        let workspace = Workspace::read(options.manifest_path.as_deref())?;
        let packages = packages(&workspace, options, folder)?;
        for package in &packages {
            names.extend(bench_names(package, &Disk));
        }
        if names.is_empty() {
            let packages = packages.iter().map(|package| package.name.clone());
            return Err(CliError::NoBenchTarget(packages.collect()));
        }
        names.sort();
        names.dedup();
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(words(split, &names));
    hand_over(command)
}

/// The packages that Cargo would bench.
fn packages<'a>(
    workspace: &'a Workspace,
    options: &CargoOptions,
    folder: &Path,
) -> Result<Vec<&'a Package>, CliError> {
    if !options.package.is_empty() {
        let named = options.package.iter();
        return named
            .map(|name| workspace.package(Some(name), folder))
            .collect();
    }
    if options.workspace {
        return Ok(workspace.members.iter().collect());
    }
    let folder = working_folder(options.manifest_path.as_deref(), folder);
    match workspace.package(None, &folder) {
        // At the root Cargo takes those that it is told to.
        Ok(package) if package.folder() != workspace.root => Ok(vec![package]),
        _ => Ok(workspace
            .members
            .iter()
            .filter(|package| workspace.default.contains(&package.name))
            .collect()),
    }
}

/// What Cargo is told.
fn words(split: &Split, names: &[String]) -> Vec<OsString> {
    let mut words = vec!["bench".into()];
    let own = |word: &OsString| match word
        .to_str()
        .and_then(|word| word.strip_prefix("--cargo-profile"))
    {
        Some(rest) => format!("--profile{rest}").into(),
        None => word.clone(),
    };
    words.extend(split.cargo.iter().map(own));
    words.extend(
        names
            .iter()
            .flat_map(|name| ["--bench".into(), name.into()]),
    );
    if !split.bench.is_empty() {
        words.push("--".into());
        words.extend(split.bench.iter().cloned());
    }
    words
}

/// Becomes Cargo, so that signals and the exit status are its own.
#[cfg(unix)]
fn hand_over(mut cargo: Command) -> Result<ExitCode, CliError> {
    Err(CliError::Cargo(std::os::unix::process::CommandExt::exec(
        &mut cargo,
    )))
}

#[cfg(not(unix))]
fn hand_over(mut cargo: Command) -> Result<ExitCode, CliError> {
    let status = cargo.status().map_err(CliError::Cargo)?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.unwrap_or(1).into())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use std::path::Path;

    use clap::Parser;

    use super::super::arguments::{Cli, split};
    use super::super::project::{Package, Workspace};
    use super::{packages, words};

    #[test]
    fn those_packages_are_run_that_cargo_would_run() {
        let member = |name: &str| Package {
            name: name.to_owned(),
            manifest: Path::new("/ws").join(name).join("Cargo.toml"),
            targets: Vec::new(),
            dependencies: Vec::new(),
            default_run: None,
        };
        let workspace = Workspace {
            root: "/ws".into(),
            members: ["a", "b"].map(member).into(),
            default: vec!["a".to_owned()],
        };
        let run = |line: &str, folder: &str| {
            let options = Cli::try_parse_from(line.split(' ')).expect("options").cargo;
            let packages = packages(&workspace, &options, Path::new(folder)).expect("packages");
            packages
                .iter()
                .map(|one| one.name.as_str())
                .collect::<String>()
        };
        assert_eq!(run("hotbench", "/ws"), "a");
        assert_eq!(run("hotbench", "/ws/b"), "b");
        assert_eq!(run("hotbench -p b", "/ws"), "b");
        assert_eq!(run("hotbench --workspace", "/ws/b"), "ab");
    }

    #[test]
    fn cargo_is_told_its_own_words_first() {
        let said = |line: &str, names: &[&str]| {
            let line: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let words = words(&split(&line), &names);
            words
                .join(&OsString::from(" "))
                .into_string()
                .expect("text")
        };
        assert_eq!(said("", &["hot"]), "bench --bench hot");
        assert_eq!(
            said("a --check -p app --cargo-profile=x", &["hot", "other"]),
            "bench -p app --profile=x --bench hot --bench other -- a --check"
        );
        assert_eq!(
            said("--bench one --cargo-profile x", &[]),
            "bench --bench one --profile x"
        );
    }
}
