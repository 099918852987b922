//! A run's worker: one case after the other, each to a [`Measurement`].

use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::Build;
use super::child::callgrind::Callgrind;
use super::child::{
    Answer, Child, Ended, LinkError, Printing, Program, Request, deadline, time_for_sweeps,
};
use super::environment::{self, Sources};
use super::error::Error;
use super::interrupt::Interrupt;
use super::listing;
use super::plan::Instance;
use super::stop::Stop;
use crate::report::measurement::{Failure, FailureKind, Measurement};
#[cfg(feature = "flamegraph")]
use hotbench_engine::engines::SamplingSettings;
use hotbench_engine::engines::{CallgrindSettings, HeapSettings, Job, Observation, TimingSettings};
use hotbench_engine::executor;
use hotbench_engine::routine::Calls;
use hotbench_engine::settings::Settings;
use hotbench_guard::guard_status;

/// Has cases measured by a worker; a new one is started after a case that ended the last one's process.
pub(crate) struct Runner {
    /// What the executable is started under, if anything.
    callgrind: Option<Callgrind>,
    program: Rc<Program>,
    home: PathBuf,
    printing: Printing,
    interrupt: Rc<Interrupt>,
    timeout: Option<Duration>,
    /// Of the case at hand.
    deadline: Option<Instant>,
    worker: Option<Worker>,
    /// A sentence on each worker that did not end as it should.
    bad_ends: Vec<String>,
    /// What the worker has printed while the case at hand was measured.
    output: String,
    /// What a call of it took when it was counted.
    call: Duration,
    /// How a timed run would measure it.
    planned: Settings,
    allocator_installed: bool,
    profile: String,
    sources: Sources,
}

/// A worker, and what has run in it.
struct Worker {
    child: Child,
    /// The ids of the cases that it has left.
    before: Vec<String>,
    /// The id of the case that it has entered, which is measured in as many passes as are asked for.
    entered: Option<String>,
}

/// What came of a pass.
struct Tried {
    ended: Ended,
    /// Whether the case was entered. Otherwise its sweeps have failed, or never came to the value.
    is_found: bool,
    /// The ids of the cases that had run in the same process before.
    before: Vec<String>,
}

/// The failure of a case that passes alone.
fn beside_others(failure: Failure, before: &[String], output: String) -> Failure {
    let others = match before {
        [one] => format!("`{one}`"),
        [.., last] => format!("{} other cases, the last of them `{last}`", before.len()),
        [] => String::new(),
    };
    Failure {
        kind: failure.kind,
        message: format!(
            "{}\nIt failed after {others}, in the same process. Alone, in a fresh process, it passes: it depends on \
             something that was left behind, such as an environment variable, the working directory or a static",
            failure.message.trim_end()
        ),
        output,
    }
}

impl Runner {
    /// `home` is where Criterion may write; `timeout` is for all that is done with one case.
    pub(crate) fn new(
        build: &Build,
        program: Rc<Program>,
        home: PathBuf,
        printing: Printing,
        timeout: Option<Duration>,
        interrupt: Rc<Interrupt>,
    ) -> Self {
        Self {
            callgrind: None,
            program,
            home,
            printing,
            interrupt,
            timeout,
            deadline: None,
            worker: None,
            bad_ends: Vec::new(),
            output: String::new(),
            call: Duration::ZERO,
            planned: Settings::default(),
            allocator_installed: guard_status().allocator_installed,
            profile: environment::profile(build),
            sources: Sources::of(build),
        }
    }

    /// Another, whose children run under Callgrind.
    pub(super) fn under(&self, callgrind: Callgrind) -> Self {
        Self {
            callgrind: Some(callgrind),
            program: Rc::clone(&self.program),
            home: self.home.clone(),
            // What Valgrind prints is no output of a case.
            printing: Printing::Kept,
            interrupt: Rc::clone(&self.interrupt),
            worker: None,
            bad_ends: Vec::new(),
            output: String::new(),
            profile: self.profile.clone(),
            sources: self.sources.clone(),
            ..*self
        }
    }

    /// What starts a child.
    fn command(&self) -> Command {
        match &self.callgrind {
            Some(callgrind) => callgrind.command(&self.program.file()),
            None => self.program.command(),
        }
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    pub(crate) fn interrupt(&self) -> &Rc<Interrupt> {
        &self.interrupt
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupt.is_raised()
    }

    /// Has what comes next measured by a fresh worker.
    pub(crate) fn renew(&mut self) {
        let Some(worker) = self.worker.take() else {
            return;
        };
        let Worker {
            child,
            before,
            entered,
        } = worker;
        if let Some(status) = child.leave() {
            let others = before.len() + usize::from(entered.is_some()) > 1;
            let last = entered.or(before.last().cloned()).unwrap_or_default();
            let whose = match others {
                true => format!("several cases, the last of them `{last}`,"),
                false => format!("`{last}`"),
            };
            self.bad_ends.push(format!(
                "the process that measured {whose} did not end as it should when all was measured ({status})"
            ));
        }
    }

    /// Takes the sentences on workers that did not end as they should.
    pub(crate) fn take_bad_ends(&mut self) -> Vec<String> {
        self.renew();
        std::mem::take(&mut self.bad_ends)
    }

    /// Begins with a case, of which nothing has been measured yet.
    pub(crate) fn begin(&mut self, instance: &Instance) -> Measurement {
        self.deadline = self.timeout.and_then(deadline);
        self.output.clear();
        let case = instance.case;
        Measurement {
            id: instance.id.clone(),
            run: 0,
            index: instance.position,
            package: case.package.map(str::to_owned),
            group: case.group.map(str::to_owned),
            baseline: case.baseline,
            sweep_value: instance.value.clone(),
            file: self.sources.shown(case.file.as_ref()).display().to_string(),
            line: case.line,
            duration_s: 0.0,
            timing: None,
            single_calls: None,
            allocations: None,
            instructions: None,
            heap: None,
            sampled: None,
            budget: None,
            ratchet: None,
            program_share: None,
            throughput: None,
            vs_baseline: None,
            since_last: None,
            vs_revision: None,
            variants: Vec::new(),
            failure: None,
        }
    }

    /// Counts the allocations of a case, which are held against its budget. Returns what a call took, the
    /// case's set-up and the count included.
    pub(crate) fn count(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        calls: Calls,
    ) -> Result<Duration, Stop<Error>> {
        self.call = Duration::ZERO;
        self.measure(instance, measurement, &Job::Calls(calls))?;
        Ok(self.call)
    }

    pub(crate) fn time(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        settings: TimingSettings,
    ) -> Result<(), Stop<Error>> {
        self.measure(instance, measurement, &Job::Criterion(settings))
    }

    /// How a timed run would measure the case that was counted last.
    pub(crate) fn planned(&self) -> Settings {
        self.planned
    }

    /// Times so many calls, each by itself.
    pub(crate) fn time_each(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        calls: usize,
    ) -> Result<(), Stop<Error>> {
        self.measure(instance, measurement, &Job::Handful(calls))
    }

    pub(crate) fn count_instructions(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        settings: CallgrindSettings,
    ) -> Result<(), Stop<Error>> {
        self.measure(instance, measurement, &Job::Callgrind(settings))
    }

    pub(crate) fn record_heap(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        settings: HeapSettings,
    ) -> Result<(), Stop<Error>> {
        self.measure(instance, measurement, &Job::Heap(settings))
    }

    #[cfg(feature = "flamegraph")]
    pub(crate) fn sample(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        settings: SamplingSettings,
    ) -> Result<(), Stop<Error>> {
        self.measure(instance, measurement, &Job::Sampled(settings))
    }

    /// What the child has printed since the case at hand was begun with.
    pub(crate) fn output(&self) -> &str {
        &self.output
    }

    /// Has a pass made over a case. One that fails in a process that others have run in is tried alone: the report says
    /// which of the two is true.
    fn measure(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        job: &Job,
    ) -> Result<(), Stop<Error>> {
        let tried = self.pass(instance, job)?;
        let before = tried.before.clone();
        let failure = self.judge(instance, measurement, Some(job), tried)?;
        measurement.failure = match failure {
            Some(failure) if !before.is_empty() && failure.kind != FailureKind::TimedOut => {
                let beside = std::mem::take(&mut self.output);
                self.renew();
                let tried = self.pass(instance, job)?;
                let alone = self.judge(instance, measurement, Some(job), tried)?;
                Some(alone.unwrap_or_else(|| beside_others(failure, &before, beside)))
            }
            failure => failure,
        };
        Ok(())
    }

    /// Ends what is done with a case: its tear-down runs, which may fail.
    pub(crate) fn end(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
    ) -> Result<(), Stop<Error>> {
        let Some(mut worker) = self.worker.take() else {
            return Ok(());
        };
        let Some(id) = worker.entered.take() else {
            self.worker = Some(worker);
            return Ok(());
        };
        let before = worker.before.clone();
        let asked = worker
            .child
            .ask(&Request::Leave, self.deadline, &self.interrupt);
        self.output.push_str(&worker.child.take_output());
        worker.before.push(id);
        let ended = match asked {
            Ok(Answer::Message(_)) => {
                self.worker = Some(worker);
                return Ok(());
            }
            Ok(Answer::Ended(ended)) => ended,
            Err(error) => Ended::Broken(error),
        };
        let tried = Tried {
            ended,
            is_found: true,
            before,
        };
        let failure = self.judge(instance, measurement, None, tried)?;
        // What failed before says more.
        measurement.failure = measurement.failure.take().or(failure);
        Ok(())
    }

    /// Makes a pass over a case, which is entered unless it is already.
    fn pass(&mut self, instance: &Instance, job: &Job) -> Result<Tried, LinkError> {
        let tried = self.try_pass(instance, job)?;
        if matches!(tried.ended, Ended::Missing) && !tried.before.is_empty() {
            // A sweep without a fixed order has gone past the value. In a fresh process it is still to come.
            self.renew();
            return self.try_pass(instance, job);
        }
        Ok(tried)
    }

    fn try_pass(&mut self, instance: &Instance, job: &Job) -> Result<Tried, LinkError> {
        let mut worker = match self.worker.take() {
            Some(worker) => worker,
            None => {
                let mut child = Child::start(self.command(), &self.home, self.printing)?;
                let ended = child.greet(self.deadline, &self.interrupt)?;
                if let Some(ended) = ended {
                    return Ok(Tried {
                        ended,
                        is_found: true,
                        before: Vec::new(),
                    });
                }
                Worker {
                    child,
                    before: Vec::new(),
                    entered: None,
                }
            }
        };
        let interrupt = &self.interrupt;
        let is_inside = worker.entered.as_ref() == Some(&instance.id);
        let before = worker.before.clone();
        let (is_found, answer) = if is_inside {
            let request = Request::Pass(job.clone());
            (true, worker.child.ask(&request, self.deadline, interrupt))
        } else {
            let started = Instant::now();
            let found_by = time_for_sweeps(self.timeout).and_then(deadline);
            let found = worker
                .child
                .enter(&instance.listed(), job, found_by, interrupt);
            match found {
                Ok(None) => {
                    // The evaluation of the sweeps is not on the time of the case.
                    let spent = started.elapsed();
                    let moved = |deadline: Instant| deadline.checked_add(spent);
                    self.deadline = self.deadline.and_then(moved);
                    (true, worker.child.hear(self.deadline, interrupt))
                }
                Ok(Some(ended)) => (false, Ok(Answer::Ended(ended))),
                Err(error) => (true, Err(error)),
            }
        };
        let ended = match answer {
            Ok(Answer::Ended(ended)) => ended,
            Ok(Answer::Message(other)) => Ended::Broken(LinkError::foreign(&other)),
            Err(error) => Ended::Broken(error),
        };
        self.output.push_str(&worker.child.take_output());
        match ended {
            Ended::Observed(_) => {
                worker.entered = Some(instance.id.clone());
                self.worker = Some(worker);
            }
            // Its sweeps would be evaluated a second time for its next value.
            Ended::Panicked(_) if instance.swept.is_none() => {
                worker.entered = None;
                worker.before.push(instance.id.clone());
                self.worker = Some(worker);
            }
            _ => {}
        }
        Ok(Tried {
            ended,
            is_found,
            before,
        })
    }

    /// Takes over what a pass has found that was made for a job, if it was. Returns why the case has failed, if it has.
    fn judge(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        job: Option<&Job>,
        tried: Tried,
    ) -> Result<Option<Failure>, Stop<Error>> {
        let failure = match tried.ended {
            Ended::Interrupted => return Err(Stop::Interrupted),
            Ended::Observed(observation)
                if !job.is_some_and(|job| job.is_answered_by(&observation)) =>
            {
                let message = format!(
                    "the process that measures it has answered what it was not asked: {observation:?}"
                );
                Some((FailureKind::NotMeasured, message))
            }
            Ended::Observed(observation) => self.record(measurement, observation),
            // Without a sweep, what came of the case before has ended the process.
            ended if !tried.is_found && instance.case.sweep.is_some() => {
                let value = instance.swept.as_deref();
                let message = listing::describe(instance.case, value, &ended, self.timeout);
                Some((FailureKind::NotMeasured, message))
            }
            Ended::Panicked(message) => {
                if let Some(hint) = executor::hint(&message) {
                    self.output.push_str(hint);
                }
                Some((FailureKind::Panicked, message))
            }
            Ended::Died(status) => {
                let message = format!("ended the process that measures it ({status})");
                Some((FailureKind::Died, message))
            }
            Ended::Broken(error) => Some((FailureKind::Died, error.to_string())),
            Ended::Missing => {
                let message = "was entered, but came to its end without a measurement".to_owned();
                Some((FailureKind::NotMeasured, message))
            }
            Ended::TimedOut => {
                let timeout = self.timeout.unwrap_or_default().as_secs_f64();
                let message = format!("did not end within the {timeout} s of `--timeout`");
                Some((FailureKind::TimedOut, message))
            }
        };
        Ok(failure.map(|(kind, message)| Failure {
            kind,
            message,
            output: self.output.clone(),
        }))
    }

    /// Returns why the case has failed, if it has.
    fn record(
        &mut self,
        measurement: &mut Measurement,
        observation: Observation,
    ) -> Option<(FailureKind, String)> {
        match observation {
            Observation::Calls {
                allocations,
                budget,
                throughput,
                over_budget,
                call,
                planned,
            } => {
                self.call = call;
                self.planned = *planned;
                measurement.throughput = throughput;
                measurement.budget = budget;
                // Counts of an allocator that reports nothing are not zeros.
                measurement.allocations = Some(allocations).filter(|_| self.allocator_installed);
                let report = over_budget?;
                let message = format!("{report}\nmeasured in a {} build", self.profile);
                Some((FailureKind::OverBudget, message))
            }
            Observation::Timed(timing) => {
                let throughput = measurement.throughput;
                measurement.throughput = throughput.map(|throughput| throughput.at(&timing));
                measurement.timing = Some(timing);
                None
            }
            Observation::Handful(calls) => {
                measurement.single_calls = Some(calls);
                None
            }
            Observation::Instructions(instructions) => {
                measurement.instructions = Some(instructions);
                None
            }
            Observation::Heap(heap) => {
                measurement.heap = Some(heap);
                None
            }
            Observation::Sampled(mut sampled) => {
                for function in &mut sampled.hottest {
                    let file = function.file.as_ref();
                    let shown = file.map(|file| self.sources.shown(file.as_ref()));
                    function.file = shown.map(|file| file.display().to_string());
                }
                measurement.sampled = Some(sampled);
                None
            }
            // Of a comparison, which asks for itself.
            Observation::Ways { .. } | Observation::TurnsTaken => None,
            Observation::Failed(message) => Some((FailureKind::NotMeasured, message)),
        }
    }
}
