//! The instructions of a call, counted in a child of its own, which runs under Callgrind: one for all cases, for
//! starting it takes longer than most of them.

use std::time::Duration;

use super::child::callgrind::{Callgrind, NO_VALGRIND, reason};
use super::error::Error;
use super::plan::Instance;
use super::runner::Runner;
use super::stop::Stop;
use crate::report::measurement::Measurement;

pub(crate) struct Counter {
    runner: Runner,
    callgrind: Callgrind,
    /// What could not be counted, and why.
    refused: Vec<String>,
    /// Valgrind does not start: it is not tried again.
    is_down: bool,
}

impl Counter {
    /// With `caches`, these are simulated.
    ///
    /// # Errors
    ///
    /// Why nothing is counted, if there is no Valgrind.
    pub(crate) fn new(runner: &Runner, caches: bool) -> Result<Self, String> {
        let callgrind = Callgrind::find(runner.home(), caches).ok_or(NO_VALGRIND)?;
        Ok(Self {
            runner: runner.under(callgrind.clone()),
            callgrind,
            refused: Vec::new(),
            is_down: false,
        })
    }

    /// Counts those of a case, of which a call takes so long elsewhere. A case that can't run here has not failed
    /// for that.
    pub(crate) fn count(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
        call: Duration,
    ) -> Result<(), Stop<Error>> {
        if self.is_down {
            return Ok(());
        }
        let settings = self.callgrind.settings(call);
        let mut counted = self.runner.begin(instance);
        let ended = self
            .runner
            .count_instructions(instance, &mut counted, settings);
        match ended {
            Err(Stop::Error(Error::Link(error))) => {
                self.is_down = true;
                self.refused.push(format!(
                    "instructions are not counted from `{}` on: {}",
                    instance.id,
                    reason(&error)
                ));
                return Ok(());
            }
            ended => ended?,
        }
        measurement.instructions = counted.instructions;
        if let Some(failure) = counted.failure {
            self.refused.push(format!(
                "the instructions of `{}` are not counted: under Valgrind it failed: {}",
                instance.id,
                failure.summary()
            ));
        }
        Ok(())
    }

    /// Whether figures are missing because Valgrind did not start.
    pub(crate) fn is_down(&self) -> bool {
        self.is_down
    }

    /// What could not be counted, and why, a sentence each.
    pub(crate) fn refused(&self) -> &[String] {
        &self.refused
    }
}
