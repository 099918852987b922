//! The command line: declarations, and which words of it are Cargo's.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

const RULE: &str = "\
Without a command, the cases of a bench target are run: `cargo bench --bench hot -- WORDS`, with the target's own
name. Of the words, the options above are Cargo's, wherever they stand; all others, and each word after `--`, go to the
bench target as they are: its flags (`cargo hotbench -- --help` lists them) and filters of its cases. The exit status is
that of `cargo bench`.

    cargo hotbench                              all cases
    cargo hotbench parse --check                those with `parse` in their id, untimed
    cargo hotbench -p app --compare HEAD        of the package `app`, against the last commit
    cargo hotbench -- init                      those with `init` in their id, which is a command else";

/// Adopts hotbench in a crate, says what is wrong, and runs the cases
#[derive(Debug, Parser)]
#[command(name = "cargo-hotbench", bin_name = "cargo hotbench", version, after_help = RULE)]
#[command(
    max_term_width = 100,
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = true
)]
#[command(
    override_usage = "cargo hotbench [CARGO'S OPTIONS] [FILTER OR FLAG]... [-- WORDS...]\n       \
                            cargo hotbench init [OPTIONS]\n       cargo hotbench doctor [OPTIONS]"
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) cargo: CargoOptions,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write all that a package needs: dependencies, `bench = false`, the bench target, line tables
    Init(Init),
    /// Say what is wrong with a workspace, and what mends it
    Doctor(Doctor),
}

#[derive(Debug, Args)]
pub(super) struct Init {
    /// The package, if there are several
    #[arg(long, short, value_name = "PACKAGE")]
    pub(super) package: Option<String>,
    /// Add an example: a case that is measured, and a test that fails for an allocation
    #[arg(long)]
    pub(super) example: bool,
    /// Add a workflow that tests, checks and compares
    #[arg(long, value_name = "SERVICE")]
    pub(super) ci: Option<Ci>,
    /// Depend on the hotbench in this folder, not on a version
    #[arg(long, value_name = "PATH")]
    pub(super) path: Option<PathBuf>,
    #[command(flatten)]
    pub(super) consent: ConsentOptions,
    /// The manifest of the package or the workspace
    #[arg(long, value_name = "PATH")]
    pub(super) manifest_path: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// This package alone, not all that use hotbench
    #[arg(long, short, value_name = "PACKAGE")]
    pub(super) package: Option<String>,
    /// Mend what edits can mend
    #[arg(long)]
    pub(super) fix: bool,
    #[command(flatten)]
    pub(super) consent: ConsentOptions,
    /// The manifest of the package or the workspace
    #[arg(long, value_name = "PATH")]
    pub(super) manifest_path: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct ConsentOptions {
    /// Show what would be written, and write nothing
    #[arg(long, conflicts_with = "yes")]
    pub(super) dry_run: bool,
    /// Write without asking
    #[arg(long, short)]
    pub(super) yes: bool,
    /// Change files with changes that are not committed, too
    #[arg(long)]
    pub(super) allow_dirty: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Ci {
    /// .github/workflows/hotbench.yml
    Github,
}

/// What of Cargo's goes before the `--`. They are handed on as they were written, and some are read here, too.
#[derive(Debug, Args)]
#[command(next_help_heading = "Cargo's options")]
pub(super) struct CargoOptions {
    /// The package whose cases are run; several with several
    #[arg(long, short, value_name = "PACKAGE")]
    pub(super) package: Vec<String>,
    /// All packages of the workspace
    #[arg(long)]
    pub(super) workspace: bool,
    /// The bench target, if not each one of hotbench's
    #[arg(long, value_name = "NAME")]
    pub(super) bench: Vec<String>,
    /// Features to turn on
    #[arg(long, short = 'F', value_name = "FEATURES")]
    features: Vec<String>,
    /// Turn all features on
    #[arg(long)]
    all_features: bool,
    /// Turn the default features off
    #[arg(long)]
    no_default_features: bool,
    /// Cargo's `--profile`, for that is a flag of the bench target
    #[arg(long, value_name = "NAME")]
    cargo_profile: Option<String>,
    /// The platform to build for
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Where it is built
    #[arg(long, value_name = "PATH")]
    target_dir: Option<PathBuf>,
    /// The manifest of the package or the workspace
    #[arg(long, value_name = "PATH")]
    pub(super) manifest_path: Option<PathBuf>,
    /// How many builds at once
    #[arg(long, short, value_name = "N")]
    jobs: Option<String>,
    /// A value of Cargo's configuration
    #[arg(long, value_name = "KEY=VALUE")]
    config: Vec<String>,
    /// Keep Cargo.lock as it is
    #[arg(long)]
    locked: bool,
    /// Without the network
    #[arg(long)]
    offline: bool,
    /// Both of these
    #[arg(long)]
    frozen: bool,
}

/// The words of a run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Split {
    pub(super) cargo: Vec<OsString>,
    pub(super) bench: Vec<OsString>,
    /// Whether there was a `--` before the first word of the bench target.
    pub(super) is_explicit: bool,
}

/// Which words are Cargo's.
pub(super) fn split(words: &[OsString]) -> Split {
    let command = Cli::command();
    let options: Vec<_> = command.get_arguments().collect();
    let mut split = Split {
        cargo: Vec::new(),
        bench: Vec::new(),
        is_explicit: false,
    };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            split.is_explicit = split.bench.is_empty();
            split.bench.extend(words.cloned());
            break;
        }
        let text = word.to_string_lossy();
        let (option, has_value) = match text.strip_prefix("--") {
            Some(long) => {
                let (name, value) = long
                    .split_once('=')
                    .map_or((long, None), |(a, b)| (a, Some(b)));
                let of_name = options.iter().find(|one| one.get_long() == Some(name));
                (of_name, value.is_some())
            }
            None => {
                let short = text.strip_prefix('-').and_then(|rest| rest.chars().next());
                let of_letter = options
                    .iter()
                    .find(|one| short.is_some() && one.get_short() == short);
                (of_letter, text.len() > 2)
            }
        };
        let Some(option) = option else {
            split.bench.push(word.clone());
            continue;
        };
        split.cargo.push(word.clone());
        if option.get_action().takes_values() && !has_value {
            split.cargo.extend(words.next().cloned());
        }
    }
    split
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::CommandFactory;

    use super::{Cli, split};

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn the_declarations_hold() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_of_cargo_are_found_wherever_they_stand() {
        for (line, cargo, bench, is_explicit) in [
            ("parse --check -p app", "-p app", "parse --check", false),
            ("-papp -F a,b --skip x", "-papp -F a,b", "--skip x", false),
            (
                "--features=a --profile f.json",
                "--features=a",
                "--profile f.json",
                false,
            ),
            (
                "--cargo-profile slow --locked x",
                "--cargo-profile slow --locked",
                "x",
                false,
            ),
            ("-j 2 -- -p app --locked", "-j 2", "-p app --locked", true),
            ("x -- y", "", "x y", false),
            ("-q -", "", "-q -", false),
        ] {
            let split = split(&words(line));
            assert_eq!(split.cargo, words(cargo), "{line}");
            assert_eq!(split.bench, words(bench), "{line}");
            assert_eq!(split.is_explicit, is_explicit, "{line}");
        }
    }

    /// Else a flag of the bench target could not be reached.
    #[test]
    fn no_flag_of_the_bench_target_is_cargos() {
        let ours = Cli::command();
        let harness = hotbench_harness::command();
        for flag in harness.get_arguments() {
            // Cargo says it, and no user.
            let is_known = |other: &&clap::Arg| {
                let long = flag.get_long().filter(|long| *long != "bench");
                (long.is_some() && other.get_long() == long)
                    || (flag.get_short().is_some() && other.get_short() == flag.get_short())
            };
            let clash = ours.get_arguments().find(is_known);
            assert!(clash.is_none(), "{flag:?}");
        }
    }
}
