//! Samples of the stacks that calls run on: where their time goes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::stacks::Stacks;
use super::{Call, Engine, Observation, not_written};
use crate::declared::Declared;
use crate::figures::Sampled;
use crate::routine::{Meter, Routine};
use crate::sampler::{Sampler, cpu_time};

/// For so long the calls run, if nothing else is said, and on to `ENOUGH` samples, but no longer than `LONGEST`.
const TIME: Duration = Duration::from_secs(3);
const LONGEST: Duration = Duration::from_secs(8);
/// To 3 %, more or less.
const ENOUGH: u64 = 1_000;
/// Set-up, too, must end: after so many times the time.
const WITH_SET_UP: u32 = 3;
/// Batches are made longer until their calls take so long, or with their set-up twice as long: what is made for all
/// calls of one must fit into memory.
const BATCH: Duration = Duration::from_millis(10);

/// How samples are taken.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SamplingSettings {
    /// For how long the calls run, if anything is said of it.
    pub time: Option<Duration>,
    /// Where the folded stacks are to be written to.
    pub folded: PathBuf,
}

pub(super) struct Sampling {
    pub(super) settings: SamplingSettings,
    pub(super) call: Call,
}

impl Engine for Sampling {
    fn drive(&mut self, routine: &mut dyn Routine, _: &Declared) -> Observation {
        let SamplingSettings { time, folded } = &self.settings;
        let sampler = match Sampler::install() {
            Ok(sampler) => sampler,
            Err(message) => return Observation::Failed(format!("no samples are taken: {message}")),
        };
        let mut meter = Stopwatch::new(sampler);
        let mut stacks = Stacks::default();
        let mut lost = 0;
        let mut calls = 1;
        let start = Instant::now();
        while !is_over(*time, meter.duration, start.elapsed(), stacks.len()) {
            let (before, begin) = (meter.duration, Instant::now());
            routine.batch(calls, &mut meter);
            lost += meter.sampler.take(|stack| stacks.add(stack));
            if meter.duration - before < BATCH && begin.elapsed() < 2 * BATCH {
                calls *= 2;
            }
        }
        let elapsed = start.elapsed();
        let Stopwatch {
            sampler,
            duration,
            cpu,
            ..
        } = meter;
        let own_handler = sampler.has_met_another();
        drop(sampler);
        let found = stacks.resolve(self.call.case);
        let written = std::fs::write(folded, &found.folded);
        let file = folded.display();
        Observation::Sampled(Sampled {
            samples: found.samples,
            outside: found.outside,
            lost,
            duration_s: duration.as_secs_f64(),
            cpu_s: cpu.as_secs_f64(),
            elapsed_s: elapsed.as_secs_f64(),
            symbols: found.symbols,
            own_handler,
            hottest: found.hottest,
            flamegraph: None,
            folded: written.is_ok().then(|| file.to_string()),
            not_written: written.err().map(|error| not_written(file, &error)),
        })
    }
}

/// Whether calls that took so long, in so long a time, have been sampled enough.
fn is_over(time: Option<Duration>, calls: Duration, elapsed: Duration, samples: u64) -> bool {
    let (least, most) = time.map_or((TIME, LONGEST), |time| (time, time));
    let is_enough = samples >= ENOUGH || calls >= most;
    (calls >= least && is_enough) || elapsed >= WITH_SET_UP * most
}

/// Switches the sampler, and adds up how long it was on.
struct Stopwatch {
    sampler: Sampler,
    duration: Duration,
    cpu: Duration,
    started: (Instant, Duration),
}

impl Stopwatch {
    fn new(sampler: Sampler) -> Self {
        Self {
            sampler,
            duration: Duration::ZERO,
            cpu: Duration::ZERO,
            started: (Instant::now(), Duration::ZERO),
        }
    }
}

impl Meter for Stopwatch {
    fn start(&mut self) {
        self.started = (Instant::now(), cpu_time());
        self.sampler.start();
    }

    fn stop(&mut self) {
        self.sampler.stop();
        let (start, cpu) = self.started;
        self.duration += start.elapsed();
        self.cpu += cpu_time().saturating_sub(cpu);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::is_over;

    #[test]
    fn it_ends_with_time_and_samples_or_when_it_takes_too_long() {
        let seconds = Duration::from_secs;
        let by_default =
            |calls, elapsed, samples| is_over(None, seconds(calls), seconds(elapsed), samples);
        assert!(!by_default(2, 2, 5_000));
        assert!(!by_default(3, 3, 999));
        assert!(by_default(3, 3, 1_000));
        assert!(by_default(8, 8, 0));
        assert!(by_default(0, 24, 0));
        let said = Some(seconds(1));
        assert!(!is_over(said, Duration::ZERO, seconds(2), 5_000));
        assert!(is_over(said, seconds(1), seconds(1), 0));
        assert!(is_over(said, Duration::ZERO, seconds(3), 0));
    }
}
