//! Where a file was looked for that is not there: where a relative path leads is Cargo's to say.

use std::fmt;
use std::path::Path;

/// A sentence to go on with, where the path is relative; else nothing.
pub(crate) struct LookedFor<'a>(pub(crate) &'a Path);

impl fmt::Display for LookedFor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match std::env::current_dir() {
            Ok(folder) if self.0.is_relative() => write!(
                f,
                ". It is looked for in {}, where Cargo runs this bench target: pass whole paths",
                folder.display()
            ),
            _ => Ok(()),
        }
    }
}
