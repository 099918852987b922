//! Carries a plan out: asks the child, case by case, and hands what it says to the reports.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Instant;

use super::Build;
use super::child::{Child, Ended, LinkError};
use super::cli::{Cli, Mode};
use super::engine::{Job, Observation, TimingSettings};
use super::plan::{self, Plan, PlanError};
use super::target;
use crate::guard::guard_status;
use crate::registry;
use crate::report::console::Console;
use crate::report::libtest;
use crate::report::measurement::{Failure, Measurement};
use crate::report::progress::Progress;
use crate::report::table;
use crate::text;

/// Calls of the counting pass. Fixed, so that what is allocated now and then counts alike in every
/// run.
const COUNTED_CALLS: u32 = 10;
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
    console.set_color(cli.color);
    let plan = plan::plan(registry::cases(), (&cli).into())?;
    match cli.mode() {
        Mode::List => {
            libtest::list(console, &plan, cli.format);
            Ok(Verdict::Held)
        }
        Mode::Test => test(build, &cli, &plan, console),
        Mode::Time if build.debug_assertions && !cli.allow_debug => Err(Error::DebugBuild),
        Mode::Time => time(build, &cli, &plan, console),
    }
}

/// Each case once.
fn test(build: &Build, cli: &Cli, plan: &Plan, console: &mut Console) -> Result<Verdict, Error> {
    let start = Instant::now();
    let mut runner = Runner::new(build, std::env::temp_dir(), !cli.nocapture)?;
    let mut report = libtest::TestReport::new(console, plan, cli.quiet);
    for (id, case) in &plan.cases {
        // What a budget is held against is a call after the first.
        let warm_up = u32::from(case.budget.is_limited());
        let mut measurement = Measurement::new(id.clone(), case);
        runner.count(&mut measurement, warm_up, 1)?;
        report.case(&measurement);
    }
    let verdict = if report.finish(start.elapsed()) {
        Verdict::Held
    } else {
        Verdict::Failed
    };
    guard_note(console, plan, Mode::Test);
    Ok(verdict)
}

/// Each case timed, and its allocations counted apart.
fn time(build: &Build, cli: &Cli, plan: &Plan, console: &mut Console) -> Result<Verdict, Error> {
    let home = criterion_home(build)?;
    let mut runner = Runner::new(build, home.clone(), !cli.nocapture)?;
    let progress = Progress::new(plan.cases.len(), cli.quiet);
    let mut measurements = Vec::new();
    for (index, (id, case)) in plan.cases.iter().enumerate() {
        progress.case(id);
        // The heap that earlier cases leave behind shows: by a third, in one of the playbook's cases.
        runner.renew();
        let mut measurement = Measurement::new(id.clone(), case);
        runner.count(&mut measurement, 1, COUNTED_CALLS)?;
        if measurement.failure.is_none() {
            let settings = TimingSettings {
                sample_size: cli.sample_size,
                warm_up_time: cli.warm_up_time,
                measurement_time: cli.measurement_time,
                resamples: RESAMPLES,
                directory: home.join(index.to_string()),
            };
            runner.time(&mut measurement, settings)?;
        }
        measurements.push(measurement);
        progress.advance();
    }
    progress.finish();
    table::print(console, &measurements, plan.filtered_out);
    guard_note(console, plan, Mode::Time);
    let failed = measurements.iter().any(|case| case.failure.is_some());
    Ok(if failed {
        Verdict::Failed
    } else {
        Verdict::Held
    })
}

fn criterion_home(build: &Build) -> Result<PathBuf, Error> {
    target::criterion_home(build.package, build.bench)
        .map_err(|error| Error::Write(target::directory(), error))
}

/// Says where the guard is live, and what goes unchecked where it is not.
fn guard_note(console: &mut Console, plan: &Plan, mode: Mode) {
    let status = guard_status();
    if status.guarded > 0 {
        // A timed run measures what ships; nobody expects it to be guarded.
        let unchecked = if mode == Mode::Test && status.is_inert() {
            ": what they allocate is not checked in this build"
        } else {
            ""
        };
        console.note(&format!("{status}{unchecked}"));
    }
    let budgets = plan
        .cases
        .iter()
        .filter(|(_, case)| case.budget.is_limited())
        .count();
    if budgets > 0 && !status.allocator_installed {
        let cases = text::count(budgets as u64, "case");
        console.note(&format!(
            "the budgets of {cases} are not checked: the program's allocator is not \
             `hotbench::Alloc`"
        ));
    }
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
            profile: if build.debug_assertions {
                "debug"
            } else {
                "release"
            },
        })
    }

    /// Has the next case measured in a fresh child.
    fn renew(&mut self) {
        self.child = None;
    }

    /// Counts the allocations of a case, which are held against its budget.
    fn count(
        &mut self,
        measurement: &mut Measurement,
        warm_up: u32,
        counted: u32,
    ) -> Result<(), Error> {
        let observation = self.measure(&measurement.id, Job::Calls { warm_up, counted })?;
        self.record(measurement, observation);
        Ok(())
    }

    fn time(
        &mut self,
        measurement: &mut Measurement,
        settings: TimingSettings,
    ) -> Result<(), Error> {
        let observation = self.measure(&measurement.id, Job::Criterion(settings))?;
        self.record(measurement, observation);
        Ok(())
    }

    fn record(&self, measurement: &mut Measurement, observation: Result<Observation, Failure>) {
        match observation {
            // Counts of an allocator that reports nothing are not zeros.
            Ok(Observation::Calls { .. }) if !self.allocator_installed => {}
            Ok(Observation::Calls {
                allocations,
                over_budget,
            }) => {
                measurement.allocations = Some(allocations);
                measurement.failure = over_budget.map(|report| {
                    Failure::silent(format!("{report}\nmeasured in a {} build", self.profile))
                });
            }
            Ok(Observation::Timed(timing)) => measurement.timing = Some(timing),
            Ok(Observation::Failed(message)) => {
                measurement.failure = Some(Failure::silent(message));
            }
            Err(failure) => measurement.failure = Some(failure),
        }
    }

    /// Asks the child; the inner error is the case's, the outer one the run's.
    fn measure(&mut self, id: &str, job: Job) -> Result<Result<Observation, Failure>, Error> {
        let mut child = match self.child.take() {
            Some(child) => child,
            None => Child::start(&self.executable, &self.home, self.captured)?,
        };
        let ended = child.measure(id, job)?;
        let output = child.take_output();
        let message = match ended {
            Ended::Observed(observation) => {
                self.child = Some(child);
                return Ok(Ok(observation));
            }
            Ended::Panicked(message) => {
                self.child = Some(child);
                format!("panicked: {message}")
            }
            Ended::Died(status) => format!("ended the process that measures it ({status})"),
        };
        Ok(Err(Failure { message, output }))
    }
}
