//! What was blessed, beside what was found: as the document has it.

use serde::{Deserialize, Serialize};

/// What a run was held to, if the package has a ratchet's file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ratchet {
    /// The file, relative to the repository.
    pub(crate) file: String,
    /// The target and the compiler whose instructions are looked up in it.
    pub(crate) toolchain: String,
    /// The run was to write what it found, and is held to nothing.
    pub(crate) blesses: bool,
    /// Cases that the file does not have, of those that were run.
    pub(crate) new: Vec<String>,
    /// Cases that only the file has, of those that the run would have taken.
    pub(crate) gone: Vec<Gone>,
}

impl Ratchet {
    pub(crate) fn holds(&self) -> bool {
        self.gone.is_empty()
    }
}

/// A case that was blessed and is there no more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Gone {
    pub(crate) id: String,
    /// Of the file.
    pub(crate) line: usize,
}

/// A case beside what it was blessed with. A figure is absent where either is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Held {
    /// Of the file.
    pub(crate) line: usize,
    /// It is held to what was blessed of builds with debug assertions.
    pub(crate) unoptimised: bool,
    pub(crate) allocs: Option<Figure>,
    pub(crate) bytes: Option<Figure>,
    pub(crate) instructions: Option<Figure>,
}

impl Held {
    /// What there is, with its name in the file.
    pub(crate) fn figures(&self) -> impl Iterator<Item = (&'static str, Figure)> + Clone {
        let Self {
            allocs,
            bytes,
            instructions,
            ..
        } = *self;
        [
            ("allocs", allocs),
            ("bytes", bytes),
            ("instructions", instructions),
        ]
        .into_iter()
        .filter_map(|(name, figure)| Some((name, figure?)))
    }

    pub(crate) fn is_worse(&self) -> bool {
        self.figures()
            .any(|(_, figure)| figure.verdict == RatchetVerdict::Worse)
    }
}

/// Of one call.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    pub(crate) blessed: f64,
    pub(crate) found: f64,
    /// Up to which part of what was blessed a difference is none.
    pub(crate) tolerance: f64,
    pub(crate) verdict: RatchetVerdict,
}

impl Figure {
    pub(crate) fn new(blessed: f64, found: f64, tolerance: f64) -> Self {
        let verdict = if found > blessed * (1.0 + tolerance) {
            RatchetVerdict::Worse
        } else if found < blessed * (1.0 - tolerance) {
            RatchetVerdict::Improved
        } else {
            RatchetVerdict::Equal
        };
        Self {
            blessed,
            found,
            tolerance,
            verdict,
        }
    }
}

/// How a figure compares with what was blessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RatchetVerdict {
    Equal,
    Improved,
    /// The case fails.
    Worse,
}
