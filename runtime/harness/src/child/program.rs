//! The executable that workers run: the very file that the user has started, whatever becomes of its name.
//!
//! On Linux `/proc/self/exe` stands for the file itself: it starts a file that was replaced or removed, too. Elsewhere a
//! copy is made when the harness starts.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Build;
use hotbench_guard::executable;

/// What Linux calls the file of the process that asks.
const OWN: &str = "/proc/self/exe";

/// The program that this process runs.
#[derive(Debug)]
pub(crate) struct Program {
    /// The file as it was named when it was started.
    name: PathBuf,
    start: Start,
}

/// How it is started again.
#[derive(Debug)]
enum Start {
    /// As the file of this process.
    Own,
    /// By the runner that has started this process and has the program in its own: the arguments before the
    /// program's file, and the file, held open.
    ByRunner {
        arguments: Vec<OsString>,
        file: File,
    },
    /// From a copy.
    Copy(Copied),
}

impl Program {
    /// The program of this process, which holds `build`.
    ///
    /// # Errors
    ///
    /// If its file can't be found or, off Linux, copied.
    pub(crate) fn of_this_process(build: &Build) -> io::Result<Self> {
        let file = std::env::current_exe()?;
        if !cfg!(target_os = "linux") {
            let start = Start::Copy(Copied::of(&file)?);
            return Ok(Self { name: file, start });
        }
        let own = executable::containing(build.defaults as *const () as usize);
        let file = executable::without_mark(file);
        match own {
            Some(name) if name != file => Self::by_runner(name),
            _ => Ok(Self {
                name: file,
                start: Start::Own,
            }),
        }
    }

    /// Started by a runner, whose file is that of this process.
    fn by_runner(name: PathBuf) -> io::Result<Self> {
        let file = File::open(&name)?;
        let arguments: Vec<OsString> = read_command_line()?;
        let is_program = |argument: &OsString| {
            let argument = std::fs::canonicalize(argument).ok();
            argument.is_some() && argument == std::fs::canonicalize(&name).ok()
        };
        let program = arguments.iter().skip(1).position(is_program).unwrap_or(0);
        let arguments = arguments.into_iter().skip(1).take(program).collect();
        Ok(Self {
            name,
            start: Start::ByRunner { arguments, file },
        })
    }

    /// What starts it.
    pub(crate) fn command(&self) -> Command {
        match &self.start {
            Start::Own => {
                let mut command = Command::new(OWN);
                command.arg0(&self.name);
                command
            }
            Start::ByRunner { arguments, .. } => {
                let mut command = Command::new(OWN);
                command.args(arguments).arg(self.file());
                command
            }
            Start::Copy(copy) => {
                let mut command = Command::new(&copy.file);
                command.arg0(&self.name);
                command
            }
        }
    }

    /// The file, by a name that holds for other processes as long as this one runs.
    pub(crate) fn file(&self) -> PathBuf {
        let process = std::process::id();
        match &self.start {
            Start::Own => format!("/proc/{process}/exe").into(),
            Start::ByRunner { file, .. } => {
                format!("/proc/{process}/fd/{}", file.as_raw_fd()).into()
            }
            Start::Copy(copy) => copy.file.clone(),
        }
    }
}

/// The arguments of this process as the system has them: a runner hides its own from the program.
fn read_command_line() -> io::Result<Vec<OsString>> {
    use std::os::unix::ffi::OsStringExt;

    let line = std::fs::read("/proc/self/cmdline")?;
    let line = line.strip_suffix(b"\0").unwrap_or(&line);
    let arguments = line.split(|&byte| byte == 0);
    Ok(arguments
        .map(|argument| OsString::from_vec(argument.to_vec()))
        .collect())
}

/// A copy of a file, in a folder of its own, which goes with it.
#[derive(Debug)]
struct Copied {
    folder: PathBuf,
    file: PathBuf,
}

impl Copied {
    fn of(original: &Path) -> io::Result<Self> {
        let process = std::process::id();
        let folder = std::env::temp_dir().join(format!("hotbench-program-{process}"));
        std::fs::create_dir_all(&folder)?;
        let file = folder.join(original.file_name().unwrap_or_default());
        std::fs::copy(original, &file)?;
        Ok(Self { folder, file })
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        // What can't be removed is the system's to clean up, as all in its temporary folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::Copied;

    #[test]
    fn a_copy_starts_as_the_original_does_and_goes_with_its_owner() {
        let original = std::env::current_exe().expect("this program");
        let copy = Copied::of(&original).expect("it can be copied");
        let mut listed = std::process::Command::new(&copy.file);
        let listed = listed.args(["--list", "no such test"]).output();
        assert!(listed.expect("it can be started").status.success());
        let folder = copy.folder.clone();
        drop(copy);
        assert!(!folder.exists());
    }
}
