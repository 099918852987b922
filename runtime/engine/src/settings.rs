//! How long and how often Criterion measures: what the command line says, else the case, else the
//! harness.

use std::time::Duration;

use criterion::Criterion;
use serde::{Deserialize, Serialize};

/// What is said of it in one place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Samples.
    pub sample_size: Option<usize>,
    /// Before the samples.
    pub warm_up_time: Option<Duration>,
    /// Of all samples together.
    pub measurement_time: Option<Duration>,
}

/// What a timed run will take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// How many.
    pub samples: usize,
    /// At least.
    pub time: Duration,
}

/// Fewer, and Criterion refuses.
const LEAST_SAMPLES: usize = 10;

// Where nothing else is said: docs/cost.md shows what these are worth.
const SAMPLES: usize = 100;
const WARM_UP_TIME: Duration = Duration::from_millis(300);
const MEASUREMENT_TIME: Duration = Duration::from_millis(1500);

/// As many samples as there is time for, if each is one call of this length: at most as many as by default,
/// and as few as Criterion takes.
pub fn samples(measurement_time: Duration, call: Duration) -> usize {
    let calls = measurement_time.as_secs_f64() / call.as_secs_f64();
    (calls as usize).clamp(LEAST_SAMPLES, SAMPLES)
}

impl Settings {
    /// These, and what they leave open by default, for calls of this length.
    pub fn or_default(self, call: Duration) -> Self {
        let measurement_time = self.measurement_time.unwrap_or(MEASUREMENT_TIME);
        self.or(Self {
            sample_size: Some(samples(measurement_time, call)),
            warm_up_time: Some(WARM_UP_TIME),
            measurement_time: Some(measurement_time),
        })
    }

    /// How long a timed run takes at least, of calls of this length, whose number is known.
    pub fn expected(self, call: Duration) -> Expected {
        let samples = self.sample_size.unwrap_or(SAMPLES);
        let warm_up = self.warm_up_time.unwrap_or(WARM_UP_TIME).max(call);
        let sampled = call.saturating_mul(u32::try_from(samples).unwrap_or(u32::MAX));
        let measurement = self
            .measurement_time
            .unwrap_or(MEASUREMENT_TIME)
            .max(sampled);
        Expected {
            samples,
            time: warm_up.saturating_add(measurement),
        }
    }

    /// These, and what they leave open from `others`.
    pub fn or(self, others: Self) -> Self {
        Self {
            sample_size: self.sample_size.or(others.sample_size),
            warm_up_time: self.warm_up_time.or(others.warm_up_time),
            measurement_time: self.measurement_time.or(others.measurement_time),
        }
    }

    /// What is left open is as `criterion` has it.
    ///
    /// # Errors
    ///
    /// What Criterion can't do.
    pub fn apply(self, mut criterion: Criterion) -> Result<Criterion, String> {
        if let Some(samples) = self.sample_size {
            if samples < LEAST_SAMPLES {
                return Err(format!(
                    "`sample_size` is {samples}: Criterion needs at least {LEAST_SAMPLES}"
                ));
            }
            criterion = criterion.sample_size(samples);
        }
        if let Some(time) = self.warm_up_time {
            criterion = criterion.warm_up_time(above_zero("warm_up_time", time)?);
        }
        if let Some(time) = self.measurement_time {
            criterion = criterion.measurement_time(above_zero("measurement_time", time)?);
        }
        Ok(criterion)
    }
}

fn above_zero(name: &str, time: Duration) -> Result<Duration, String> {
    if time.is_zero() {
        return Err(format!("`{name}` is zero: there is no time to measure in"));
    }
    Ok(time)
}

/// What `harness!` says for all of its cases.
#[derive(Default)]
pub struct Defaults {
    /// Samples of a case.
    pub sample_size: Option<usize>,
    /// For how long a case runs before it is measured.
    pub warm_up_time: Option<Duration>,
    /// For how long a case is measured.
    pub measurement_time: Option<Duration>,
    /// Criterion, configured otherwise.
    pub criterion: Option<Criterion>,
}

impl Defaults {
    /// What is said first, then what `harness!` says, and what nobody says; a Criterion that it gives has
    /// all of the last. `call` is what one call takes.
    pub(super) fn complete(&self, said: Settings, call: Duration) -> Settings {
        let said = said.or(Settings {
            sample_size: self.sample_size,
            warm_up_time: self.warm_up_time,
            measurement_time: self.measurement_time,
        });
        match self.criterion {
            Some(_) => said,
            None => said.or_default(call),
        }
    }

    /// Criterion, before any settings.
    pub(super) fn into_criterion(self, resamples: usize) -> Criterion {
        self.criterion
            .unwrap_or_else(|| Criterion::default().nresamples(resamples))
    }
}

impl std::fmt::Debug for Defaults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Defaults").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use criterion::Criterion;

    use super::{Defaults, LEAST_SAMPLES, MEASUREMENT_TIME, SAMPLES, Settings, WARM_UP_TIME};

    const CALL: Duration = Duration::from_nanos(100);

    #[test]
    fn what_is_said_first_counts() {
        let samples = |sample_size| Settings {
            sample_size: Some(sample_size),
            ..Settings::default()
        };
        let settings = samples(20).or(samples(30)).or_default(CALL);
        assert_eq!(settings.sample_size, Some(20));
        assert_eq!(settings.warm_up_time, Some(WARM_UP_TIME));
    }

    #[test]
    fn slow_calls_have_fewer_samples_by_default() {
        let samples = |said: Settings, call| said.or_default(call).sample_size;
        let nothing = Settings::default();
        assert_eq!(samples(nothing, CALL), Some(SAMPLES));
        assert_eq!(samples(nothing, MEASUREMENT_TIME / 20), Some(20));
        assert_eq!(samples(nothing, MEASUREMENT_TIME), Some(LEAST_SAMPLES));
        let twice = Settings {
            measurement_time: Some(MEASUREMENT_TIME * 2),
            ..nothing
        };
        assert_eq!(samples(twice, MEASUREMENT_TIME / 20), Some(40));
    }

    #[test]
    fn slow_calls_take_as_long_as_their_samples() {
        let expected = |call| Settings::default().or_default(call).expected(call);
        let usual = expected(CALL);
        assert_eq!(
            (usual.samples, usual.time),
            (SAMPLES, WARM_UP_TIME + MEASUREMENT_TIME)
        );
        let slow = Duration::from_secs(30);
        let long = expected(slow);
        assert_eq!((long.samples, long.time), (LEAST_SAMPLES, slow * 11));
        expected(Duration::MAX);
    }

    #[test]
    fn a_criterion_that_is_given_keeps_its_own() {
        let defaults = |criterion| Defaults {
            sample_size: Some(20),
            criterion,
            ..Defaults::default()
        };
        let said = Settings {
            sample_size: Some(20),
            ..Settings::default()
        };
        let complete = |criterion| defaults(criterion).complete(Settings::default(), CALL);
        assert_eq!(complete(Some(Criterion::default())), said);
        assert_eq!(complete(None), said.or_default(CALL));
    }

    #[test]
    fn what_criterion_would_panic_at_is_refused() {
        let error = |settings: Settings| settings.apply(Criterion::default()).err().unwrap();
        let few = Settings {
            sample_size: Some(9),
            ..Settings::default()
        };
        assert_eq!(
            error(few),
            "`sample_size` is 9: Criterion needs at least 10"
        );
        let none = Settings {
            warm_up_time: Some(Duration::ZERO),
            ..Settings::default()
        };
        assert_eq!(
            error(none),
            "`warm_up_time` is zero: there is no time to measure in"
        );
    }
}
