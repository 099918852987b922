//! Builds the bench target of a tree, as the user has built this one, with its functions aligned.
//!
//! Where a function lies is chance: one that has not changed moved by up to 11.9 % when another was added above
//! it, and by less where functions and loops are aligned, and [`super::layout`] does the rest. No repetition mends that.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, Signal, kill_process_group};
use serde::Deserialize;

use super::error::CompareError;
use super::executable::Executable;
use super::variables::{self, Changes};
use super::wanted::{self, Wanted};
use crate::interrupt::Interrupt;
use crate::report::progress::Steps;
use crate::stop::Stop;

/// For functions, so many bits; for loops, bytes.
pub(crate) const ALIGNED: [&str; 2] = [
    "-Cllvm-args=-align-all-functions=6",
    "-Cllvm-args=-align-loops=64",
];

/// What is to be built.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    /// Where Cargo is started: in the tree that is built.
    pub(crate) folder: &'a Path,
    pub(crate) package: &'a str,
    pub(crate) bench: &'a str,
    pub(crate) wanted: &'a Wanted,
    /// Cargo's target directory.
    pub(crate) directory: &'a Path,
    /// For an error, and for the progress.
    pub(crate) version: &'a str,
    /// Added to the user's.
    pub(crate) rustflags: &'a [&'a str],
    /// Cargo's, after the user's: `profile.bench.lto="fat"`.
    pub(crate) configuration: &'a [String],
    pub(crate) environment: &'a [(&'a str, OsString)],
    /// Of the environment that this process has.
    pub(crate) changes: &'a Changes,
    /// What may be the reason if it does not build.
    pub(crate) hint: &'a str,
}

/// What a build has made.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) executable: Executable,
    /// The folders of the packages in it that are no registry's.
    pub(super) local: BTreeSet<PathBuf>,
}

/// A line of `cargo build --message-format=json`.
#[derive(Deserialize)]
#[serde(tag = "reason")]
enum Message {
    #[serde(rename = "compiler-artifact")]
    Artifact {
        target: Named,
        manifest_path: PathBuf,
        package_id: String,
        executable: Option<PathBuf>,
    },
    #[serde(rename = "compiler-message")]
    Diagnostic { message: Diagnostic },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    rendered: Option<String>,
}

/// Builds, and shows what is ready, and in the end how long it took.
///
/// # Errors
///
/// If it does not build, or the user has had enough.
pub(crate) fn build(
    target: &Target<'_>,
    interrupt: &Interrupt,
    steps: &mut Steps,
) -> Result<Built, Stop<CompareError>> {
    let start = Instant::now();
    steps.begin(&format!("building {}", target.version));
    let write = |error| CompareError::Write(target.directory.to_owned(), error);
    fs::create_dir_all(target.directory).map_err(write)?;
    let errors = target.directory.join("cargo-stderr");
    let stderr = File::create(&errors).map_err(write)?;
    let mut cargo = command(target)
        .stdout(Stdio::piped())
        .stderr(stderr)
        // So that its compilers can be ended with it.
        .process_group(0)
        .spawn()
        .map_err(CompareError::NoCargo)?;
    let mut executable = None;
    let mut local = BTreeSet::new();
    let mut first_error = None;
    let is_complete = each_line(&mut cargo, interrupt, |line| {
        match serde_json::from_slice(line) {
            Ok(Message::Artifact {
                target: built,
                manifest_path,
                package_id,
                executable: path,
            }) => {
                steps.detail(&built.name);
                // Cargo's specifications of packages: those of a registry begin otherwise.
                if package_id.starts_with("path+") {
                    local.extend(manifest_path.parent().map(Path::to_owned));
                }
                if built.name == target.bench && built.kind.iter().any(|kind| kind == "bench") {
                    let folder = manifest_path.parent().map(Path::to_owned);
                    executable = path.map(|path| Executable::of(path, folder));
                }
            }
            Ok(Message::Diagnostic { message }) if message.level == "error" => {
                first_error = first_error.take().or(message.rendered);
            }
            // What is not Cargo's own is a build script's, or a warning.
            Ok(_) | Err(_) => {}
        }
    });
    let interrupted = || Stop::InterruptedWhile(format!("building {}", target.version));
    if !is_complete.map_err(CompareError::NoCargo)? {
        return Err(interrupted());
    }
    let status = cargo.wait().map_err(CompareError::NoCargo)?;
    if interrupt.is_raised() {
        return Err(interrupted());
    }
    match executable {
        Some(executable) if status.success() => {
            let took = seconds(start.elapsed());
            steps.end(&format!("built {} in {took}", target.version));
            Ok(Built { executable, local })
        }
        _ => {
            let said = || fs::read_to_string(&errors).unwrap_or_default();
            Err(failure(target, first_error.unwrap_or_else(said)).into())
        }
    }
}

pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// What Cargo says of a bench target that is not there is not what the user has to read.
fn failure(target: &Target<'_>, error: String) -> CompareError {
    let version = target.version.to_owned();
    let is_missing = ["no bench target named", "did not match any packages"];
    if is_missing.iter().any(|text| error.contains(text)) {
        let bench = target.bench.to_owned();
        return CompareError::NoHarness { version, bench };
    }
    let note = target.hint.to_owned();
    CompareError::Build {
        version,
        error,
        note,
    }
}

fn command(target: &Target<'_>) -> Command {
    let mut command = wanted::cargo(target.folder);
    variables::apply(target.changes, &mut command);
    command
        .args(["bench", "--no-run", "--message-format=json"])
        .args(["--package", target.package, "--bench", target.bench])
        .args(target.wanted.arguments())
        .envs(target.environment.iter().cloned())
        .env("CARGO_TERM_COLOR", "never")
        .env("CARGO_TERM_PROGRESS_WHEN", "never")
        .env("CARGO_TARGET_DIR", target.directory);
    for setting in target.configuration {
        command.args(["--config", setting]);
    }
    add_rustflags(&mut command, target);
    command
}

/// Adds flags where the user's are, for of the places that there are Cargo takes one: The Cargo Book,
/// "Configuration", `build.rustflags`.
fn add_rustflags(command: &mut Command, target: &Target<'_>) {
    if target.rustflags.is_empty() {
        return;
    }
    if let Some(flags) = encoded_flags(target.rustflags) {
        command.env(ENCODED, flags);
    } else {
        let key = if configures_a_target(target.folder) {
            "target.'cfg(all())'.rustflags"
        } else {
            "build.rustflags"
        };
        command
            .arg("--config")
            .arg(format!("{key}={:?}", target.rustflags));
    }
}

/// The variable by which those of any command that starts Cargo in `folder` are added to the user's, and its value.
pub(crate) fn rustflags_variable(folder: &Path, flags: &[&str]) -> (String, OsString) {
    if let Some(flags) = encoded_flags(flags) {
        return (ENCODED.to_owned(), flags);
    }
    let name = if configures_a_target(folder) {
        let triple = env!("HOTBENCH_TARGET").to_uppercase().replace('-', "_");
        format!("CARGO_TARGET_{triple}_RUSTFLAGS")
    } else {
        "CARGO_BUILD_RUSTFLAGS".to_owned()
    };
    // Cargo adds these to what its configuration says.
    let users = std::env::var_os(&name).unwrap_or_default();
    (name, joined(users, " ", flags))
}

const ENCODED: &str = "CARGO_ENCODED_RUSTFLAGS";

/// Those of the environment, if there are any, and more.
fn encoded_flags(more: &[&str]) -> Option<OsString> {
    let users = match std::env::var_os(ENCODED) {
        Some(flags) => flags,
        None => encoded(&std::env::var_os("RUSTFLAGS")?.to_string_lossy()).into(),
    };
    Some(joined(users, SEPARATOR, more))
}

const SEPARATOR: &str = "\x1f";

/// What stands in `RUSTFLAGS`, in the form in which a flag may have spaces.
fn encoded(flags: &str) -> String {
    let flags: Vec<&str> = flags.split_whitespace().collect();
    flags.join(SEPARATOR)
}

fn joined(mut flags: OsString, separator: &str, more: &[&str]) -> OsString {
    for flag in more {
        if !flags.is_empty() {
            flags.push(separator);
        }
        flags.push(flag);
    }
    flags
}

/// Whether Cargo's configuration has flags of a target, before which those of all builds don't count.
fn configures_a_target(folder: &Path) -> bool {
    let homes = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = homes.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let folders = folder.ancestors().map(|dir| dir.join(".cargo")).chain(home);
    let files = folders.flat_map(|dir| [dir.join("config.toml"), dir.join("config")]);
    let mut texts = files.filter_map(|file| fs::read_to_string(file).ok());
    texts.any(|text| has_target_flags(&text))
}

fn has_target_flags(config: &str) -> bool {
    let Ok(config) = config.parse::<toml_edit::DocumentMut>() else {
        // Cargo says what is wrong with it.
        return false;
    };
    let targets = config
        .get("target")
        .and_then(|targets| targets.as_table_like());
    targets.is_some_and(|targets| {
        let has_flags = |(_, target): (&str, &toml_edit::Item)| target.get("rustflags").is_some();
        targets.iter().any(has_flags)
    })
}

/// Calls `f` with each line that Cargo, or whatever leads its own group of processes, prints, until it ends. Returns
/// false if the user has had enough meanwhile: then it is killed.
pub(crate) fn each_line(
    cargo: &mut Child,
    interrupt: &Interrupt,
    mut f: impl FnMut(&[u8]),
) -> io::Result<bool> {
    let Some(mut stdout) = cargo.stdout.take() else {
        return Ok(true);
    };
    let mut pending = Vec::new();
    let mut buffer = [0; 8 * 1024];
    loop {
        let mut fds = [
            PollFd::from_borrowed_fd(stdout.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(interrupt.fd(), PollFlags::IN),
        ];
        match poll(&mut fds, None) {
            Err(rustix::io::Errno::INTR) => continue,
            result => result?,
        };
        if !fds[1].revents().is_empty() {
            if let Some(group) = Pid::from_raw(cargo.id().cast_signed()) {
                // It may have gone by itself.
                let _ = kill_process_group(group, Signal::KILL);
            }
            cargo.wait()?;
            return Ok(false);
        }
        let n = stdout.read(&mut buffer)?;
        if n == 0 {
            return Ok(true);
        }
        pending.extend_from_slice(&buffer[..n]);
        while let Some(end) = pending.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = pending.drain(..=end).collect();
            f(&line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{encoded, has_target_flags, joined};

    #[test]
    fn flags_are_added_to_the_users() {
        assert_eq!(
            joined("-Ctarget-cpu=native".into(), " ", &["-A", "-B"]),
            "-Ctarget-cpu=native -A -B"
        );
        assert_eq!(joined("".into(), " ", &["-A"]), "-A");
        assert_eq!(encoded("  -A  b "), "-A\x1fb");
        assert_eq!(encoded(""), "");
    }

    #[test]
    fn flags_of_a_target_are_found() {
        assert!(has_target_flags(
            "[target.x86_64-unknown-linux-gnu]\nrustflags = []\n"
        ));
        assert!(has_target_flags("target.'cfg(unix)'.rustflags = '-A'\n"));
        assert!(!has_target_flags(
            "[build]\nrustflags = []\n[target.a]\nlinker = 'lld'\n"
        ));
    }
}
