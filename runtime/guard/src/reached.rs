//! Which hot paths were entered: each leaves its mark in a file of this executable, for the harness.
//!
//! `target/hotbench/reached/debug/app-0123456789abcdef-1795525193000000000` is of the executable of that
//! name in `target/debug/deps`, and of the time at which that was written: one that is built anew begins
//! anew. Each mark is a line, appended by one call, so that any number of processes may write.
//!
//! All of it is done if it can be, and fails nothing. Only what Cargo has in `deps` writes, tests and bench
//! targets: a program that is merely run leaves nothing.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::site::Site;
use crate::executable;

/// Leaves the mark of a function that was entered.
pub(super) fn record(site: &Site) {
    // Miri ends a program that asks for files.
    if cfg!(miri) {
        return;
    }
    // Found anew for each function: what would keep it might be entered again by an allocator with hot
    // functions of its own.
    if let Some((folder, name)) = Folder::of_this_executable() {
        let _ = folder.add(&name, &site.mark());
    }
}

/// Where the tests and bench targets of one profile leave their marks.
#[derive(Debug)]
pub struct Folder {
    /// Where these executables are.
    deps: PathBuf,
    marks: PathBuf,
}

impl Folder {
    /// With the name of this executable; nothing if it is none of those.
    pub fn of_this_executable() -> Option<(Self, String)> {
        let executable = executable::path()?;
        let name = executable.file_name()?.to_str()?.to_owned();
        Some((Self::of(&executable)?, name))
    }

    fn of(executable: &Path) -> Option<Self> {
        let deps = executable.parent().filter(|deps| deps.ends_with("deps"))?;
        let profile = deps.parent()?;
        let target = target_of(executable)?;
        let marks = target.join("hotbench").join("reached");
        Some(Self {
            deps: deps.to_owned(),
            // `debug`, or `x86_64-unknown-linux-gnu/debug`.
            marks: marks.join(profile.strip_prefix(target).ok()?),
        })
    }

    #[cfg(feature = "cases")]
    /// The folder of the marks.
    pub fn path(&self) -> &Path {
        &self.marks
    }

    /// The file of an executable as it is now.
    pub fn file(&self, name: &str) -> io::Result<PathBuf> {
        let stamp = stamp(&self.deps.join(name))?;
        Ok(self.marks.join(format!("{name}-{stamp}")))
    }

    /// Has a file for an executable, and none of those that went before it.
    ///
    /// # Errors
    ///
    /// If there can't be one.
    pub fn prepare(&self, name: &str) -> io::Result<()> {
        let file = self.file(name)?;
        if !file.exists() {
            std::fs::create_dir_all(&self.marks)?;
            // But not what another process, or another thread, has made meanwhile.
            let is_older = |(path, known): &(PathBuf, String)| known == name && *path != file;
            for (path, _) in self.files().filter(is_older) {
                let _ = std::fs::remove_file(path);
            }
        }
        let options = OpenOptions::new().create(true).append(true).open(file);
        options.map(drop)
    }

    fn add(&self, name: &str, mark: &str) -> io::Result<()> {
        self.prepare(name)?;
        let file = self.file(name)?;
        // A process for each test would make it grow for ever.
        let is_known = std::fs::read_to_string(&file)?
            .lines()
            .any(|known| known == mark);
        if is_known {
            return Ok(());
        }
        let mut file = OpenOptions::new().append(true).open(file)?;
        file.write_all(format!("{mark}\n").as_bytes())
    }

    /// The files there, each with the name of its executable.
    fn files(&self) -> impl Iterator<Item = (PathBuf, String)> {
        let entries = std::fs::read_dir(&self.marks).into_iter().flatten();
        entries.flatten().filter_map(|entry| {
            let file = entry.file_name();
            let (name, _) = file.to_str()?.rsplit_once('-')?;
            Some((entry.path(), name.to_owned()))
        })
    }

    /// The marks of all executables that are as they were when they left them, and of which `counts` is
    /// true. What is of others is removed.
    #[cfg(feature = "cases")]
    pub fn marks(&self, counts: impl Fn(&Path) -> bool) -> std::collections::HashSet<String> {
        let mut marks = std::collections::HashSet::new();
        for (file, name) in self.files() {
            if self.file(&name).ok().as_ref() != Some(&file) {
                let _ = std::fs::remove_file(file);
            } else if counts(&self.deps.join(name))
                && let Ok(text) = std::fs::read_to_string(file)
            {
                marks.extend(text.lines().map(str::to_owned));
            }
        }
        marks
    }
}

/// Cargo's target directory, by the tag that it puts into one that it makes, or by what it notes of the compiler: a
/// volume that is mounted there was no folder to make.
pub fn target_of(executable: &Path) -> Option<&Path> {
    let has = |folder: &Path, file| folder.join(file).exists();
    let mut above = executable.ancestors();
    above.find(|folder| has(folder, "CACHEDIR.TAG") || has(folder, ".rustc_info.json"))
}

/// When a file was written, in nanoseconds.
fn stamp(file: &Path) -> io::Result<u128> {
    let written = std::fs::metadata(file)?.modified()?;
    let since = written.duration_since(UNIX_EPOCH);
    Ok(since.map_err(io::Error::other)?.as_nanos())
}

impl Site {
    /// What tells the function from all others, in each executable that it is compiled into.
    ///
    /// `file!()` is relative to the workspace, so that no two of its packages have one; of a package
    /// outside it is absolute. But workspaces may share a target directory: therefore the package. And
    /// several functions may have one place, if a macro makes them: therefore the path, in which the crate
    /// that a file is included into goes by no name.
    pub fn mark(&self) -> String {
        let file = path_clean::clean(Path::new(self.file));
        let package = self.package.unwrap_or_default();
        let root = self.module.split("::").next().unwrap_or_default();
        let (line, column) = (self.line, self.column);
        let path = without_root(&self.path(), root);
        format!("{file:?}:{line}:{column} {package} {path}")
    }
}

/// A path, or a type's name with several in it, with `crate` in the place of a crate's name.
fn without_root(path: &str, root: &str) -> String {
    let root = format!("{root}::");
    let mut shown = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find(&root) {
        let (before, after) = (&rest[..at], &rest[at + root.len()..]);
        let last = before.chars().next_back().or(shown.chars().next_back());
        let is_whole = last.is_none_or(|c| !(c.is_alphanumeric() || c == '_' || c == ':'));
        shown.push_str(before);
        shown.push_str(if is_whole { "crate::" } else { &root });
        rest = after;
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Folder, without_root};

    #[test]
    fn a_crate_goes_by_no_name() {
        for (path, shown) in [
            ("app::parse::next", "crate::parse::next"),
            ("<app::P as app::T>::next", "<crate::P as crate::T>::next"),
            (
                "<other::app::P as my_app::T>::f",
                "<other::app::P as my_app::T>::f",
            ),
            ("app::app::f", "crate::app::f"),
            (
                "app::<impl app::T for alloc::vec::Vec<app::P>>::f",
                "crate::<impl crate::T for alloc::vec::Vec<crate::P>>::f",
            ),
        ] {
            assert_eq!(without_root(path, "app"), shown);
        }
    }

    #[test]
    fn only_what_cargo_has_in_deps_leaves_marks() {
        let target = std::env::temp_dir().join(format!("hotbench-reached-{}", std::process::id()));
        std::fs::create_dir_all(&target).expect("a folder");
        let of = |path: &str| Folder::of(&target.join(path));
        // Not Cargo's.
        assert!(of("debug/deps/app-1").is_none());
        let noted = target.join(".rustc_info.json");
        std::fs::write(&noted, "").expect("written");
        assert!(of("debug/deps/app-1").is_some());
        std::fs::remove_file(noted).expect("it was written above");
        std::fs::write(target.join("CACHEDIR.TAG"), "").expect("written");
        assert!(of("debug/app").is_none());
        let marks = |path: &str| of(path).expect("a folder").marks;
        let reached = target.join("hotbench/reached");
        assert_eq!(marks("debug/deps/app-1"), reached.join("debug"));
        assert_eq!(marks("a64/debug/deps/app-1"), reached.join("a64/debug"));
        std::fs::remove_dir_all(&target).expect("it was made above");
        assert!(Folder::of(Path::new("app")).is_none());
    }

    #[test]
    fn a_mark_is_left_once_and_goes_with_its_executable() {
        let target = std::env::temp_dir().join(format!("hotbench-marks-{}", std::process::id()));
        let deps = target.join("debug/deps");
        std::fs::create_dir_all(&deps).expect("a folder");
        let build = |second| {
            let executable = std::fs::File::create(deps.join("app-1")).expect("written");
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(second);
            executable.set_modified(time).expect("set");
        };
        std::fs::write(target.join("CACHEDIR.TAG"), "").expect("written");
        build(1);
        let folder = Folder::of(&deps.join("app-1")).expect("a folder");
        for mark in ["a", "b", "a"] {
            folder.add("app-1", mark).expect("added");
        }
        let file = folder.file("app-1").expect("a file");
        assert_eq!(std::fs::read_to_string(&file).expect("text"), "a\nb\n");
        build(2);
        folder.add("app-1", "c").expect("added");
        assert!(!file.exists());
        let file = folder.file("app-1").expect("a file");
        assert_eq!(std::fs::read_to_string(&file).expect("text"), "c\n");
        #[cfg(feature = "cases")]
        {
            let marks = |counts: bool| folder.marks(|_| counts).into_iter().collect::<Vec<_>>();
            assert_eq!(marks(true), ["c"]);
            assert!(marks(false).is_empty() && file.exists());
            build(3);
            assert!(marks(true).is_empty() && !file.exists());
        }
        std::fs::remove_dir_all(&target).expect("it was made above");
    }
}
