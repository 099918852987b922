//! `llvm-profdata`, which makes one profile of those that processes have left. Its formats are those of one version of
//! LLVM, that of the compiler.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const NAME: &str = "llvm-profdata";

/// The tool, where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profdata(PathBuf);

/// What the compiler says of itself.
struct Compiler {
    /// Where its component with LLVM's tools puts them.
    tools: PathBuf,
    /// LLVM's major version.
    llvm: u32,
}

impl Profdata {
    /// The one that the user names, else that of the toolchain which builds in `folder`, else one of its version of
    /// LLVM on the path.
    pub fn find(folder: &Path) -> Result<Self, ProfdataError> {
        if let Some(named) = std::env::var_os("LLVM_PROFDATA").filter(|name| !name.is_empty()) {
            let tool = PathBuf::from(named);
            return match llvm_of(&tool) {
                Some(_) => Ok(Self(tool)),
                None => Err(ProfdataError::Named(tool)),
            };
        }
        let compiler = Compiler::of(folder)?;
        let path = std::env::var_os("PATH").unwrap_or_default();
        compiler.tool(&path)
    }

    /// A tool that is at this path, whatever its version.
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// Why there is none.
#[derive(Debug)]
pub enum ProfdataError {
    /// The compiler could not be asked.
    Rustc(io::Error),
    /// None of the compiler's version of LLVM, and the one that there is, of that version if it tells.
    Absent {
        /// The major version that is needed.
        llvm: u32,
        /// One of another version, or of an unknown one.
        foreign: Option<(PathBuf, Option<u32>)>,
    },
    /// What the user names is none.
    Named(PathBuf),
}

impl fmt::Display for ProfdataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rustc(error) => write!(f, "`rustc` can't be started: {error}"),
            Self::Absent { llvm, foreign } => {
                f.write_str("the setting `pgo` needs `llvm-profdata`")?;
                match foreign {
                    None => f.write_str(", which is not there")?,
                    Some((path, Some(other))) => write!(
                        f,
                        " of LLVM {llvm}, the compiler's; {} is of LLVM {other}",
                        path.display()
                    )?,
                    Some((path, None)) => write!(
                        f,
                        " of LLVM {llvm}, the compiler's; {} does not tell its version",
                        path.display()
                    )?,
                }
                f.write_str(
                    ". Install it:\n\n    rustup component add llvm-tools\n\n\
                     or name another by the variable `LLVM_PROFDATA`",
                )
            }
            Self::Named(path) => write!(
                f,
                "`LLVM_PROFDATA` names {}, which is no `llvm-profdata` that can be run",
                path.display()
            ),
        }
    }
}

impl Compiler {
    /// Of the toolchain that builds what is in `folder`.
    fn of(folder: &Path) -> Result<Self, ProfdataError> {
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let ask = |arguments: &[&str]| {
            let mut command = Command::new(&rustc);
            let output = command.args(arguments).current_dir(folder).output();
            output
                .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
                .map_err(ProfdataError::Rustc)
        };
        let version = ask(&["-vV"])?;
        let field = |name: &str| {
            let mut lines = version.lines();
            lines.find_map(|line| line.strip_prefix(name))
        };
        let sysroot = ask(&["--print", "sysroot"])?;
        let host = field("host: ").unwrap_or_default();
        let libraries = Path::new(sysroot.trim()).join("lib/rustlib");
        Ok(Self {
            tools: libraries.join(host).join("bin"),
            llvm: field("LLVM version: ").and_then(major).unwrap_or_default(),
        })
    }

    fn tool(&self, path: &OsStr) -> Result<Profdata, ProfdataError> {
        let component = self.tools.join(NAME);
        if component.is_file() {
            return Ok(Profdata(component));
        }
        let mut foreign = None;
        // Debian's have their version in their names.
        for name in [format!("{NAME}-{}", self.llvm), NAME.to_owned()] {
            let mut tools = std::env::split_paths(path).map(|folder| folder.join(&name));
            let Some(tool) = tools.find(|tool| tool.is_file()) else {
                continue;
            };
            match llvm_of(&tool) {
                Some(llvm) if llvm == self.llvm => return Ok(Profdata(tool)),
                llvm => foreign = Some((tool, llvm)),
            }
        }
        Err(ProfdataError::Absent {
            llvm: self.llvm,
            foreign,
        })
    }
}

/// LLVM's major version, as its tool tells it.
fn llvm_of(tool: &Path) -> Option<u32> {
    // Without a command, versions before LLVM 17 don't know the flag.
    let output = Command::new(tool).args(["merge", "--version"]).output();
    let Output { stdout, .. } = output.ok()?;
    let text = String::from_utf8_lossy(&stdout);
    let (_, version) = text.split_once("LLVM version ")?;
    major(version)
}

fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};

    use super::{Compiler, Profdata, ProfdataError};

    /// A tool that does as little as is needed.
    fn tool(folder: &Path, name: &str, script: &str) -> PathBuf {
        fs::create_dir_all(folder).expect("a folder");
        let path = folder.join(name);
        // By a name of its own first: another thread that forks meanwhile keeps what is open for writing from being run.
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
        path
    }

    fn of_llvm(folder: &Path, name: &str, llvm: u32) -> PathBuf {
        tool(
            folder,
            name,
            &format!("echo 'Debian LLVM version {llvm}.0.6'"),
        )
    }

    #[test]
    fn the_component_comes_first_then_the_version_then_the_name() {
        let home = tempfile::tempdir().expect("a folder");
        let (tools, bin) = (home.path().join("tools"), home.path().join("bin"));
        let compiler = Compiler {
            tools: tools.clone(),
            llvm: 22,
        };
        let found = || compiler.tool(bin.as_os_str());
        let none = found().expect_err("there is none");
        let said = none.to_string();
        assert!(said.contains("rustup component add llvm-tools"), "{said}");
        of_llvm(&bin, "llvm-profdata", 14);
        match found().expect_err("of another version") {
            ProfdataError::Absent {
                foreign: Some((_, Some(14))),
                ..
            } => {}
            other => panic!("{other}"),
        }
        let plain = of_llvm(&bin, "llvm-profdata", 22);
        assert_eq!(found().expect("a tool"), Profdata(plain));
        let versioned = of_llvm(&bin, "llvm-profdata-22", 22);
        assert_eq!(found().expect("a tool"), Profdata(versioned));
        let component = of_llvm(&tools, "llvm-profdata", 22);
        assert_eq!(found().expect("a tool"), Profdata(component));
    }
}
