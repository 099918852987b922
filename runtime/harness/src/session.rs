//! A run of cases: case after case to the runner, and what was found to the reports.

use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::Build;
use super::child::callgrind::has_valgrind;
use super::child::{Printing, Program};
use super::cli::{Cli, Format};
use super::compare::{self, Comparison};
use super::coverage::Coverage;
use super::ended::{Ended, Ending};
use super::error::Error;
use super::file_name::file_name;
use super::instructions::Counter;
use super::interrupt::Interrupt;
use super::plan::{Instance, Plan};
use super::ratchet::Ratchet;
use super::runner::Runner;
use super::schedule::Schedule;
use super::shares::Shares;
use super::stop::Stop;
use super::target::{self, Scratch};
use super::unrun::NotRun;
use super::variants::{self, Variants};
use super::{environment, flamegraph, formats, heap, notes, pages, past};
use crate::report::console::Console;
use crate::report::document::{Measured, Report, Run};
use crate::report::measurement::Measurement;
use crate::report::progress::{Bar, Cut, Progress};
use crate::report::{comparison, events, hottest, libtest, noise, units};
use hotbench_engine::engines::TimingSettings;
use hotbench_engine::registry;
use hotbench_engine::routine::Calls;
use hotbench_guard::guard_status;
use hotbench_guard::text;

/// The counting pass. Fixed, so that what is allocated now and then counts alike in every run.
const COUNTED_CALLS: Calls = Calls {
    warm_up: 1,
    counted: 10,
};
/// With `--calls`: what a call allocates after the first.
const FEW_COUNTED_CALLS: Calls = Calls {
    warm_up: 1,
    counted: 1,
};
/// A case that takes longer is told of before it is timed.
const LONG: Duration = Duration::from_secs(30);
/// A call that takes less is not timed by itself: to read the clock takes some 20 ns.
const SHORT_NS: f64 = 1e4;
/// Of the bootstrap. Criterion's default of 100,000 costs 0.25 s a case more, and moves the
/// interval's ends by less than they vary from run to run.
const RESAMPLES: usize = 10_000;

/// A run of cases.
pub(crate) struct Session<'a> {
    build: &'a Build,
    cli: &'a Cli,
    plan: &'a Plan,
    measured: Measured,
    program: Rc<Program>,
    interrupt: Rc<Interrupt>,
    start: Instant,
    started: SystemTime,
}

impl<'a> Session<'a> {
    /// A run of `plan` by workers that run `program`.
    pub(crate) fn new(
        build: &'a Build,
        cli: &'a Cli,
        plan: &'a Plan,
        measured: Measured,
        program: Rc<Program>,
        interrupt: Rc<Interrupt>,
    ) -> Self {
        Self {
            build,
            cli,
            plan,
            measured,
            program,
            interrupt,
            start: Instant::now(),
            started: SystemTime::now(),
        }
    }

    pub(crate) fn run(&self, console: &mut Console) -> Result<Ending, Error> {
        let coverage = match self.measured {
            Measured::Test => Coverage::begin(self.build, self.cli, self.plan)?,
            Measured::Time
            | Measured::Compare
            | Measured::Variants
            | Measured::Check
            | Measured::Cause => None,
        };
        let ratchet = match self.measured {
            Measured::Check | Measured::Test => Ratchet::open(self.build, self.cli.bless)?,
            Measured::Time | Measured::Compare | Measured::Variants | Measured::Cause => None,
        };
        let ratchet = ratchet.as_ref();
        let scratch = match self.measured {
            Measured::Test => None,
            Measured::Time
            | Measured::Compare
            | Measured::Variants
            | Measured::Check
            | Measured::Cause => Some(self.scratch(console)?),
        };
        let home = scratch
            .as_ref()
            .map_or_else(std::env::temp_dir, |scratch| scratch.path().to_owned());
        let runner = Runner::new(
            self.build,
            Rc::clone(&self.program),
            home.clone(),
            self.printing(),
            self.cli.timeout,
            Rc::clone(&self.interrupt),
        );
        let is_told = self.measured == Measured::Test && self.cli.format.is_for_people();
        let mut error = None;
        let (cases, filtered_out) = (self.plan.instances.len(), self.plan.filtered_out);
        let (output, time) = (self.cli.libtest.show_output, self.cli.libtest.report_time);
        let is_told = is_told || self.cli.wants_events();
        let mut ended = if self.cli.wants_events() {
            let options = events::Options {
                filtered_out,
                output,
                time,
            };
            let mut told = events::Events::new(console, cases, options);
            let ended = self.measure_all(runner, ratchet, &mut told, &mut error)?;
            told.finish(self.start.elapsed(), ended.cut);
            ended
        } else if is_told {
            let options = libtest::Options {
                quiet: self.cli.quiet,
                time,
                output,
            };
            let mut told = libtest::TestReport::new(console, cases, filtered_out, options);
            let ended = self.measure_all(runner, ratchet, &mut told, &mut error)?;
            told.finish(self.start.elapsed(), ended.cut);
            ended
        } else {
            let cases = self.plan.instances.len() - self.plan.ignored();
            let mut bar = Bar::new(cases, self.cli.quiet, self.cli.verbose);
            let ended = self.measure_all(runner, ratchet, &mut bar, &mut error)?;
            bar.finish();
            ended
        };
        if let Some(coverage) = coverage.filter(|_| ended.is_whole()) {
            match coverage.end() {
                Ok(hot_paths) => ended.hot_paths = Some(hot_paths),
                Err(reason) if self.cli.require_coverage => error = Some(Error::Coverage(reason)),
                Err(reason) => ended.remarks.push(format!("hot paths: {reason}")),
            }
        }
        let settled = ratchet.map(|ratchet| self.settle(ratchet, &mut ended));
        let (changes, gone) = match settled.transpose() {
            Ok(settled) => settled.unwrap_or_default(),
            // The figures are there all the same.
            Err(unsettled) => {
                error = error.or(Some(unsettled));
                (None, None)
            }
        };
        let (ending, mut notes) = (ended.ending(), notes::of(self.plan, self.measured, &ended));
        notes.extend(hottest::advice(&ended.cases));
        notes.extend(comparison::advice(&ended.cases));
        notes.extend(self.cut_short(&ended));
        notes.extend(self.log(&ended));
        let hot_paths = ended.hot_paths.clone();
        if !is_told {
            self.tell(console, &home, ended);
        } else if self.cli.format == Format::Github {
            formats::print_besides(self.cli.format, console, &self.report(ended));
        }
        // Else nothing needs a report: what it says of the machine and the revision takes longer than most tests.
        match changes {
            Some(changes) if self.cli.format.is_for_people() => {
                console.line(format!("\n{changes}"));
            }
            Some(changes) => console.note(&changes),
            None => {}
        }
        for note in notes {
            console.note(&note);
        }
        if let Some(gone) = gone {
            console.error(&gone);
        }
        match hot_paths {
            Some(hot_paths) if !hot_paths.holds() => console.error(&hot_paths),
            Some(hot_paths) => console.note(&hot_paths.to_string()),
            None => {}
        }
        match error {
            Some(error) => Err(error),
            None => Ok(ending),
        }
    }

    /// Says how many cases `--fail-fast` has left out.
    fn cut_short(&self, ended: &Ended) -> Option<String> {
        let left = self.to_run().len() - ended.cases.len();
        let is_cut_short = self.cli.libtest.fail_fast && !ended.is_interrupted() && left > 0;
        is_cut_short.then(|| {
            let cases = text::count(left as u64, "case");
            format!("{cases} not run, because of `--fail-fast`")
        })
    }

    /// Writes the file that `--logfile` names. Returns why it is not there, if so.
    fn log(&self, ended: &Ended) -> Option<String> {
        let file = self.cli.libtest.logfile.as_ref()?;
        let ignored = self.plan.instances.iter();
        let ignored = ignored.filter(|instance| !self.plan.runs(instance));
        let ignored: Vec<&str> = ignored.map(|instance| instance.id.as_str()).collect();
        let log = libtest::log(&ended.cases, &ignored);
        let error = std::fs::write(file, log).err()?;
        Some(format!("{} can't be written to: {error}", file.display()))
    }

    /// What the ratchet has to say at the end: what it has changed, and what is gone.
    fn settle(
        &self,
        ratchet: &Ratchet<'_>,
        ended: &mut Ended,
    ) -> Result<(Option<String>, Option<String>), Error> {
        let selection = self.cli.into();
        let settled = ratchet.end(
            &ended.cases,
            |id| self.plan.may_have(id),
            || NotRun::find(self.build, &registry::cases()),
            selection,
            !ended.is_whole(),
        )?;
        ended.remarks.extend(settled.notes);
        if self.measured == Measured::Check {
            let unblessed = ratchet.unblessed_instructions(&ended.cases, has_valgrind);
            ended.remarks.extend(unblessed);
        }
        ended.ratchet = Some(settled.summary);
        Ok((settled.changes, settled.gone))
    }

    /// Prints the report of a run, and keeps it.
    fn tell(&self, console: &mut Console, home: &Path, ended: Ended) {
        let mut report = self.report(ended);
        let history = match self.measured {
            Measured::Time => Some(past::remember(console, home, &mut report)),
            Measured::Compare
            | Measured::Variants
            | Measured::Check
            | Measured::Cause
            | Measured::Test => None,
        };
        formats::print(self.cli.format, console, &report);
        if let Some(history) = history.filter(|_| !report.cases.is_empty()) {
            pages::write(console, &report, &history, self.cli.open);
        }
        if let Some(remark) = noise::remark(&report) {
            console.note(&remark);
        }
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

    /// Measures case after case, until the end, Ctrl-C or an error, which is left in `error`: what was measured before
    /// is reported.
    fn measure_all(
        &self,
        runner: Runner,
        ratchet: Option<&Ratchet<'_>>,
        told: &mut dyn Progress,
        error: &mut Option<Error>,
    ) -> Result<Ended, Error> {
        let shares = match &self.cli.profile {
            Some(file) => Shares::read(file)?,
            None => Shares::default(),
        };
        let mut ended = Ended::default();
        let prepared = self.comparison(&runner).and_then(|comparison| {
            let variants = self.variants(&runner)?;
            Ok((comparison, variants))
        });
        let (comparison, variants) = match prepared {
            Ok(prepared) => prepared,
            Err(Stop::Interrupted) => {
                ended.cut = Some(Cut::Interrupted);
                return Ok(ended);
            }
            Err(Stop::InterruptedWhile(stage)) => {
                ended.cut = Some(Cut::Interrupted);
                ended.interrupted_while = Some(stage);
                return Ok(ended);
            }
            Err(Stop::Error(error)) => return Err(error),
        };
        let runs = self.plan.instances.len() - self.plan.ignored();
        let is_wanted =
            self.measured == Measured::Check && ratchet.is_some_and(Ratchet::wants_instructions);
        // A comparison counts those of both versions.
        let counter = match (self.cli.instructions || is_wanted) && comparison.is_none() {
            true => {
                Counter::new(&runner, self.cli.cache).map_err(|remark| ended.remarks.push(remark))
            }
            false => Err(()),
        };
        if self.cli.dhat && !guard_status().allocator_installed {
            ended.remarks.push(heap::NOT_INSTALLED.to_owned());
        }
        let mut tools = Tools {
            runner,
            schedule: Schedule::new(self.cli.time_budget, runs),
            counter: counter.ok(),
            comparison,
            variants,
            shares,
            ratchet,
        };
        for instance in &self.plan.instances {
            if !self.plan.runs(instance) {
                told.ignored(&instance.id);
                continue;
            }
            told.starts(&instance.id);
            match self.measure(&mut tools, instance, told) {
                Ok(measurement) if !tools.runner.is_interrupted() => {
                    told.ended(&measurement, tools.runner.output());
                    let is_last = self.cli.libtest.fail_fast && measurement.failure.is_some();
                    ended.cases.push(measurement);
                    if is_last {
                        break;
                    }
                }
                // What it was measured as beside a signal to stop is no figure.
                Ok(_) | Err(Stop::Interrupted | Stop::InterruptedWhile(_)) => {
                    told.cut_short(&instance.id, Cut::Interrupted);
                    ended.cut = Some(Cut::Interrupted);
                    break;
                }
                Err(Stop::Error(stop)) => {
                    told.cut_short(&instance.id, Cut::Error);
                    ended.cut = Some(Cut::Error);
                    *error = Some(stop);
                    break;
                }
            }
        }
        let bad_ends = tools.runner.take_bad_ends();
        ended.has_bad_end = !bad_ends.is_empty();
        ended.remarks.extend(bad_ends);
        let refused = tools.counter.iter().flat_map(Counter::refused);
        ended.remarks.extend(refused.cloned());
        ended.remarks.extend(too_short(&ended.cases));
        ended.is_missing_figures = tools.counter.as_ref().is_some_and(Counter::is_down);
        let remarks = tools.comparison.iter().flat_map(Comparison::remarks);
        ended.remarks.extend(remarks);
        ended.compared = tools.comparison.as_ref().map(Comparison::summary);
        if let Some(variants) = &tools.variants {
            ended.remarks.extend(variants.remarks());
            ended.variants = Some(variants.summary(&ended.cases));
        }
        Ok(ended)
    }

    /// The cases that are measured, and not only listed.
    fn to_run(&self) -> Vec<&Instance> {
        let instances = self.plan.instances.iter();
        instances.filter(|case| self.plan.runs(case)).collect()
    }

    /// What the run is a comparison with, if it is one.
    fn comparison(&self, runner: &Runner) -> Result<Option<Comparison>, Stop<Error>> {
        let Some(old) = &self.cli.compare else {
            return Ok(None);
        };
        let options = compare::Options {
            old,
            margin: self.cli.margin / 100.0,
            strict: self.cli.strict,
            native_layout: self.cli.native_layout,
            instructions: self.cli.instructions,
            timeout: self.cli.timeout,
            quiet: self.cli.quiet,
            selection: self.cli.into(),
        };
        let interrupt = runner.interrupt();
        let comparison = Comparison::prepare(
            self.build,
            options,
            &self.to_run(),
            (&self.program, runner.home()),
            interrupt,
        )?;
        Ok(Some(comparison))
    }

    /// The build settings to measure in, if the run is of several.
    fn variants(&self, runner: &Runner) -> Result<Option<Variants>, Stop<Error>> {
        let Some(list) = &self.cli.variants else {
            return Ok(None);
        };
        let options = variants::Options {
            list,
            train: self.cli.train.as_deref(),
            margin: self.cli.margin / 100.0,
            native_layout: self.cli.native_layout,
            timeout: self.cli.timeout,
            quiet: self.cli.quiet,
        };
        let interrupt = runner.interrupt();
        let variants = Variants::prepare(
            self.build,
            options,
            &self.to_run(),
            runner.home(),
            interrupt,
        )?;
        Ok(Some(variants))
    }

    fn measure(
        &self,
        tools: &mut Tools<'_>,
        instance: &Instance,
        told: &mut dyn Progress,
    ) -> Result<Measurement, Stop<Error>> {
        let start = Instant::now();
        tools.schedule.begin();
        if let Some(failure) = &instance.broken {
            let mut measurement = tools.runner.begin(instance);
            measurement.failure = Some(failure.clone());
            return Ok(measurement);
        }
        if matches!(self.measured, Measured::Time | Measured::Cause) {
            // The heap that earlier cases leave behind shows: by a third, in one of the playbook's cases.
            tools.runner.renew();
        }
        let mut measurement = tools.runner.begin(instance);
        measurement.program_share = tools.shares.of(instance.case);
        let ratchet = tools.ratchet;
        let is_held = ratchet.is_some_and(|ratchet| ratchet.holds_allocations(&instance.id));
        let calls = match self.measured {
            Measured::Time if self.cli.calls.is_some() => FEW_COUNTED_CALLS,
            Measured::Time
            | Measured::Compare
            | Measured::Variants
            | Measured::Check
            | Measured::Cause => COUNTED_CALLS,
            // Of calls that are not alike, the mean was blessed.
            Measured::Test if ratchet.is_some_and(|ratchet| ratchet.is_mean(&instance.id)) => {
                COUNTED_CALLS
            }
            // What a budget is held against is a call after the first.
            Measured::Test => Calls {
                warm_up: (instance.case.has_budget || is_held).into(),
                counted: 1,
            },
        };
        let call = tools.runner.count(instance, &mut measurement, calls)?;
        if self.measured == Measured::Time && measurement.failure.is_none() {
            self.time(tools, instance, &mut measurement, call, told)?;
        }
        if self.cli.flamegraph && measurement.failure.is_none() {
            let settings = self.cli.settings().or(tools.schedule.settings(call));
            let time = settings.measurement_time;
            flamegraph::make(&mut tools.runner, instance, &mut measurement, time)?;
        }
        tools.runner.end(instance, &mut measurement)?;
        let records = self.cli.dhat && guard_status().allocator_installed;
        if records && measurement.failure.is_none() {
            heap::record(&mut tools.runner, instance, &mut measurement, call)?;
        }
        let wants_instructions = self.cli.instructions
            || ratchet.is_some_and(|ratchet| ratchet.wants_instructions_of(&instance.id));
        if let Some(counter) = &mut tools.counter
            && wants_instructions
            && measurement.failure.is_none()
        {
            counter.count(instance, &mut measurement, call)?;
        }
        if let Some(comparison) = &mut tools.comparison
            && measurement.failure.is_none()
        {
            comparison.compare(instance, &mut measurement, COUNTED_CALLS)?;
        }
        if let Some(variants) = &mut tools.variants
            && measurement.failure.is_none()
        {
            variants.measure(instance, &mut measurement)?;
        }
        if let Some(ratchet) = ratchet {
            ratchet.hold(&mut measurement, tools.runner.output());
        }
        measurement.duration_s = start.elapsed().as_secs_f64();
        Ok(measurement)
    }

    /// Times a case, of which a call takes so long, more or less.
    fn time(
        &self,
        tools: &mut Tools<'_>,
        instance: &Instance,
        measurement: &mut Measurement,
        call: Duration,
        told: &mut dyn Progress,
    ) -> Result<(), Stop<Error>> {
        let Tools {
            runner, schedule, ..
        } = tools;
        if let Some(calls) = self.cli.calls {
            return runner.time_each(instance, measurement, calls);
        }
        let flags = self.cli.settings().or(schedule.settings(call));
        let expected = flags.or(runner.planned()).expected(call);
        if expected.time > LONG {
            told.remark(&format!(
                "`{}` takes about {}: {} samples, each of {} or more. `--calls 3` times 3 calls instead",
                instance.id,
                units::duration(expected.time),
                expected.samples,
                units::time(call.as_secs_f64() * 1e9)
            ));
        }
        let directory = runner.home().join(file_name(&instance.id));
        let settings = TimingSettings {
            flags,
            call,
            resamples: self.cli.nresamples.unwrap_or(RESAMPLES),
            directory: directory.clone(),
        };
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
            partial: !ended.is_whole(),
            shard: self.cli.shard,
            filtered_out: self.plan.filtered_out,
            ignored: self.plan.ignored(),
            guard: guard_status().into(),
            hot_paths: ended.hot_paths,
            machine: environment::machine(),
            toolchain: environment::toolchain(),
            git: environment::revision(self.build),
            compared: ended.compared,
            variants: ended.variants,
            ratchet: ended.ratchet,
        };
        Report::new(run, ended.cases)
    }
}

/// The remark on calls that are too short to be timed by themselves.
fn too_short(cases: &[Measurement]) -> Option<String> {
    let short = cases.iter().filter(|case| {
        let calls = case.single_calls.as_ref();
        calls.is_some_and(|calls| calls.median_ns < SHORT_NS)
    });
    let ids: Vec<String> = short.map(|case| format!("`{}`", case.id)).collect();
    (!ids.is_empty()).then(|| {
        format!(
            "calls of less than 10 µs are too short to be timed one by one, so that what the clock takes is part of \
             these times: {}. Leave `--calls` out",
            ids.join(", ")
        )
    })
}

/// What cases are measured with.
struct Tools<'a> {
    runner: Runner,
    schedule: Schedule,
    counter: Option<Counter>,
    comparison: Option<Comparison>,
    variants: Option<Variants>,
    shares: Shares,
    ratchet: Option<&'a Ratchet<'a>>,
}
