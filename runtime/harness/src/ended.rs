//! The result of a run.

use crate::report::document::Compared;
use crate::report::hot_paths::HotPaths;
use crate::report::measurement::Measurement;
use crate::report::progress::Cut;
use crate::report::{ratchet, variants};

/// The exit status of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Held,
    Failed,
    Interrupted,
}

impl Ending {
    pub(crate) fn of(passed: bool) -> Self {
        if passed { Self::Held } else { Self::Failed }
    }
}

/// The measured cases of a run, and how the run ended.
#[derive(Default)]
pub(crate) struct Ended {
    pub(crate) cases: Vec<Measurement>,
    /// The reason if the run ended before its last case.
    pub(crate) cut: Option<Cut>,
    /// True if a requested figure is missing although its tool is installed.
    pub(crate) is_missing_figures: bool,
    /// True if a worker crashed when it was told to end.
    pub(crate) has_bad_end: bool,
    /// The interrupted step, if nothing had been measured yet.
    pub(crate) interrupted_while: Option<String>,
    /// One sentence for each thing that could not be measured.
    pub(crate) remarks: Vec<String>,
    pub(crate) hot_paths: Option<HotPaths>,
    /// The other version of a comparison.
    pub(crate) compared: Option<Compared>,
    /// The build settings that were compared.
    pub(crate) variants: Option<variants::Variants>,
    /// The result of the ratchet.
    pub(crate) ratchet: Option<ratchet::Ratchet>,
}

impl Ended {
    /// Returns whether all selected cases were measured.
    pub(crate) fn is_whole(&self) -> bool {
        self.cut.is_none()
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.cut == Some(Cut::Interrupted)
    }

    pub(crate) fn ending(&self) -> Ending {
        if self.is_interrupted() {
            Ending::Interrupted
        } else {
            let is_covered = self.hot_paths.as_ref().is_none_or(HotPaths::holds);
            let compared = self.compared.as_ref();
            let strict = compared.is_some_and(|compared| compared.strict);
            let is_whole = self.ratchet.as_ref().is_none_or(ratchet::Ratchet::holds);
            let is_complete = is_whole && !self.is_missing_figures && !self.has_bad_end;
            Ending::of(
                is_covered && is_complete && self.cases.iter().all(|case| case.holds(strict)),
            )
        }
    }
}
