//! Why nothing could be done, in the words of whoever meets it.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// What ends a command with exit code 2.
#[derive(Debug)]
pub(super) enum CliError {
    /// Cargo can't tell what is in the workspace.
    Metadata(cargo_metadata::Error),
    /// There are several packages, and none is named.
    WhichPackage(Vec<String>),
    NoSuchPackage {
        name: String,
        members: Vec<String>,
    },
    ProcMacro(String),
    /// A library that other crates of Rust can't link.
    Unlinkable {
        package: String,
        manifest: PathBuf,
    },
    /// Neither a library nor a program.
    NothingToMeasure(String),
    Manifest {
        path: PathBuf,
        error: toml_edit::TomlError,
    },
    /// A part of a manifest that is not of the type that Cargo reads there.
    Shape {
        path: PathBuf,
        key: String,
    },
    Unreadable(PathBuf),
    /// A source that is no Rust, as far as it is known here.
    Unparsed(PathBuf),
    /// `--path` leads to no package of this name.
    NoHotbench(PathBuf),
    NoMain(PathBuf),
    NoBenchTarget(Vec<String>),
    Dirty(Vec<PathBuf>),
    /// It is another one than when the changes were shown.
    Changed(PathBuf),
    Unconfirmed,
    Declined,
    Cargo(io::Error),
    Write {
        path: PathBuf,
        error: io::Error,
    },
    Console(io::Error),
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metadata(cargo_metadata::Error::CargoMetadata { stderr }) => {
                let said = stderr.trim();
                write!(
                    f,
                    "cargo can't read the workspace: {}",
                    said.strip_prefix("error: ").unwrap_or(said)
                )
            }
            Self::Metadata(error) => write!(f, "cargo can't read the workspace: {error}"),
            Self::WhichPackage(members) => write!(
                f,
                "there are several packages here; name one with `-p`: {}",
                members.join(", ")
            ),
            Self::NoSuchPackage { name, members } => write!(
                f,
                "the workspace has no package `{name}`; it has {}",
                members.join(", ")
            ),
            Self::ProcMacro(package) => write!(
                f,
                "`{package}` is a proc-macro crate: the compiler alone can load it, so that no bench target can call \
                 its functions; move what is to be measured into a library that it depends on, and adopt hotbench there"
            ),
            Self::Unlinkable { package, manifest } => write!(
                f,
                "the library of `{package}` can't be linked by a bench target: add \"lib\" to `crate-type` under \
                 `[lib]` in {}",
                manifest.display()
            ),
            Self::NothingToMeasure(package) => {
                write!(
                    f,
                    "`{package}` has neither a library nor a program to measure"
                )
            }
            Self::Manifest { path, error } => write!(f, "{}: {error}", path.display()),
            Self::Shape { path, key } => write!(
                f,
                "{}: `{key}` is not of the form that Cargo reads there",
                path.display()
            ),
            Self::Unreadable(path) => write!(f, "{} can't be read as text", path.display()),
            Self::Unparsed(path) => write!(f, "{} can't be parsed as Rust", path.display()),
            Self::NoHotbench(path) => write!(
                f,
                "`--path` is to name the folder of the package `hotbench`, and {} is none",
                path.display()
            ),
            Self::NoMain(path) => write!(
                f,
                "{} has no `fn main` to write `#[hotbench::main]` over",
                path.display()
            ),
            Self::NoBenchTarget(packages) => write!(
                f,
                "no bench target of hotbench in {}: `cargo hotbench init` makes one",
                packages.join(", ")
            ),
            Self::Dirty(files) => {
                f.write_str(
                    "these files have changes that are not committed; commit them, or let them be changed with \
                     `--allow-dirty`:",
                )?;
                files
                    .iter()
                    .try_for_each(|file| write!(f, "\n    {}", file.display()))
            }
            Self::Changed(path) => write!(
                f,
                "{} has changed since this was shown, and is left as it is: run it again",
                path.display()
            ),
            Self::Unconfirmed => f.write_str(
                "nothing is written, for this is no terminal to ask at: run it again with `--yes`",
            ),
            Self::Declined => f.write_str("nothing is written"),
            Self::Cargo(error) => write!(f, "cargo can't be started: {error}"),
            Self::Write { path, error } => {
                write!(f, "{} can't be written: {error}", path.display())
            }
            Self::Console(error) => write!(f, "can't print: {error}"),
        }
    }
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        Self::Console(error)
    }
}
