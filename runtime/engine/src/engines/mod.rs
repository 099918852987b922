//! The engines: each measures one routine, and knows nothing of how it is reported.
//!
//! An engine runs inside the case's call of its [`Bencher`](crate::Bencher), so that the case's set-up is entered
//! once for each measurement.

mod callgrind;
mod calls;
mod criterion;
mod elision;
mod handful;
mod heap;
mod lend;
mod lock_step;
#[cfg(feature = "flamegraph")]
mod sampled;
#[cfg(feature = "flamegraph")]
mod stacks;
mod valgrind;

use std::fmt::Display;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::declared::Declared;
use super::routine::{Calls, Routine};
use super::settings::{Defaults, Settings};
use crate::figures::{
    Allocations, Budget, Heap, Instructions, Sampled, SingleCalls, Throughput, Timing,
};
use crate::heap::Way;
use crate::registry::Case;
use hotbench_guard::elsewhere;

pub use callgrind::CallgrindSettings;
pub use criterion::{ID as CRITERION_ID, REPORT as CRITERION_REPORT};
pub use heap::{HeapSettings, Outcome};
pub use lend::lend;
pub use lock_step::{Took, Turn, Turns};
#[cfg(feature = "flamegraph")]
pub use sampled::SamplingSettings;

/// What is to be measured: one engine, with its settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Job {
    /// Calls whose allocations are counted.
    Calls(Calls),
    /// Calls whose instructions are counted, in a process that runs under Callgrind.
    Callgrind(CallgrindSettings),
    /// Calls whose allocations are recorded, in a process of their own.
    Heap(HeapSettings),
    /// Calls of which samples are taken.
    #[cfg(feature = "flamegraph")]
    Sampled(SamplingSettings),
    /// So many calls, each timed by itself.
    Handful(usize),
    /// A timed run.
    Criterion(TimingSettings),
    /// Batches, in turns with another executable.
    LockStep,
}

impl Job {
    /// Whether that is what comes of this job.
    pub fn is_answered_by(&self, observation: &Observation) -> bool {
        match observation {
            Observation::Calls { .. } => matches!(self, Self::Calls(_)),
            Observation::Timed(_) => matches!(self, Self::Criterion(_)),
            Observation::Handful(_) => matches!(self, Self::Handful(_)),
            Observation::Instructions(_) => matches!(self, Self::Callgrind(_)),
            Observation::Heap(_) | Observation::Ways { .. } => matches!(self, Self::Heap(_)),
            #[cfg(feature = "flamegraph")]
            Observation::Sampled(_) => matches!(self, Self::Sampled(_)),
            #[cfg(not(feature = "flamegraph"))]
            Observation::Sampled(_) => false,
            Observation::TurnsTaken => matches!(self, Self::LockStep),
            Observation::Failed(_) => true,
        }
    }
}

/// How Criterion measures.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TimingSettings {
    /// What the command line says, before which the case and the harness have nothing to say.
    pub flags: Settings,
    /// What one call takes, more or less.
    pub call: Duration,
    /// Resamples of the bootstrap.
    pub resamples: usize,
    /// Where Criterion writes: empty at the start, so that nothing older can be read back.
    pub directory: PathBuf,
}

/// What an engine saw.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Observation {
    /// Calls were counted.
    Calls {
        /// What they allocate.
        allocations: Allocations,
        /// What the case is held to, if anything.
        budget: Option<Budget>,
        /// What one call works on.
        throughput: Option<Throughput>,
        /// The report of the first call that was over the case's budget.
        over_budget: Option<String>,
        /// What a call took, its set-up and the count included.
        call: Duration,
        /// How a timed run would measure it, if no flag says otherwise.
        planned: Box<Settings>,
    },
    /// Of a timed run.
    Timed(Timing),
    /// Of calls that were timed one by one.
    Handful(SingleCalls),
    /// What a call executes.
    Instructions(Instructions),
    /// What calls allocate, by their stacks.
    Heap(Heap),
    /// Of so many calls, all threads' together.
    Ways {
        /// Those that were recorded.
        calls: u64,
        /// Each stack that allocates.
        ways: Vec<Way>,
    },
    /// Where the time goes.
    Sampled(Sampled),
    /// The harness has what it wanted.
    TurnsTaken,
    /// The engine could not measure, and why.
    Failed(String),
}

pub(crate) trait Engine {
    fn drive(&mut self, routine: &mut dyn Routine, declared: &Declared) -> Observation;
}

/// Says that a file is missing beside what was measured, and why.
pub fn not_written(file: impl Display, error: &io::Error) -> String {
    format!("{file} could not be written: {error}")
}

/// What is called: a case, with one value of its sweeps.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) id: String,
    pub(crate) case: &'static Case,
    /// The folder of the package when it was compiled.
    pub(crate) package: &'static str,
}

/// Makes the engine that `job` names. For the first pass over a case it is made before the case is set up, so that an
/// engine can watch the threads that the set-up starts. `turns` are for one that takes them.
pub(crate) fn engine<'a>(
    job: Job,
    call: Call,
    defaults: Defaults,
    turns: impl Turns + 'a,
) -> Box<dyn Engine + 'a> {
    // A process that counts, as the one of a test run, goes on to see the threads that earlier cases have started.
    if !matches!(job, Job::Calls(_)) {
        elsewhere::disarm();
    }
    match job {
        Job::Calls(calls) => Box::new(calls::Counting::new(calls, call, defaults)),
        Job::Callgrind(settings) => Box::new(callgrind::Callgrind(settings)),
        Job::Heap(settings) => Box::new(heap::Heap::new(settings, call)),
        #[cfg(feature = "flamegraph")]
        Job::Sampled(settings) => Box::new(sampled::Sampling { settings, call }),
        Job::Criterion(settings) => Box::new(criterion::Timed {
            settings,
            defaults: Some(defaults),
        }),
        Job::Handful(calls) => Box::new(handful::Handful(calls)),
        Job::LockStep => Box::new(lock_step::LockStep(turns)),
    }
}
