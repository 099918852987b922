//! Which share of a program's time its functions have: read from a profile of it, so that nobody tunes what
//! hardly runs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::Error;
use hotbench_engine::registry::Case;

/// Of the profiles that are read.
const SCHEMA: u32 = 1;

/// By the file and the line of a function's name.
#[derive(Debug, Default)]
pub(crate) struct Shares(HashMap<(String, u32), f64>);

/// What the feature `profile` writes as JSON.
#[derive(Deserialize)]
struct Profile {
    schema: u32,
    functions: Vec<Function>,
}

#[derive(Deserialize)]
struct Function {
    file: String,
    line: u32,
    /// With what it calls.
    total_share: f64,
}

impl Shares {
    /// # Errors
    ///
    /// If the file can't be read, or is no such profile.
    pub(crate) fn read(file: &Path) -> Result<Self, Error> {
        let wrong = |reason: String| Error::Profile(PathBuf::from(file), reason);
        let text =
            std::fs::read(file).map_err(|error| Error::ReadProfile(PathBuf::from(file), error))?;
        let profile: Profile =
            serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
        if profile.schema != SCHEMA {
            return Err(wrong(format!(
                "it has schema {}, this harness reads {SCHEMA}",
                profile.schema
            )));
        }
        let share = |function: Function| ((function.file, function.line), function.total_share);
        Ok(Self(profile.functions.into_iter().map(share).collect()))
    }

    /// That of the function of a case, if it is hot and was called.
    pub(crate) fn of(&self, case: &Case) -> Option<f64> {
        self.0.get(&(case.file.to_owned(), case.line)).copied()
    }
}
