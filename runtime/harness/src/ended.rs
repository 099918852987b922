//! How a run ended, and what it has found.

use crate::report::document::Compared;
use crate::report::hot_paths::HotPaths;
use crate::report::measurement::Measurement;
use crate::report::progress::Cut;
use crate::report::{ratchet, variants};

/// How a run ended.
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

/// The cases that were run, and how the run ended.
#[derive(Default)]
pub(crate) struct Ended {
    pub(crate) cases: Vec<Measurement>,
    /// What has ended the run before its last case, if anything has.
    pub(crate) cut: Option<Cut>,
    /// Whether a figure that was asked for is missing, though there is what measures it.
    pub(crate) is_missing_figures: bool,
    /// Whether a process that measured did not end as it should.
    pub(crate) has_bad_end: bool,
    /// What was done then, if nothing had been measured yet.
    pub(crate) interrupted_while: Option<String>,
    /// What could not be measured, and why, a sentence each.
    pub(crate) remarks: Vec<String>,
    pub(crate) hot_paths: Option<HotPaths>,
    /// What this version was compared with.
    pub(crate) compared: Option<Compared>,
    /// What it was measured in.
    pub(crate) variants: Option<variants::Variants>,
    /// What this run was held to.
    pub(crate) ratchet: Option<ratchet::Ratchet>,
}

impl Ended {
    /// Whether the run came to its end.
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
