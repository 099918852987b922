//! An executable of a version, and how it is started.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use super::variables::{self, Changes};
use crate::child::callgrind::Callgrind;

/// What is started of a side.
#[derive(Debug, Clone)]
pub(crate) struct Executable {
    path: PathBuf,
    /// Where Cargo would start it, if not here.
    folder: Option<PathBuf>,
    /// To its environment.
    changes: Changes,
}

impl Executable {
    pub(crate) fn of(path: PathBuf, folder: Option<PathBuf>) -> Self {
        Self {
            path,
            folder,
            changes: Changes::new(),
        }
    }

    /// The same, started with changes to its environment.
    pub(super) fn with(self, changes: Changes) -> Self {
        Self { changes, ..self }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A copy of it, made anew, which is started in the same folder.
    pub(crate) fn copied_to(&self, path: PathBuf) -> io::Result<Self> {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::copy(&self.path, &path)?,
        };
        Ok(Self {
            path,
            folder: self.folder.clone(),
            changes: self.changes.clone(),
        })
    }

    /// In bytes, of the file.
    pub(crate) fn size(&self) -> io::Result<u64> {
        Ok(fs::metadata(&self.path)?.len())
    }

    pub(crate) fn command(&self) -> Command {
        self.command_under(None)
    }

    /// What starts it; under Callgrind, if that is given.
    pub(super) fn command_under(&self, callgrind: Option<&Callgrind>) -> Command {
        let mut command = match callgrind {
            Some(callgrind) => callgrind.command(&self.path),
            None => Command::new(&self.path),
        };
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
            // Read at run time by those who look for their data.
            command.env("CARGO_MANIFEST_DIR", folder);
        }
        variables::apply(&self.changes, &mut command);
        command
    }
}
