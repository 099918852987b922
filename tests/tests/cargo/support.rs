//! Runs cargo on a fixture.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

impl Said {
    /// Cargo's own exit code is 101 where a test target fails, and that of a bench target where
    /// that one fails; the code of the target stands in cargo's message.
    pub(crate) fn target_code(&self) -> Option<i32> {
        let (_, code) = self.stderr.rsplit_once("(exit status: ")?;
        code.split(')').next()?.parse().ok()
    }

    #[track_caller]
    pub(crate) fn passed(self) -> Self {
        assert_eq!(self.code, Some(0), "{self}");
        self
    }

    #[track_caller]
    pub(crate) fn failed(self) -> Self {
        assert_ne!(self.code, Some(0), "{self}");
        self
    }

    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        let said = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(said, "not said: {text}\n{self}");
        self
    }

    #[track_caller]
    pub(crate) fn never_says(&self, text: &str) -> &Self {
        let said = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(!said, "said: {text}\n{self}");
        self
    }

    /// The cells of the table's row for a case.
    #[track_caller]
    pub(crate) fn row(&self, case: &str) -> Vec<&str> {
        let lines: Vec<&str> = self.stdout.lines().collect();
        fn cells(line: &str) -> Vec<&str> {
            let cells = line.split("  ").map(str::trim);
            cells.filter(|cell| !cell.is_empty()).collect()
        }
        let is_of_case = |index: &usize| cells(lines[*index]).first() == Some(&case);
        let rows = (0..lines.len()).filter(is_of_case).map(|index| {
            let mut row = cells(lines[index]);
            // A long name has a line of its own.
            if row.len() == 1 && case.len() > 80 {
                row.extend(cells(lines.get(index + 1)?));
            }
            (row.len() > 1).then_some(row)
        });
        let row = rows.flatten().next();
        row.unwrap_or_else(|| panic!("no row for {case}\n{self}"))
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            stdout,
            stderr,
            code,
        } = self;
        write!(
            f,
            "exit: {code:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}"
        )
    }
}

/// Whether a cell says how a case compares with its baseline.
pub(crate) fn is_verdict(cell: Option<&&str>) -> bool {
    let verdicts = [
        "faster",
        "slower",
        "same within",
        "inconclusive",
        "not compared",
    ];
    cell.is_some_and(|cell| verdicts.iter().any(|verdict| cell.contains(verdict)))
}

/// The profiles of the fixtures' manifest, for a manifest that a test writes: what both depend on is built once.
pub(crate) fn profiles() -> &'static str {
    let manifest = include_str!("../../fixtures/Cargo.toml");
    let start = manifest.find("[profile.").expect("a profile");
    &manifest[start..]
}

/// Where the fixtures are built. One for all, so that what they depend on is built once.
pub(crate) fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixtures")
}

/// Cargo in the fixtures' workspace; the arguments are split at spaces.
pub(crate) fn cargo(arguments: &str) -> Said {
    cargo_with(arguments, &[])
}

/// The same, with variables of the environment.
pub(crate) fn cargo_with(arguments: &str, variables: &[(&str, &str)]) -> Said {
    cargo_in(".", arguments, variables)
}

/// The same, in a folder of the fixtures.
pub(crate) fn cargo_in(folder: &str, arguments: &str, variables: &[(&str, &str)]) -> Said {
    let mut cargo = Command::new(env!("CARGO"));
    run(command(cargo.args(arguments.split(' ')), folder, variables))
}

/// A command, in a folder of the fixtures and with the environment that cargo needs there.
pub(crate) fn command<'a>(
    command: &'a mut Command,
    folder: &str,
    variables: &[(&str, &str)],
) -> &'a mut Command {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    command
        .current_dir(fixtures.join(folder))
        .env("CARGO_TARGET_DIR", target())
        .env("CARGO_TERM_COLOR", "never")
        // What reports show, and quicker to build and to link than all that a debugger wants.
        .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
        .env("RUST_BACKTRACE", "0")
        // Set by the cargo that runs these tests, for them alone.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .envs(variables.iter().copied())
}

/// The executable of a fixture's bench target, as `cargo bench` builds it.
pub(crate) fn bench_executable(package: &str) -> PathBuf {
    executable(&format!(
        "bench -q -p {package} --bench hot --no-run --message-format json"
    ))
}

/// This executable as `cargo bench` starts it, without Cargo in between; the arguments are split at spaces.
pub(crate) fn timed(executable: &Path, arguments: &str) -> Command {
    let mut command = Command::new(executable);
    command
        .arg("--bench")
        .args(arguments.split(' '))
        .env("RUST_BACKTRACE", "0");
    command
}

/// An empty folder for a test of this name.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("folders")
        .join(name);
    // There is none, but after an earlier run.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    folder
}

/// The program that a cargo command builds, the last if there are several.
pub(crate) fn executable(arguments: &str) -> PathBuf {
    let said = cargo(arguments).passed();
    let messages = said.stdout.lines().map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).expect("JSON");
        message["executable"].as_str().map(PathBuf::from)
    });
    messages.flatten().last().expect("a program")
}

/// Copies a program that is to be started, in a process of its own: what another thread of the tests starts while it is
/// written has it open for writing, too, and then it is busy.
pub(crate) fn copy_program(from: &Path, to: &Path) {
    run(Command::new("cp").args([from, to])).passed();
}

pub(crate) fn run(command: &mut Command) -> Said {
    let output = command.output().expect("the command can be started");
    let Output {
        status,
        stdout,
        stderr,
    } = output;
    Said {
        stdout: String::from_utf8(stdout).expect("UTF-8"),
        stderr: String::from_utf8(stderr).expect("UTF-8"),
        code: status.code(),
    }
}

/// Options of a timed run that make it short; its times say nothing.
pub(crate) const QUICK: &str = "--warm-up-time 0.02 --measurement-time 0.02 --sample-size 10";

/// For a fixture whose features have the harness built for it alone, and of whose times nothing is asked: that is
/// quicker to build so.
pub(crate) const UNOPTIMISED: &str = "--config profile.release.package.criterion.opt-level=0 \
                                      --config profile.release.package.hotbench.opt-level=0 \
                                      --config profile.release.package.hotbench-engine.opt-level=0 \
                                      --config profile.release.package.hotbench-guard.opt-level=0";
