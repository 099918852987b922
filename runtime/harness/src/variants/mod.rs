//! This tree in several build settings, each against the profile as it is: what LTO or PGO is worth for these cases.
//!
//! [`setting`] has what there is to choose from, [`builds`] builds it, for PGO by way of [`training`] and [`merge`];
//! the measuring is that of [`compare`](super::compare), a comparison for each variant.

mod builds;
mod error;
mod merge;
mod setting;
mod training;

use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use super::Build;
use super::child::Listed;
use super::compare::comparer::Comparer;
use super::compare::decision::Rule;
use super::compare::launch::{Both, Launcher};
use super::compare::{ALPHA, TIMEOUT, UNPINNED, failure, on_all_cores};
use super::interrupt::Interrupt;
use super::stop::Stop;
use crate::plan::Instance;
use crate::report::measurement::Measurement;
use crate::report::variants::{self as document, BuiltVariant, InVariant};
use builds::{Builds, Product};

pub(crate) use error::VariantsError;
pub(crate) use setting::{EACH, List};

/// What the command line says of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options<'a> {
    pub(crate) list: &'a List,
    /// What trains PGO, if not the cases.
    pub(crate) train: Option<&'a str>,
    /// Up to which part of the time as it is a change is none.
    pub(crate) margin: f64,
    pub(crate) native_layout: bool,
    pub(crate) timeout: Option<Duration>,
    pub(crate) quiet: bool,
}

/// All that has been built, and is measured now.
pub(crate) struct Variants {
    comparers: Vec<(String, Comparer)>,
    document: document::Variants,
    /// The ids of cases that run on several threads.
    on_all_cores: Vec<String>,
    /// Keeps the folders, in which a case may look for what was built with it.
    _builds: Builds,
}

impl Variants {
    /// Builds them all. `cases` are those that are to be measured; `home` is where Criterion may write.
    ///
    /// # Errors
    ///
    /// If one can't be built or trained, or the user has had enough.
    pub(crate) fn prepare(
        build: &Build,
        options: Options<'_>,
        cases: &[&Instance],
        home: &Path,
        interrupt: &Rc<Interrupt>,
    ) -> Result<Self, Stop<VariantsError>> {
        let timeout = options.timeout.unwrap_or(TIMEOUT);
        let cases: Vec<Listed> = cases.iter().map(|instance| instance.listed()).collect();
        let mut builds = Builds::new(build, options, home, interrupt)?;
        let variants = &options.list.0;
        // First, for a command of the user's may fail.
        let trained: Vec<_> = variants
            .iter()
            .map(|variant| builds.train(variant, &cases, timeout))
            .collect::<Result<_, _>>()?;
        let present = builds.present()?;
        let mut comparers = Vec::new();
        let mut built = Vec::new();
        // The mean of each variant is one more figure with an interval.
        let comparisons = (cases.len() + 1) * variants.len();
        for (variant, trained) in variants.iter().zip(trained) {
            let product = builds.variant(variant, trained.as_ref())?;
            let launcher = Launcher::new(
                Both {
                    old: present.executable.clone(),
                    new: product.executable.clone(),
                },
                home.to_owned(),
                Rc::clone(interrupt),
                timeout,
            );
            let comparer = Comparer {
                launcher,
                rule: Rule::new(options.margin, ALPHA, comparisons),
            };
            comparers.push((variant.to_string(), comparer));
            built.push(BuiltVariant {
                name: variant.to_string(),
                settings: variant.names(),
                build: product.figures(),
                training: trained.map(|profile| profile.training),
                overall: None,
            });
        }
        Ok(Self {
            comparers,
            on_all_cores: Vec::new(),
            document: document::Variants {
                profile: builds.profile().to_owned(),
                margin: options.margin,
                aligned: !options.native_layout,
                train: options.train.map(str::to_owned),
                present: present.figures(),
                built,
            },
            _builds: builds,
        })
    }

    /// Compares a case in each variant with itself as it is.
    pub(crate) fn measure(
        &mut self,
        instance: &Instance,
        measurement: &mut Measurement,
    ) -> Result<(), Stop<VariantsError>> {
        let case = Both {
            old: instance.listed(),
            new: instance.listed(),
        };
        for (name, comparer) in &mut self.comparers {
            match comparer.compare(&case, None) {
                Ok(versus) => {
                    let id = &instance.id;
                    let is_pinned = comparer.launcher.is_pinned();
                    if !versus.one_core && is_pinned && !self.on_all_cores.contains(id) {
                        self.on_all_cores.push(id.clone());
                    }
                    measurement.variants.push(InVariant {
                        name: name.clone(),
                        versus,
                    });
                }
                Err(lost) => {
                    let lost = lost.unless_interrupted()?;
                    let names = Both {
                        old: "the build as it is",
                        new: &format!("the variant `{name}`"),
                    };
                    measurement.failure = Some(failure(lost, &names));
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// What is to be said of how it was measured.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let mut comparers = self.comparers.iter();
        let is_pinned = comparers.all(|(_, comparer)| comparer.launcher.is_pinned());
        let is_trained = self
            .document
            .built
            .iter()
            .any(|built| built.training.is_some());
        let unpinned = (!is_pinned).then_some(UNPINNED);
        let own = (is_trained && self.document.train.is_none()).then_some(
            "PGO was trained by the cases that it is measured by, which is the best that it can do; `--train` \
             has a program of yours do it",
        );
        let remarks = unpinned.into_iter().chain(own).map(str::to_owned);
        remarks.chain(on_all_cores(&self.on_all_cores)).collect()
    }

    /// What was built, and what that is worth for all cases together.
    pub(crate) fn summary(&self, cases: &[Measurement]) -> document::Variants {
        self.document.clone().over(cases)
    }
}

impl Product {
    fn figures(&self) -> document::Built {
        document::Built {
            build_s: self.took.as_secs_f64(),
            executable_bytes: self.bytes,
        }
    }
}
