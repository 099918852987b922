//! How long and how often Criterion measures: what the command line says, else the case, else the
//! harness.

use std::time::Duration;

use criterion::Criterion;
use serde::{Deserialize, Serialize};

/// What is said of it in one place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) sample_size: Option<usize>,
    pub(crate) warm_up_time: Option<Duration>,
    pub(crate) measurement_time: Option<Duration>,
}

/// Fewer, and Criterion refuses.
const LEAST_SAMPLES: usize = 10;

impl Settings {
    /// Where nothing else is said.
    pub(crate) const DEFAULT: Self = Self {
        sample_size: Some(50),
        warm_up_time: Some(Duration::from_millis(300)),
        measurement_time: Some(Duration::from_secs(1)),
    };

    /// These, and what they leave open from `others`.
    pub(crate) fn or(self, others: Self) -> Self {
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
    pub(crate) fn apply(self, mut criterion: Criterion) -> Result<Criterion, String> {
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
    /// What `harness!` says, and where it says nothing; a Criterion that it gives has all of these.
    pub(super) fn settings(&self) -> Settings {
        let said = Settings {
            sample_size: self.sample_size,
            warm_up_time: self.warm_up_time,
            measurement_time: self.measurement_time,
        };
        match self.criterion {
            Some(_) => said,
            None => said.or(Settings::DEFAULT),
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

    use super::{Defaults, Settings};

    #[test]
    fn what_is_said_first_counts() {
        let samples = |sample_size| Settings {
            sample_size: Some(sample_size),
            ..Settings::default()
        };
        let settings = samples(20).or(samples(30)).or(Settings::DEFAULT);
        assert_eq!(settings.sample_size, Some(20));
        assert_eq!(settings.warm_up_time, Settings::DEFAULT.warm_up_time);
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
        assert_eq!(defaults(Some(Criterion::default())).settings(), said);
        assert_eq!(defaults(None).settings(), said.or(Settings::DEFAULT));
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
