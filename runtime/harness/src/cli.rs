//! The command line of a bench target: declarations, and nothing else.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args, CommandFactory, FromArgMatches, Parser, ValueEnum};

use super::compare::check_name;
use super::selection::{Ignored, Selection};
use super::variants;
use crate::report::document::Shard;
use hotbench_engine::settings::Settings;

/// Runs the annotated cases.
#[derive(Debug, Parser)]
#[command(
    disable_version_flag = true,
    max_term_width = 100,
    args_override_self = true
)]
#[command(group(ArgGroup::new("in_turns").args(["compare", "variants"])))]
#[command(group(ArgGroup::new("builds").args(["compare", "variants", "save"])))]
pub(crate) struct Cli {
    /// Run only the cases whose id contains one of these. Values of sweeps are searched from a `/` on: `/64`, `parse/64`
    #[arg(value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    /// Filters are whole ids
    #[arg(long)]
    pub(crate) exact: bool,
    /// Leave out the cases whose id contains this
    #[arg(long, value_name = "FILTER")]
    pub(crate) skip: Vec<String>,
    /// Only the cases of the I-th of N shares, the same on each machine; those of a group stay together
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<Shard>,
    /// List the cases, and run none
    #[arg(long)]
    pub(crate) list: bool,
    /// List the functions with `#[hot]`, with their budgets, and run none
    #[arg(long, conflicts_with_all = ["list", "test", "check", "shard"])]
    list_hot: bool,
    /// What standard output carries
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// Run each case untimed, as `cargo test` does: once, or twice where it has a budget or was blessed
    #[arg(long)]
    pub(crate) test: bool,
    /// Fail the test run if it ends with a `#[hot]` function that no case and no test has reached
    #[arg(long)]
    pub(crate) require_coverage: bool,
    /// Hold the cases to their budgets and to benches/hotbench.toml, and time none
    #[arg(long, conflicts_with = "test")]
    check: bool,
    /// Write what the cases take into benches/hotbench.toml, which `--check` and test runs hold them to
    #[arg(long, conflicts_with_all = ["list", "list_hot", "test", "check", "merge", "builds", "flamegraph", "dhat"])]
    pub(crate) bless: bool,
    /// Make one report of what other machines have measured: the documents of `--format json`
    #[arg(long, value_name = "FILE", num_args = 1..,
          conflicts_with_all = ["filters", "skip", "shard", "list", "list_hot", "test", "check"])]
    pub(crate) merge: Vec<PathBuf>,
    /// Show the page of the run in a browser; with the feature `html`
    #[arg(long)]
    pub(crate) open: bool,
    /// Seconds that all cases may take together, which share them
    #[arg(long, value_name = "SECONDS", value_parser = seconds,
          conflicts_with_all = ["compare", "variants", "save", "check"])]
    pub(crate) time_budget: Option<Duration>,
    /// Seconds after which a case that has not ended is given up
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,
    /// Count the instructions of a call, too, by Callgrind
    #[arg(long, conflicts_with_all = ["list", "list_hot", "test", "merge"])]
    pub(crate) instructions: bool,
    /// And simulate what it does to the caches
    #[arg(long, requires = "instructions", conflicts_with = "compare")]
    pub(crate) cache: bool,
    /// Record every allocation of some calls with its stack, for the DHAT viewer
    #[arg(long, conflicts_with_all = ["list", "test", "check", "merge"])]
    pub(crate) dhat: bool,
    /// Measure this version against an older one: a git revision, what `--save` has kept, a bench executable, or `self`
    #[arg(long, value_name = "REV",
          conflicts_with_all = ["list", "test", "check", "merge", "flamegraph", "dhat"])]
    pub(crate) compare: Option<String>,
    /// Measure this version in other build settings, each against the profile as it is: thin-lto, fat-lto, cgu1,
    /// native, pgo; `+` joins some to one variant [default: each for itself]
    #[arg(long, value_name = "SETTINGS", num_args = 0..=1, default_missing_value = variants::EACH,
          conflicts_with_all = ["list", "list_hot", "test", "check", "merge", "flamegraph", "dhat", "instructions"])]
    pub(crate) variants: Option<variants::List>,
    /// What trains the setting `pgo`, instead of the cases: a command that builds and runs the program
    #[arg(long, value_name = "COMMAND", requires = "variants")]
    pub(crate) train: Option<String>,
    /// Build this version as a comparison would, and keep it for `--compare NAME`; measure nothing
    #[arg(long, value_name = "NAME", value_parser = saved_name,
          conflicts_with_all = ["filters", "skip", "shard", "list", "list_hot", "test", "check", "merge", "flamegraph",
                                "dhat", "instructions", "profile", "open"])]
    pub(crate) save: Option<String>,
    /// Changes up to so many per cent are none
    #[arg(long, value_name = "PERCENT", default_value_t = 1.0, value_parser = percent, requires = "in_turns")]
    pub(crate) margin: f64,
    /// Fail where a comparison is inconclusive, too
    #[arg(long, requires = "compare")]
    pub(crate) strict: bool,
    /// Build as the compiler lays functions out, with `--compare`, `--save` or `--variants`
    #[arg(long, requires = "builds")]
    pub(crate) native_layout: bool,
    /// Find out where each case spends its time, and draw it; with the feature `flamegraph`
    #[arg(long, conflicts_with_all = ["list", "test", "check", "merge"])]
    pub(crate) flamegraph: bool,
    /// Show the share that each case's function has of a program's time, from the JSON of its profile
    #[arg(long, value_name = "FILE", conflicts_with_all = ["list", "list_hot", "merge"])]
    pub(crate) profile: Option<PathBuf>,
    /// Time a build with debug assertions all the same
    #[arg(long)]
    pub(crate) allow_debug: bool,
    /// Let the cases print to the terminal
    #[arg(long, alias = "no-capture")]
    pub(crate) nocapture: bool,
    /// Only the cases with `ignore`
    #[arg(long)]
    ignored: bool,
    /// The cases with `ignore` too
    #[arg(long, conflicts_with = "ignored")]
    include_ignored: bool,
    /// Show what Criterion and the cases print, too
    #[arg(long, short, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
    /// Print results only
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    color: Color,
    /// Samples of a case, at least 10 [default: what the case or the harness says, else 100, or fewer of a slow case]
    #[arg(long, value_name = "N",
          value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(10..))]
    sample_size: Option<usize>,
    /// Seconds for which a case runs before it is measured [default: likewise, else 0.3]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    warm_up_time: Option<Duration>,
    /// Seconds for which a case is measured [default: likewise, else 1.5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    measurement_time: Option<Duration>,
    /// Time N calls of each case, each by itself, for cases that take seconds: no interval, no comparison
    #[arg(long, value_name = "N",
          value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1000),
          conflicts_with_all = ["list", "list_hot", "test", "check", "bless", "merge", "builds", "time_budget",
                                "sample_size", "warm_up_time", "measurement_time", "nresamples"])]
    pub(crate) calls: Option<usize>,
    /// Resamples of the bootstrap [default: 10000]
    #[arg(long, value_name = "N",
          value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..))]
    pub(crate) nresamples: Option<usize>,

    /// Passed by `cargo bench`, and not by `cargo test`
    #[arg(long, hide = true)]
    bench: bool,
    #[command(flatten)]
    pub(crate) libtest: Libtest,
}

/// Flags of libtest: IDEs pass them, and so do people, to all targets at once. Those without a comment change nothing
/// here, where cases run one after the other and in their order.
#[derive(Debug, Args)]
pub(crate) struct Libtest {
    #[arg(long, hide = true, value_name = "N")]
    test_threads: Option<usize>,
    /// Show what cases print that pass
    #[arg(long, hide = true)]
    pub(crate) show_output: bool,
    /// With `unstable-options`, `--format json` is libtest's
    #[arg(short = 'Z', hide = true, value_name = "FLAG")]
    unstable: Vec<String>,
    /// Show how long each case took
    #[arg(long, hide = true)]
    pub(crate) report_time: bool,
    #[arg(long, hide = true)]
    ensure_time: bool,
    #[arg(long, hide = true)]
    shuffle: bool,
    #[arg(long, hide = true, value_name = "SEED")]
    shuffle_seed: Option<u64>,
    #[arg(long, hide = true)]
    exclude_should_panic: bool,
    #[arg(long, hide = true)]
    force_run_in_process: bool,
    /// Run no further case after one that fails
    #[arg(long, hide = true)]
    pub(crate) fail_fast: bool,
    /// Write how each case ended into a file
    #[arg(long, hide = true, value_name = "PATH")]
    pub(crate) logfile: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// What people read
    #[value(alias = "pretty")]
    Human,
    /// A list without its closing line; else the same as `human`
    Terse,
    /// One document, described in docs/report-schema.md; libtest's events of a list, and of a test run with
    /// `-Z unstable-options`
    Json,
    /// The XML that CI servers show
    Junit,
    /// What people read, then annotations and a summary for GitHub Actions
    Github,
    /// Libtest's line for each case that was timed
    Bencher,
}

impl Format {
    /// Whether standard output is read by people, and so may carry what cases print.
    pub(crate) fn is_for_people(self) -> bool {
        match self {
            Self::Human | Self::Terse | Self::Github => true,
            Self::Json | Self::Junit | Self::Bencher => false,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", |value| value.get_name()))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

/// What a run does with the cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    List,
    /// The hot paths.
    ListHot,
    Test,
    /// What each allocates, held to its budget.
    Check,
    Time,
    /// What it and an older version take, in turns.
    Compare,
    /// What it takes in several build settings, in turns.
    Variants,
    /// Nothing: it is built and kept.
    Save,
    /// Where the time or the memory of each goes.
    Cause,
    /// Nothing: they were run elsewhere.
    Merge,
}

impl Cli {
    /// Parses the arguments of this process.
    ///
    /// # Errors
    ///
    /// Clap's: a wrong argument, or a call for help.
    pub(crate) fn parse_arguments(bench: &str) -> Result<Self, clap::Error> {
        let command = Self::command().bin_name(format!("cargo bench --bench {bench} --"));
        Self::from_arg_matches(&command.try_get_matches()?)
    }

    /// Whether the run is told in libtest's events, as its `--format json` is.
    pub(crate) fn wants_events(&self) -> bool {
        let mut flags = self.libtest.unstable.iter();
        let is_for_libtest = flags.any(|flag| flag == "unstable-options");
        self.format == Format::Json && self.mode() == Mode::Test && is_for_libtest
    }

    /// Whether colours are always used, or never, if the user says so.
    pub(crate) fn colored(&self) -> Option<bool> {
        match self.color {
            Color::Auto => None,
            Color::Always => Some(true),
            Color::Never => Some(false),
        }
    }

    pub(crate) fn ignored_cases(&self) -> Ignored {
        match (self.ignored, self.include_ignored) {
            (true, _) => Ignored::Only,
            (false, true) => Ignored::Run,
            (false, false) => Ignored::Shown,
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            sample_size: self.sample_size,
            warm_up_time: self.warm_up_time,
            measurement_time: self.measurement_time,
        }
    }

    pub(crate) fn mode(&self) -> Mode {
        if !self.merge.is_empty() {
            Mode::Merge
        } else if self.list {
            Mode::List
        } else if self.list_hot {
            Mode::ListHot
        } else if self.check || self.bless {
            Mode::Check
        } else if self.save.is_some() {
            Mode::Save
        } else if self.compare.is_some() {
            Mode::Compare
        } else if self.variants.is_some() {
            Mode::Variants
        } else if self.dhat || self.flamegraph {
            Mode::Cause
        } else if self.test || !self.bench {
            Mode::Test
        } else {
            Mode::Time
        }
    }
}

fn saved_name(text: &str) -> Result<String, String> {
    check_name(text)?;
    Ok(text.to_owned())
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches('%').trim_end();
    match number.parse() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(percent),
        _ => Err("expected a per cent, as in `1` or `0.5`".to_owned()),
    }
}

/// As Criterion has it, `0.5`; a unit may follow, `60s`.
fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.strip_suffix('s').unwrap_or(text);
    let seconds: f64 = number
        .parse()
        .map_err(|_| "expected seconds, as in `0.5`".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if duration.is_zero() => Err("expected a time above zero".to_owned()),
        Ok(duration) => Ok(duration),
        Err(error) => Err(error.to_string()),
    }
}

impl<'a> From<&'a Cli> for Selection<'a> {
    fn from(cli: &'a Cli) -> Self {
        Self {
            filters: &cli.filters,
            exact: cli.exact,
            skip: &cli.skip,
            ignored: cli.ignored_cases(),
            shard: cli.shard,
        }
    }
}
