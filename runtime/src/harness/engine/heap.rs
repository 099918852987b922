//! Calls whose allocations are recorded, each with its stack, in a process that does nothing else.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Call, Engine, Observation};
use crate::harness::declared::Declared;
use crate::harness::routine::{Meter, Routine};
use crate::heap::{self, Bounds, Here, Recording};

/// How a heap is recorded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct HeapSettings {
    pub(crate) calls: u64,
    /// Where DHAT's file goes, and how it is shown.
    pub(crate) file: PathBuf,
    pub(crate) shown: String,
}

/// Made before the case is set up: the threads that it starts are recorded, too.
pub(super) struct Heap<'a> {
    settings: &'a HeapSettings,
    call: Call<'a>,
    recording: Recording,
}

impl<'a> Heap<'a> {
    pub(super) fn new(settings: &'a HeapSettings, call: Call<'a>) -> Self {
        Self {
            settings,
            call,
            recording: Recording::arm(Bounds::USUAL),
        }
    }
}

impl Engine for Heap<'_> {
    fn drive(&mut self, routine: &mut dyn Routine, _: &Declared) -> Observation {
        let HeapSettings { calls, file, shown } = self.settings;
        let here = Here::new();
        let around = heap::calls_around(&here);
        // First use is no cost of a call.
        routine.batch(1, &mut Off);
        routine.batch(*calls, &mut Recorder(&self.recording));
        drop(around);
        let Some(profile) = self.recording.profile() else {
            return Observation::Failed("nothing was recorded".to_owned());
        };
        let Call { case, .. } = self.call;
        let function = format!("{}::{}", case.module, case.function);
        match profile.write(file, self.call.id) {
            Ok(()) => Observation::Heap(heap::sites(&profile, &function, *calls, shown.clone())),
            Err(error) => Observation::Failed(format!("can't write to {shown}: {error}")),
        }
    }
}

struct Off;

impl Meter for Off {
    fn start(&mut self) {}
    fn stop(&mut self) {}
}

struct Recorder<'a>(&'a Recording);

impl Meter for Recorder<'_> {
    fn start(&mut self) {
        self.0.start();
    }

    fn stop(&mut self) {
        self.0.stop();
    }
}
