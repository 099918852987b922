//! Calls whose allocations are recorded, each with its stack, in a process that does nothing else.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Call, Engine, Observation, not_written};
use crate::declared::Declared;
use crate::heap::{self, Bounds, Here, Recording};
use crate::routine::{Meter, Routine};
use hotbench_guard::elsewhere::Started;
use hotbench_guard::ledger::unwatched;

/// How a heap is recorded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HeapSettings {
    /// Calls before: first use is no cost of a call.
    pub warm_up: u64,
    /// Those that are recorded.
    pub calls: u64,
    /// What becomes of it.
    pub outcome: Outcome,
}

/// What a recording is for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Outcome {
    /// DHAT's file, which goes there and is shown so, and the sites that allocated most.
    File {
        /// Where it is written.
        file: PathBuf,
        /// As reports name it.
        shown: String,
    },
    /// The ways to all allocations.
    Ways,
}

/// Made before the case is set up: the threads that it starts are recorded, too.
pub(super) struct Heap {
    settings: HeapSettings,
    call: Call,
    recording: Recording,
}

impl Heap {
    pub(super) fn new(settings: HeapSettings, call: Call) -> Self {
        Self {
            settings,
            call,
            recording: Recording::arm(Bounds::USUAL),
        }
    }
}

impl Engine for Heap {
    fn drive(&mut self, routine: &mut dyn Routine, _: &Declared) -> Observation {
        let HeapSettings {
            warm_up,
            calls,
            outcome,
        } = &self.settings;
        let here = Here::new();
        let around = heap::calls_around(&here);
        // As they are counted: with the threads that they start, and without those of the first.
        let started = Started::from_now();
        routine.batch(*warm_up, &mut Off);
        started.wait();
        routine.batch(*calls, &mut Recorder::new(&self.recording));
        drop(around);
        let Some(profile) = self.recording.profile() else {
            return Observation::Failed("nothing was recorded".to_owned());
        };
        let Call { id, case, package } = &self.call;
        let function = format!("{}::{}", case.module, case.function);
        let (file, shown) = match outcome {
            Outcome::Ways => {
                let threads = routine.side_by_side().map_or(1, |side| side.threads);
                return Observation::Ways {
                    calls: calls * threads as u64,
                    ways: heap::ways(&profile, &function, package.as_ref()),
                };
            }
            Outcome::File { file, shown } => (file, shown),
        };
        let mut heap = heap::sites(&profile, &function, *calls);
        // What was recorded is worth showing without the file, too.
        match profile.write(file, id) {
            Ok(()) => heap.file = Some(shown.clone()),
            Err(error) => heap.not_written = Some(not_written(shown, &error)),
        }
        Observation::Heap(heap)
    }
}

struct Off;

impl Meter for Off {
    fn start(&mut self) {}
    fn stop(&mut self) {}
}

struct Recorder<'a> {
    recording: &'a Recording,
    started: Started,
}

impl<'a> Recorder<'a> {
    fn new(recording: &'a Recording) -> Self {
        let started = Started::from_now();
        Self { recording, started }
    }
}

impl Meter for Recorder<'_> {
    fn start(&mut self) {
        unwatched(|| self.started = Started::from_now());
        self.recording.start();
    }

    fn stop(&mut self) {
        unwatched(|| self.started.wait());
        self.recording.stop();
    }
}
