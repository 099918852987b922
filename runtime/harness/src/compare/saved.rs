//! Bench executables that `--save` has kept for a later comparison, with what is needed to know them again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use super::error::CompareError;
use super::executable::Executable;
use super::wanted::Wanted;
use crate::report::document::Revision;
use crate::{Build, environment, target};

/// In front of a name that git knows, too.
pub(super) const PREFIX: &str = "saved:";

/// One that is there.
#[derive(Debug)]
pub(crate) struct Saved {
    pub(super) name: String,
    pub(super) executable: PathBuf,
    pub(super) made: Made,
}

/// Of what, when and how it was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Made {
    /// The commit, with `-dirty` where files differed from it.
    revision: Option<String>,
    saved_at_unix_s: u64,
    /// Cargo's, as far as they say how to build.
    arguments: Vec<String>,
    /// Those of the environment.
    rustflags: String,
    pub(super) aligned: bool,
    rustc: String,
}

impl Made {
    /// As a build is made now.
    pub(super) fn now(build: &Build, aligned: bool) -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let flags = |name| std::env::var(name).ok();
        let encoded = flags("CARGO_ENCODED_RUSTFLAGS").map(|flags| flags.replace('\x1f', " "));
        let named = |Revision { commit, dirty }| match dirty {
            true => format!("{commit}-dirty"),
            false => commit,
        };
        Self {
            revision: environment::revision(build).map(named),
            saved_at_unix_s: since_epoch.map_or(0, |time| time.as_secs()),
            arguments: Wanted::of(build).arguments(),
            rustflags: encoded
                .or_else(|| flags("RUSTFLAGS"))
                .unwrap_or_default()
                .trim()
                .to_owned(),
            aligned,
            rustc: environment::toolchain().rustc,
        }
    }

    /// `c21f9d3b4-dirty of 2026-11-24`
    pub(super) fn shown(&self) -> String {
        let saved_at = i64::try_from(self.saved_at_unix_s).unwrap_or_default();
        let date = DateTime::from_timestamp(saved_at, 0).unwrap_or_default();
        let date = date.format("%Y-%m-%d");
        match &self.revision {
            Some(revision) => {
                let (commit, dirty) = match revision.strip_suffix("-dirty") {
                    Some(commit) => (commit, "-dirty"),
                    None => (revision.as_str(), ""),
                };
                let short = commit.get(..9).unwrap_or(commit);
                format!("{short}{dirty} of {date}")
            }
            None => date.to_string(),
        }
    }

    /// In which ways a build that is made otherwise differs, a sentence each; the older one is called `name`.
    pub(super) fn differences(&self, now: &Self, name: &str) -> Vec<String> {
        let shown = |text: &str, none: &str| match text {
            "" => none.to_owned(),
            text => format!("`{text}`"),
        };
        let arguments = [&self.arguments, &now.arguments].map(|arguments| arguments.join(" "));
        let built_with = [
            (&self.rustc, &now.rustc, "rustc of no name"),
            (&arguments[0], &arguments[1], "no arguments of Cargo's"),
            (&self.rustflags, &now.rustflags, "no RUSTFLAGS"),
        ];
        let differing = built_with.into_iter().filter(|(old, new, _)| old != new);
        let mut told: Vec<String> = differing
            .map(|(old, new, none)| {
                format!(
                    "`{name}` was built with {}, this version with {}: what differs may be for that",
                    shown(old, none),
                    shown(new, none)
                )
            })
            .collect();
        if self.aligned && !now.aligned {
            told.push(format!(
                "`{name}` was saved with its functions aligned, so this version is built so, too: \
                 `--native-layout` belongs to `--save`"
            ));
        }
        told
    }
}

impl Saved {
    /// The one of this bench target that has this name, if there is one.
    ///
    /// # Errors
    ///
    /// If what is known of it can't be read.
    pub(super) fn find(build: &Build, name: &str) -> Result<Option<Self>, CompareError> {
        if check_name(name).is_err() {
            return Ok(None);
        }
        let (executable, about) = files(build, name);
        if !executable.is_file() {
            return Ok(None);
        }
        let unreadable = |reason: String| CompareError::Unreadable(about.clone(), reason);
        let text = fs::read(&about).map_err(|error| unreadable(error.to_string()))?;
        let made = serde_json::from_slice(&text).map_err(|error| unreadable(error.to_string()))?;
        Ok(Some(Self {
            name: name.to_owned(),
            executable,
            made,
        }))
    }

    /// Keeps an executable, in the place of an older one of this name.
    pub(super) fn keep(
        build: &Build,
        name: &str,
        executable: Executable,
        made: Made,
    ) -> Result<Self, CompareError> {
        let (path, about) = files(build, name);
        let write = || -> io::Result<()> {
            let folder = path.parent().unwrap_or(Path::new("."));
            fs::create_dir_all(folder)?;
            // Beside it first: one that runs can't be written to, and half of one is none.
            let new = path.with_extension("new");
            executable.copied_to(new.clone())?;
            fs::rename(new, &path)?;
            fs::write(&about, serde_json::to_vec_pretty(&made)?)
        };
        write().map_err(|error| CompareError::Write(path.clone(), error))?;
        Ok(Self {
            name: name.to_owned(),
            executable: path,
            made,
        })
    }
}

/// The executable, and what is known of it.
fn files(build: &Build, name: &str) -> (PathBuf, PathBuf) {
    let folder = target::directory()
        .join("hotbench")
        .join("saved")
        .join(name);
    let file = format!("{}-{}", build.package, build.bench);
    (folder.join(&file), folder.join(format!("{file}.json")))
}

/// Whether it can be the name of a folder, and is no other's.
pub(crate) fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        Err("expected a name, as in `before`")
    } else if name == "self" {
        Err("`self` is this executable's own name for `--compare`: choose another")
    } else if name == "." || name.contains("..") || name.contains(['/', '\\', ':', '\0']) {
        Err("expected a name, and no path: it has no `/`, no `\\`, no `:` and no `..`")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Made, check_name};

    fn made() -> Made {
        Made {
            revision: Some("0123456789abcdef-dirty".to_owned()),
            saved_at_unix_s: 1_795_525_189,
            arguments: Vec::new(),
            rustflags: String::new(),
            aligned: true,
            rustc: "rustc 1.88.0".to_owned(),
        }
    }

    #[test]
    fn a_name_is_no_path() {
        for name in [
            "", ".", "..", "a/b", "a\\b", "../a", "a..b", "saved:a", "self",
        ] {
            assert!(check_name(name).is_err(), "{name}");
        }
        for name in ["before", "v1.2", "before the change", "-"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_was_saved_says_of_what_it_is() {
        assert_eq!(made().shown(), "012345678-dirty of 2026-11-24");
        let of_no_repository = Made {
            revision: None,
            ..made()
        };
        assert_eq!(of_no_repository.shown(), "2026-11-24");
    }

    #[test]
    fn what_is_built_otherwise_is_told() {
        assert_eq!(made().differences(&made(), "before"), [""; 0]);
        // Of another revision it is meant to be.
        let other = Made {
            revision: None,
            saved_at_unix_s: 0,
            arguments: vec!["--features".to_owned(), "a".to_owned()],
            rustflags: "-Ctarget-cpu=native".to_owned(),
            aligned: false,
            rustc: "rustc 1.95.0".to_owned(),
        };
        let told = made().differences(&other, "before");
        let begins = [
            "`before` was built with `rustc 1.88.0`, this version with `rustc 1.95.0`:",
            "`before` was built with no arguments of Cargo's, this version with `--features a`:",
            "`before` was built with no RUSTFLAGS, this version with `-Ctarget-cpu=native`:",
            "`before` was saved with its functions aligned,",
        ];
        assert_eq!(told.len(), begins.len(), "{told:?}");
        for (told, begin) in told.iter().zip(begins) {
            assert!(told.starts_with(begin), "{told}");
        }
    }
}
