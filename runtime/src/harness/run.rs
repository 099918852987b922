//! Carries a plan out: asks the child, case by case, and hands what it says to the reports.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Instant;

use super::Build;
use super::child::{Child, Ended, LinkError};
use super::cli::{Cli, Format, Mode};
use super::engine::{Job, Observation, TimingSettings};
use super::executor;
use super::file_name::file_name;
use super::plan::{self, Plan, PlanError};
use super::routine::Calls;
use super::target::{self, Scratch};
use crate::guard::guard_status;
use crate::registry::{self, Instance};
use crate::report::bencher;
use crate::report::console::Console;
use crate::report::json;
use crate::report::libtest;
use crate::report::measurement::{Cause, Failure, Measurement, Summary};
use crate::report::progress::Progress;
use crate::report::table;
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
pub(crate) enum Verdict {
    Held,
    Failed,
}

/// Why nothing was run.
#[derive(Debug)]
pub(crate) enum Error {
    Usage(clap::Error),
    Plan(PlanError),
    DebugBuild,
    /// A document of a run that has no figures.
    NoTable,
    Executable(std::io::Error),
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
            Self::NoTable => f.write_str(
                "`--format json` and `--format bencher` are for runs that end with a table: `cargo \
                 bench --bench … -- --format json`, without `--list` and `--test`",
            ),
            Self::Executable(error) => write!(f, "this executable can't be found again: {error}"),
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
pub(crate) fn run(build: &Build, console: &mut Console) -> Result<Verdict, Error> {
    let cli = match Cli::parse_arguments(build.bench) {
        Ok(cli) => cli,
        Err(help) if !help.use_stderr() => {
            console.print(&help.to_string());
            return Ok(Verdict::Held);
        }
        Err(error) => return Err(Error::Usage(error)),
    };
    console.set_color(cli.colored());
    let plan = plan::plan(registry::instances(), (&cli).into())?;
    let wants_figures = matches!(cli.format, Format::Json | Format::Bencher);
    if wants_figures && matches!(cli.mode(), Mode::List | Mode::Test) {
        return Err(Error::NoTable);
    }
    match cli.mode() {
        Mode::List => {
            let ids = plan.instances.iter().map(|instance| instance.id.as_str());
            libtest::list(console, ids, cli.format == Format::Terse);
            Ok(Verdict::Held)
        }
        Mode::Test => test(build, &cli, &plan, console),
        Mode::Time if build.debug_assertions && !cli.allow_debug => Err(Error::DebugBuild),
        mode @ (Mode::Check | Mode::Time) => measure(build, &cli, &plan, mode, console),
    }
}

/// Each case once; twice where it has a budget.
fn test(build: &Build, cli: &Cli, plan: &Plan, console: &mut Console) -> Result<Verdict, Error> {
    let start = Instant::now();
    let mut runner = Runner::new(build, std::env::temp_dir(), !cli.nocapture)?;
    let mut report =
        libtest::TestReport::new(console, plan.instances.len(), plan.filtered_out, cli.quiet);
    for instance in &plan.instances {
        report.starts(&instance.id);
        if !plan.runs(instance) {
            report.is_ignored();
            continue;
        }
        // What a budget is held against is a call after the first.
        let (warm_up, counted) = (u32::from(instance.case.has_budget), 1);
        let mut measurement = Measurement::new(instance);
        runner.count(instance, &mut measurement, Calls { warm_up, counted })?;
        report.ended(&measurement);
    }
    let verdict = if report.finish(start.elapsed()) {
        Verdict::Held
    } else {
        Verdict::Failed
    };
    guard_note(console, plan, Mode::Test);
    Ok(verdict)
}

/// Counts what each case allocates and, apart from that, times it, unless its budget alone is checked.
fn measure(
    build: &Build,
    cli: &Cli,
    plan: &Plan,
    mode: Mode,
    console: &mut Console,
) -> Result<Verdict, Error> {
    let home = scratch(build)?;
    let mut runner = Runner::new(build, home.path().to_owned(), !cli.nocapture)?;
    let instances: Vec<&Instance> = plan
        .instances
        .iter()
        .filter(|instance| plan.runs(instance))
        .collect();
    let progress = Progress::new(instances.len(), cli.quiet);
    let mut measurements = Vec::new();
    for instance in instances {
        progress.case(&instance.id);
        if mode == Mode::Time {
            // The heap that earlier cases leave behind shows: by a third, in one of the playbook's cases.
            runner.renew();
        }
        let mut measurement = Measurement::new(instance);
        runner.count(instance, &mut measurement, COUNTED_CALLS)?;
        if mode == Mode::Time && measurement.failure.is_none() {
            let settings = TimingSettings {
                flags: cli.settings(),
                resamples: RESAMPLES,
                directory: home.path().join(file_name(&instance.id)),
            };
            runner.time(instance, &mut measurement, settings)?;
        }
        measurements.push(measurement);
        progress.advance();
    }
    progress.finish();
    let failed = measurements.iter().any(|case| case.failure.is_some());
    let summary = Summary {
        is_timed: mode == Mode::Time,
        profile: profile(build),
        cases: measurements,
        filtered_out: plan.filtered_out,
        ignored: plan.ignored(),
        guard: guard_status(),
    };
    match cli.format {
        Format::Json => json::print(console, &summary),
        Format::Bencher => bencher::print(console, &summary),
        Format::Human | Format::Terse => table::print(console, &summary),
    }
    if summary.ignored > 0 {
        let cases = text::count(summary.ignored as u64, "case");
        console.note(&format!(
            "{cases} ignored: `--include-ignored` runs them too"
        ));
    }
    guard_note(console, plan, mode);
    Ok(if failed {
        Verdict::Failed
    } else {
        Verdict::Held
    })
}

/// What the harness was compiled as, by what tells the two apart.
fn profile(build: &Build) -> &'static str {
    if build.debug_assertions {
        "debug"
    } else {
        "release"
    }
}

fn scratch(build: &Build) -> Result<Scratch, Error> {
    Scratch::new(build.package, build.bench)
        .map_err(|error| Error::Write(target::directory(), error))
}

/// Says where the guard is live, and what goes unchecked where it is not.
fn guard_note(console: &mut Console, plan: &Plan, mode: Mode) {
    let status = guard_status();
    if status.guarded > 0 {
        let remark = match mode {
            Mode::Test if status.is_inert() => ": what they allocate is not checked in this build",
            Mode::Time if status.live == 0 => ": they are timed as they ship",
            Mode::Time => ": their times have the guard in them",
            Mode::Check if status.live == 0 => ": the budgets of cases are held all the same",
            _ => "",
        };
        console.note(&format!("{status}{remark}"));
    }
    let budgets = plan
        .instances
        .iter()
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

/// What came of measuring a case, and what the case printed meanwhile.
struct Measured {
    result: Result<Observation, Cause>,
    output: String,
}

/// The child at work; a new one is started after a case that took the last one with it.
struct Runner {
    executable: OsString,
    home: PathBuf,
    captured: bool,
    child: Option<Child>,
    allocator_installed: bool,
    profile: &'static str,
}

impl Runner {
    fn new(build: &Build, home: PathBuf, captured: bool) -> Result<Self, Error> {
        let executable = std::env::current_exe().map_err(Error::Executable)?;
        Ok(Self {
            executable: executable.into_os_string(),
            home,
            captured,
            child: None,
            allocator_installed: guard_status().allocator_installed,
            profile: profile(build),
        })
    }

    /// Has the next case measured in a fresh child.
    fn renew(&mut self) {
        self.child = None;
    }

    /// Counts the allocations of a case, which are held against its budget.
    fn count(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        calls: Calls,
    ) -> Result<(), Error> {
        let measured = self.measure(instance, &Job::Calls(calls))?;
        self.record(measurement, measured);
        Ok(())
    }

    fn time(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        settings: TimingSettings,
    ) -> Result<(), Error> {
        let measured = self.measure(instance, &Job::Criterion(settings))?;
        self.record(measurement, measured);
        Ok(())
    }

    fn record(&self, measurement: &mut Measurement, measured: Measured) {
        let Measured { result, output } = measured;
        let said = |message| Cause::Said(message);
        let cause = match result {
            Ok(Observation::Calls {
                allocations,
                throughput,
                over_budget,
            }) => {
                measurement.throughput = throughput;
                // Counts of an allocator that reports nothing are not zeros.
                measurement.allocations = Some(allocations).filter(|_| self.allocator_installed);
                over_budget
                    .map(|report| said(format!("{report}\nmeasured in a {} build", self.profile)))
            }
            Ok(Observation::Timed(timing)) => {
                measurement.timing = Some(timing);
                None
            }
            Ok(Observation::Failed(message)) => Some(said(message)),
            Err(cause) => Some(cause),
        };
        measurement.failure = cause.map(|cause| Failure { cause, output });
    }

    /// Has a case measured. A case that kills a child which others had used before it is measured
    /// again in a fresh one: it may have been something that those left behind.
    fn measure(&mut self, instance: &Instance, job: &Job) -> Result<Measured, Error> {
        let is_fresh = self.child.is_none();
        let measured = self.measure_once(instance, job)?;
        if self.child.is_some() || is_fresh {
            return Ok(measured);
        }
        self.measure_once(instance, job)
    }

    /// Asks the child. The error is the run's; what goes wrong with the case is in the result.
    fn measure_once(&mut self, instance: &Instance, job: &Job) -> Result<Measured, Error> {
        let mut child = match self.child.take() {
            Some(child) => child,
            None => Child::start(&self.executable, &self.home, self.captured)?,
        };
        let ended = child.measure(instance, job);
        let mut output = child.take_output();
        if let Ok(Ended::Panicked(message)) = &ended
            && let Some(hint) = executor::hint(message)
        {
            output.push_str(hint);
        }
        let result = match ended {
            Ok(Ended::Observed(observation)) => {
                self.child = Some(child);
                Ok(observation)
            }
            Ok(Ended::Panicked(message)) => {
                self.child = Some(child);
                Err(Cause::Panicked(message))
            }
            Ok(Ended::Died(status)) => Err(Cause::Said(format!(
                "ended the process that measures it ({status})"
            ))),
            // The case has broken the line.
            Err(error) => Err(Cause::Said(error.to_string())),
        };
        Ok(Measured { result, output })
    }
}
