//! Carries out what the command line asks for, and hands what was found to the reports.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::Build;
use super::child::{LinkError, Printing};
use super::cli::{Cli, Format, Mode};
use super::engine::TimingSettings;
use super::environment;
use super::file_name::file_name;
use super::pages;
use super::plan::{self, Plan, PlanError};
use super::routine::Calls;
use super::runner::{Runner, Stop};
use super::schedule::Schedule;
use super::target::{self, Scratch};
use crate::guard::guard_status;
use crate::registry::{self, Instance};
use crate::report::console::Console;
use crate::report::document::{self, Measured, MergeError, Report, Run};
use crate::report::history::History;
use crate::report::measurement::Measurement;
use crate::report::progress::{Bar, Progress};
use crate::report::{self, history, libtest};
use crate::text;

/// The counting pass. Fixed, so that what is allocated now and then counts alike in every run.
const COUNTED_CALLS: Calls = Calls {
    warm_up: 1,
    counted: 10,
};
/// Of the bootstrap. Criterion's default of 100,000 costs 0.25 s a case more, and moves the
/// interval's ends by less than they vary from run to run.
const RESAMPLES: usize = 10_000;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Held,
    Failed,
    Interrupted,
}

impl Ending {
    fn of(passed: bool) -> Self {
        if passed { Self::Held } else { Self::Failed }
    }
}

/// Why nothing was run.
#[derive(Debug)]
pub(crate) enum Error {
    Usage(clap::Error),
    Plan(PlanError),
    DebugBuild,
    /// A format that is for lists, or is not.
    Format(Format),
    /// A flag, and the feature that it needs and that is off.
    Feature(&'static str, &'static str),
    /// The page is of timed runs.
    Open,
    Merge(MergeError),
    Executable(std::io::Error),
    Signals(std::io::Error),
    Write(PathBuf, std::io::Error),
    Link(LinkError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(error) => {
                let text = error.to_string();
                f.write_str(text.trim_start_matches("error: ").trim_end())
            }
            Self::Plan(error) => error.fmt(f),
            Self::DebugBuild => f.write_str(
                "a build with debug assertions is not timed: its figures say nothing of what \
                 ships. Run `cargo bench`, or pass `--allow-debug`",
            ),
            Self::Format(Format::Terse) => f.write_str("`--format terse` is for `--list`"),
            Self::Format(format) => write!(
                f,
                "`--format {format}` is for runs, of which `--list` is none: leave out one of them"
            ),
            Self::Feature(flag, feature) => write!(
                f,
                "`{flag}` needs the feature `{feature}` of hotbench. Write under \
                 `[dev-dependencies]`:\n\n    \
                 hotbench = {{ version = \"{}\", features = [\"harness\", \"{feature}\"] }}",
                concat!(
                    env!("CARGO_PKG_VERSION_MAJOR"),
                    ".",
                    env!("CARGO_PKG_VERSION_MINOR")
                )
            ),
            Self::Open => {
                f.write_str("`--open` is for timed runs and for `--merge`: only these make a page")
            }
            Self::Merge(error) => error.fmt(f),
            Self::Executable(error) => write!(f, "this executable can't be found again: {error}"),
            Self::Signals(error) => write!(f, "Ctrl-C can't be listened for: {error}"),
            Self::Write(path, error) => write!(f, "can't write to {}: {error}", path.display()),
            Self::Link(error) => error.fmt(f),
        }
    }
}

impl From<PlanError> for Error {
    fn from(error: PlanError) -> Self {
        Self::Plan(error)
    }
}

impl From<LinkError> for Error {
    fn from(error: LinkError) -> Self {
        Self::Link(error)
    }
}

/// Runs what the command line asks for.
///
/// # Errors
///
/// If nothing could be run: wrong usage, cases that can't be told apart, no child.
pub(crate) fn run(build: &Build, console: &mut Console) -> Result<Ending, Error> {
    let cli = match Cli::parse_arguments(build.bench) {
        Ok(cli) => cli,
        Err(help) if !help.use_stderr() => {
            console.print(&help.to_string());
            return Ok(Ending::Held);
        }
        Err(error) => return Err(Error::Usage(error)),
    };
    console.set_color(cli.colored());
    let mode = cli.mode();
    let suits = match cli.format {
        Format::Human => true,
        Format::Terse => matches!(mode, Mode::List | Mode::Test),
        _ => mode != Mode::List,
    };
    if !suits {
        return Err(Error::Format(cli.format));
    }
    if cli.open && !cfg!(feature = "html") {
        return Err(Error::Feature("--open", "html"));
    }
    if cli.open && !matches!(mode, Mode::Time | Mode::Merge) {
        return Err(Error::Open);
    }
    if mode == Mode::Merge {
        return merge(&cli, console);
    }
    let plan = plan::plan(registry::instances(), (&cli).into())?;
    match mode {
        Mode::List => {
            let ids = plan.instances.iter().map(|instance| instance.id.as_str());
            libtest::list(console, ids, cli.format == Format::Terse);
            Ok(Ending::Held)
        }
        Mode::Time if build.debug_assertions && !cli.allow_debug => Err(Error::DebugBuild),
        Mode::Time => Session::new(build, &cli, &plan, Measured::Time).run(console),
        Mode::Check => Session::new(build, &cli, &plan, Measured::Check).run(console),
        Mode::Test | Mode::Merge => Session::new(build, &cli, &plan, Measured::Test).run(console),
    }
}

/// One report of what several machines have measured.
fn merge(cli: &Cli, console: &mut Console) -> Result<Ending, Error> {
    let report = document::merge(&cli.merge).map_err(Error::Merge)?;
    print(cli.format, console, &report);
    if cli.open {
        pages::open_merged(console, &report);
    }
    let gaps = document::gaps(&report);
    for gap in &gaps {
        console.error(gap);
    }
    Ok(Ending::of(report.passed() && gaps.is_empty()))
}

fn print(format: Format, console: &mut Console, report: &Report) {
    match format {
        Format::Human | Format::Terse | Format::Github => report::table::print(console, report),
        Format::Json => report::json::print(console, report),
        Format::Junit => report::junit::print(console, report),
        Format::Bencher => report::bencher::print(console, report),
    }
    print_besides(format, console, report);
}

/// What a format says after what people read.
fn print_besides(format: Format, console: &mut Console, report: &Report) {
    if format == Format::Github {
        report::github::print(console, report);
        if let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY") {
            report::github::append_summary(console, report, file.as_ref());
        }
    }
}

/// A run of cases.
struct Session<'a> {
    build: &'a Build,
    cli: &'a Cli,
    plan: &'a Plan,
    measured: Measured,
    start: Instant,
    started: SystemTime,
}

impl<'a> Session<'a> {
    fn new(build: &'a Build, cli: &'a Cli, plan: &'a Plan, measured: Measured) -> Self {
        Self {
            build,
            cli,
            plan,
            measured,
            start: Instant::now(),
            started: SystemTime::now(),
        }
    }

    fn run(&self, console: &mut Console) -> Result<Ending, Error> {
        let scratch = match self.measured {
            Measured::Test => None,
            Measured::Time | Measured::Check => Some(self.scratch(console)?),
        };
        let home = scratch
            .as_ref()
            .map_or_else(std::env::temp_dir, |scratch| scratch.path().to_owned());
        let mut runner = Runner::new(self.build, home, self.printing(), self.cli.timeout)?;
        let is_told = self.cli.format.is_for_people();
        let ended = if self.measured == Measured::Test && is_told {
            let (cases, filtered_out) = (self.plan.instances.len(), self.plan.filtered_out);
            let mut told = libtest::TestReport::new(console, cases, filtered_out, self.cli.quiet);
            let ended = self.measure_all(&mut runner, &mut told)?;
            told.finish(self.start.elapsed());
            if self.cli.format == Format::Github {
                let report = self.report(ended);
                print_besides(self.cli.format, console, &report);
                report.into()
            } else {
                // What a report says of the machine and the revision takes longer than most tests.
                ended
            }
        } else {
            let cases = self.plan.instances.len() - self.plan.ignored();
            let mut bar = Bar::new(cases, self.cli.quiet, self.cli.verbose);
            let ended = self.measure_all(&mut runner, &mut bar)?;
            bar.finish();
            let mut report = self.report(ended);
            let history = match self.measured {
                Measured::Time => Some(self.remember(console, runner.home(), &mut report)),
                Measured::Check | Measured::Test => None,
            };
            print(self.cli.format, console, &report);
            if let Some(history) = history.filter(|_| !report.cases.is_empty()) {
                pages::write(console, &report, &history, self.cli.open);
            }
            if let Some(remark) = report::noise::remark(&report) {
                console.note(&remark);
            }
            report.into()
        };
        self.notes(console, &ended);
        Ok(if ended.is_interrupted {
            Ending::Interrupted
        } else {
            Ending::of(ended.cases.iter().all(|case| case.failure.is_none()))
        })
    }

    /// Where that goes which the cases print.
    fn printing(&self) -> Printing {
        match (self.cli.nocapture, self.cli.format.is_for_people()) {
            (false, _) => Printing::Kept,
            (true, true) => Printing::Shown,
            (true, false) => Printing::ShownAside,
        }
    }

    /// Where Criterion may write.
    fn scratch(&self, console: &mut Console) -> Result<Scratch, Error> {
        let Build { package, bench, .. } = self.build;
        let own = target::directory();
        Scratch::new(&own, package, bench).or_else(|error| {
            console.note(&format!(
                "{} can't be written to: {error}. No history of runs is kept",
                own.display()
            ));
            let temporary = std::env::temp_dir();
            Scratch::new(&temporary, package, bench).map_err(|error| Error::Write(temporary, error))
        })
    }

    /// Measures case after case, until the end or Ctrl-C.
    fn measure_all(&self, runner: &mut Runner, told: &mut dyn Progress) -> Result<Ended, Error> {
        let mut cases = Vec::new();
        let runs = self.plan.instances.len() - self.plan.ignored();
        let mut schedule = Schedule::new(self.cli.time_budget, runs);
        for instance in &self.plan.instances {
            if !self.plan.runs(instance) {
                told.ignored(&instance.id);
                continue;
            }
            told.starts(&instance.id);
            schedule.begin();
            let start = Instant::now();
            let mut measurement = runner.begin(instance);
            let measured = match self.measured {
                Measured::Test => {
                    // What a budget is held against is a call after the first.
                    let (warm_up, counted) = (u32::from(instance.case.has_budget), 1);
                    let calls = Calls { warm_up, counted };
                    runner.count(instance, &mut measurement, calls).map(drop)
                }
                Measured::Check => runner
                    .count(instance, &mut measurement, COUNTED_CALLS)
                    .map(drop),
                Measured::Time => self.time(runner, instance, &mut measurement, &mut schedule),
            };
            match measured {
                Ok(()) if !runner.is_interrupted() => {}
                // What it was measured as beside a signal to stop is no figure.
                Ok(()) | Err(Stop::Interrupted) => {
                    told.interrupted();
                    return Ok(Ended {
                        cases,
                        is_interrupted: true,
                    });
                }
                Err(Stop::Error(error)) => return Err(error),
            }
            measurement.duration_s = start.elapsed().as_secs_f64();
            told.ended(&measurement, runner.output());
            cases.push(measurement);
        }
        Ok(Ended {
            cases,
            is_interrupted: false,
        })
    }

    /// Counts what a case allocates and, apart from that, times it.
    fn time(
        &self,
        runner: &mut Runner,
        instance: &Instance,
        measurement: &mut Measurement,
        schedule: &mut Schedule,
    ) -> Result<(), Stop> {
        // The heap that earlier cases leave behind shows: by a third, in one of the playbook's cases.
        runner.renew();
        let call = runner.count(instance, measurement, COUNTED_CALLS)?;
        if measurement.failure.is_some() {
            return Ok(());
        }
        let settings = TimingSettings {
            flags: self.cli.settings().or(schedule.settings(call)),
            call,
            resamples: self.cli.nresamples.unwrap_or(RESAMPLES),
            directory: runner.home().join(file_name(&instance.id)),
        };
        let directory = settings.directory.clone();
        runner.time(instance, measurement, settings)?;
        pages::keep_criterion(&directory, &instance.id);
        Ok(())
    }

    fn report(&self, ended: Ended) -> Report {
        let started = self.started.duration_since(UNIX_EPOCH);
        let run = Run {
            hotbench_version: env!("CARGO_PKG_VERSION").to_owned(),
            package: self.build.package.to_owned(),
            bench: self.build.bench.to_owned(),
            measured: self.measured,
            profile: environment::profile(self.build),
            debug_assertions: self.build.debug_assertions,
            started_at_unix_s: started.map_or(0, |started| started.as_secs()),
            duration_s: self.start.elapsed().as_secs_f64(),
            partial: ended.is_interrupted,
            shard: self.cli.shard,
            filtered_out: self.plan.filtered_out,
            ignored: self.plan.ignored(),
            guard: guard_status().into(),
            machine: environment::machine(),
            toolchain: environment::toolchain(),
            git: environment::revision(self.build),
        };
        Report::new(run, ended.cases)
    }

    /// Compares the run with the last one, and keeps it for the next. Returns all runs, this one the last.
    fn remember(&self, console: &mut Console, scratch: &Path, report: &mut Report) -> History {
        let folder = target::directory().join("hotbench");
        if !scratch.starts_with(&folder) {
            // It can't be written to, as has been said.
            return History::default();
        }
        let file = folder.join("history.jsonl");
        let mut history = match history::read(&file) {
            Ok(history) => history,
            Err(error) => {
                console.note(&format!("{} can't be read: {error}", file.display()));
                return History::default();
            }
        };
        if history.unread > 0 {
            let lines = text::count(history.unread as u64, "line");
            console.note(&format!(
                "{lines} of {} that no run of this version wrote whole: removed",
                file.display()
            ));
        }
        history::compare(report, &history);
        if let Err(error) = history::append(&file, report, &mut history) {
            console.note(&format!("{} can't be written to: {error}", file.display()));
        }
        history
    }

    /// What is to be said besides, a line each.
    fn notes(&self, console: &mut Console, ended: &Ended) {
        let instances = self.plan.instances.len() - self.plan.ignored();
        if ended.is_interrupted {
            let cases = text::count(instances as u64, "case");
            console.note(&format!(
                "interrupted: {} of {cases} ran to their end",
                ended.cases.len()
            ));
        }
        if self.measured != Measured::Test && self.plan.ignored() > 0 {
            let cases = text::count(self.plan.ignored() as u64, "case");
            console.note(&format!(
                "{cases} ignored: `--include-ignored` runs them too"
            ));
        }
        self.guard_note(console);
    }

    /// Says where the guard is live, and what goes unchecked where it is not.
    fn guard_note(&self, console: &mut Console) {
        let status = guard_status();
        if status.guarded > 0 {
            let remark = match self.measured {
                Measured::Test if status.is_inert() => {
                    ": what they allocate is not checked in this build"
                }
                Measured::Time if status.live == 0 => ": they are timed as they ship",
                Measured::Time => ": their times have the guard in them",
                Measured::Check if status.live == 0 => {
                    ": the budgets of cases are held all the same"
                }
                Measured::Check | Measured::Test => "",
            };
            console.note(&format!("{status}{remark}"));
        }
        let instances = self.plan.instances.iter();
        let budgets = instances
            .filter(|instance| instance.case.has_budget)
            .count();
        if budgets > 0 && !status.allocator_installed {
            let cases = text::count(budgets as u64, "case");
            console.note(&format!(
                "the budgets of {cases} are not checked: the program's allocator is not \
                 `hotbench::Alloc`"
            ));
        }
    }
}

/// The cases that were run, and whether the user had enough before the last.
struct Ended {
    cases: Vec<Measurement>,
    is_interrupted: bool,
}

impl From<Report> for Ended {
    fn from(report: Report) -> Self {
        Self {
            is_interrupted: report.is_partial(),
            cases: report.cases,
        }
    }
}
