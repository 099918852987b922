//! A run of cases: case after case to the runner, and what was found to the reports.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::Build;
use super::child::Printing;
use super::cli::{Cli, Format};
use super::engine::TimingSettings;
use super::error::Error;
use super::file_name::file_name;
use super::plan::Plan;
use super::routine::Calls;
use super::run::Ending;
use super::runner::{Runner, Stop};
use super::schedule::Schedule;
use super::target::{self, Scratch};
use super::{environment, formats, notes, pages, past};
use crate::guard::guard_status;
use crate::registry::Instance;
use crate::report::console::Console;
use crate::report::document::{Measured, Report, Run};
use crate::report::measurement::Measurement;
use crate::report::progress::{Bar, Progress};
use crate::report::{libtest, noise};

/// The counting pass. Fixed, so that what is allocated now and then counts alike in every run.
const COUNTED_CALLS: Calls = Calls {
    warm_up: 1,
    counted: 10,
};
/// Of the bootstrap. Criterion's default of 100,000 costs 0.25 s a case more, and moves the
/// interval's ends by less than they vary from run to run.
const RESAMPLES: usize = 10_000;

/// A run of cases.
pub(crate) struct Session<'a> {
    build: &'a Build,
    cli: &'a Cli,
    plan: &'a Plan,
    measured: Measured,
    start: Instant,
    started: SystemTime,
}

impl<'a> Session<'a> {
    pub(crate) fn new(build: &'a Build, cli: &'a Cli, plan: &'a Plan, measured: Measured) -> Self {
        Self {
            build,
            cli,
            plan,
            measured,
            start: Instant::now(),
            started: SystemTime::now(),
        }
    }

    pub(crate) fn run(&self, console: &mut Console) -> Result<Ending, Error> {
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
                formats::print_besides(self.cli.format, console, &report);
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
                Measured::Time => Some(past::remember(console, runner.home(), &mut report)),
                Measured::Check | Measured::Test => None,
            };
            formats::print(self.cli.format, console, &report);
            if let Some(history) = history.filter(|_| !report.cases.is_empty()) {
                pages::write(console, &report, &history, self.cli.open);
            }
            if let Some(remark) = noise::remark(&report) {
                console.note(&remark);
            }
            report.into()
        };
        notes::print(console, self.plan, self.measured, &ended);
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
}

/// The cases that were run, and whether the user had enough before the last.
pub(crate) struct Ended {
    pub(crate) cases: Vec<Measurement>,
    pub(crate) is_interrupted: bool,
}

impl From<Report> for Ended {
    fn from(report: Report) -> Self {
        Self {
            is_interrupted: report.is_partial(),
            cases: report.cases,
        }
    }
}
