//! A run's child at work: one case after the other, each to a [`Measurement`].

use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::Build;
use super::child::{Child, Ended, LinkError, Printing, deadline};
#[cfg(feature = "flamegraph")]
use super::engine::SamplingSettings;
use super::engine::{CallgrindSettings, HeapSettings, Job, Observation, TimingSettings};
use super::environment::{self, Sources};
use super::error::Error;
use super::executor;
use super::instructions::Callgrind;
use super::interrupt::Interrupt;
use super::routine::Calls;
use crate::guard::guard_status;
use crate::registry::Instance;
use crate::report::measurement::{Failure, FailureKind, Measurement};

/// The child; a new one is started after a case that took the last one with it.
pub(crate) struct Runner {
    /// What the executable is started under, if anything.
    callgrind: Option<Callgrind>,
    executable: PathBuf,
    home: PathBuf,
    printing: Printing,
    interrupt: Rc<Interrupt>,
    timeout: Option<Duration>,
    /// Of the case at hand.
    deadline: Option<Instant>,
    child: Option<Child>,
    /// What the child has printed while the case at hand was measured.
    output: String,
    /// What a call of it took when it was counted.
    call: Duration,
    allocator_installed: bool,
    profile: String,
    sources: Sources,
}

/// Why a run goes no further.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The user has had enough.
    Interrupted,
    Error(Error),
}

impl From<LinkError> for Stop {
    fn from(error: LinkError) -> Self {
        Self::Error(error.into())
    }
}

impl Runner {
    /// `home` is where Criterion may write; `timeout` is for all that is done with one case.
    pub(crate) fn new(
        build: &Build,
        home: PathBuf,
        printing: Printing,
        timeout: Option<Duration>,
    ) -> Result<Self, Error> {
        let executable = std::env::current_exe().map_err(Error::Executable)?;
        Ok(Self {
            callgrind: None,
            executable,
            home,
            printing,
            interrupt: Rc::new(Interrupt::listen().map_err(Error::Signals)?),
            timeout,
            deadline: None,
            child: None,
            output: String::new(),
            call: Duration::ZERO,
            allocator_installed: guard_status().allocator_installed,
            profile: environment::profile(build),
            sources: Sources::of(build),
        })
    }

    /// Another, whose children run under Callgrind.
    pub(super) fn under(&self, callgrind: Callgrind) -> Self {
        Self {
            callgrind: Some(callgrind),
            executable: self.executable.clone(),
            home: self.home.clone(),
            // What Valgrind prints is no output of a case.
            printing: Printing::Kept,
            interrupt: Rc::clone(&self.interrupt),
            child: None,
            output: String::new(),
            profile: self.profile.clone(),
            sources: self.sources.clone(),
            ..*self
        }
    }

    /// What starts a child.
    fn command(&self) -> Command {
        match &self.callgrind {
            Some(callgrind) => callgrind.command(&self.executable),
            None => Command::new(&self.executable),
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

    /// Has the next case measured in a fresh child.
    pub(crate) fn renew(&mut self) {
        self.child = None;
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
    ) -> Result<Duration, Stop> {
        self.call = Duration::ZERO;
        self.measure(instance, measurement, &Job::Calls(calls))?;
        Ok(self.call)
    }

    pub(crate) fn time(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        settings: TimingSettings,
    ) -> Result<(), Stop> {
        self.measure(instance, measurement, &Job::Criterion(settings))
    }

    pub(crate) fn count_instructions(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        settings: CallgrindSettings,
    ) -> Result<(), Stop> {
        self.measure(instance, measurement, &Job::Callgrind(settings))
    }

    pub(crate) fn record_heap(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        settings: HeapSettings,
    ) -> Result<(), Stop> {
        self.measure(instance, measurement, &Job::Heap(settings))
    }

    #[cfg(feature = "flamegraph")]
    pub(crate) fn sample(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        settings: SamplingSettings,
    ) -> Result<(), Stop> {
        self.measure(instance, measurement, &Job::Sampled(settings))
    }

    /// What the child has printed since the case at hand was begun with.
    pub(crate) fn output(&self) -> &str {
        &self.output
    }

    /// Has a case measured. A case that kills a child which others had used before it is measured
    /// again in a fresh one: it may have been something that those left behind.
    fn measure(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        job: &Job,
    ) -> Result<(), Stop> {
        let is_fresh = self.child.is_none();
        let mut ended = self.ask(instance, job)?;
        if matches!(ended, Ended::Died(_)) && !is_fresh {
            self.output.clear();
            ended = self.ask(instance, job)?;
        }
        let failure = match ended {
            Ended::Observed(observation) => self.record(measurement, observation),
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
            Ended::TimedOut => {
                let timeout = self.timeout.unwrap_or_default().as_secs_f64();
                let message = format!("did not end within the {timeout} s of `--timeout`");
                Some((FailureKind::TimedOut, message))
            }
            Ended::Interrupted => return Err(Stop::Interrupted),
        };
        measurement.failure = failure.map(|(kind, message)| Failure {
            kind,
            message,
            output: self.output.clone(),
        });
        Ok(())
    }

    /// Asks the child, which stays if it can.
    fn ask(&mut self, instance: &Instance, job: &Job) -> Result<Ended, LinkError> {
        let mut child = match self.child.take() {
            Some(child) => child,
            None => {
                let mut child = Child::start(self.command(), &self.home, self.printing)?;
                if let Some(ended) = child.greet(self.deadline, &self.interrupt)? {
                    return Ok(ended);
                }
                child
            }
        };
        let ended = child.measure(instance, job, self.deadline, &self.interrupt);
        self.output.push_str(&child.take_output());
        if let Ended::Observed(_) | Ended::Panicked(_) = &ended {
            self.child = Some(child);
        }
        Ok(ended)
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
            } => {
                self.call = call;
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
