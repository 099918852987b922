//! Shows edits, asks, and writes them: never over what git does not have, unless that is allowed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::diff::{colored, diff};
use super::error::CliError;
use super::files::{Content, Edit};
use super::terminal::{ask, can_ask, print, say};

/// What the user allows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Consent {
    pub(super) dry_run: bool,
    pub(super) yes: bool,
    pub(super) allow_dirty: bool,
}

/// What has become of the edits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Applied {
    Shown,
    Written,
}

/// What git says of the files.
#[derive(Debug, PartialEq, Eq)]
enum Committed {
    /// There is no repository, or no git.
    NoRepository,
    /// A repository without a commit.
    Nothing,
    /// All but these.
    AllBut(Vec<PathBuf>),
}

pub(super) fn apply(edits: &[Edit], folder: &Path, consent: Consent) -> Result<Applied, CliError> {
    for edit in edits {
        let name = shown(&edit.path, folder);
        print(&colored(&diff(edit, &name.to_string_lossy())))?;
    }
    if consent.dry_run {
        return Ok(Applied::Shown);
    }
    let changed = edits.iter().filter(|edit| edit.before.is_some());
    let changed: Vec<&Path> = changed.map(|edit| edit.path.as_path()).collect();
    match committed(&changed, folder) {
        _ if consent.allow_dirty => {}
        Committed::NoRepository => say("note: no git repository has the files as they were"),
        Committed::Nothing => {
            say("note: the git repository has no commit yet, and so not the files as they were");
        }
        Committed::AllBut(dirty) if dirty.is_empty() => {}
        Committed::AllBut(dirty) => {
            let dirty = dirty.iter().map(|path| shown(path, folder).to_owned());
            return Err(CliError::Dirty(dirty.collect()));
        }
    }
    if !consent.yes {
        if !can_ask() {
            return Err(CliError::Unconfirmed);
        }
        if !ask("Write these changes?")? {
            return Err(CliError::Declined);
        }
    }
    // All of them or none, as far as that is known before.
    edits.iter().try_for_each(can_be_written)?;
    edits.iter().try_for_each(write)?;
    Ok(Applied::Written)
}

fn shown<'a>(path: &'a Path, folder: &Path) -> &'a Path {
    path.strip_prefix(folder).unwrap_or(path)
}

/// Which of the files have changes that git does not have.
fn committed(files: &[&Path], folder: &Path) -> Committed {
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        let output = git.current_dir(folder).args(arguments).output().ok()?;
        output.status.success().then_some(output.stdout)
    };
    // What a repository ignores, it does not have.
    let is_ignored = git(&["check-ignore", "--quiet", "."]).is_some();
    if is_ignored || git(&["rev-parse", "--is-inside-work-tree"]).is_none() {
        return Committed::NoRepository;
    }
    if git(&["rev-parse", "--verify", "--quiet", "HEAD"]).is_none() {
        return Committed::Nothing;
    }
    let is_dirty = |file: &&&Path| {
        let all = ["--ignored", "--untracked-files=all"];
        let file = file.to_string_lossy();
        let status = git(&[&["status", "--porcelain"], &all[..], &["--", &file]].concat());
        status.is_none_or(|said| !said.is_empty())
    };
    let dirty = files.iter().filter(is_dirty).map(|file| (*file).to_owned());
    Committed::AllBut(dirty.collect())
}

/// The folder of the repository that a folder is in.
pub(super) fn repository(folder: &Path) -> Option<PathBuf> {
    let mut git = Command::new("git");
    let output = git
        .current_dir(folder)
        .args(["rev-parse", "--show-toplevel"])
        .output();
    let output = output.ok().filter(|output| output.status.success())?;
    let path = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(path.trim_end()))
}

/// # Errors
///
/// If a file is another one than it was when it was shown, or may not be written.
fn can_be_written(edit: &Edit) -> Result<(), CliError> {
    let path = &edit.path;
    if fs::read_to_string(path).ok() != edit.before {
        return Err(CliError::Changed(path.clone()));
    }
    if edit.before.is_some() {
        let opened = fs::OpenOptions::new().append(true).open(path);
        opened.map_err(|error| CliError::Write {
            path: path.clone(),
            error,
        })?;
    }
    Ok(())
}

fn write(edit: &Edit) -> Result<(), CliError> {
    let failed = |error| CliError::Write {
        path: edit.path.clone(),
        error,
    };
    if let Some(folder) = edit.path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    match &edit.after {
        Content::Text(text) => fs::write(&edit.path, text),
        Content::Link(to) => link(to, &edit.path),
    }
    .map_err(failed)
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

#[cfg(not(unix))]
fn link(_to: &Path, _at: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(path: &Path, before: Option<&str>) -> Edit {
        Edit {
            path: path.to_owned(),
            before: before.map(str::to_owned),
            after: Content::Text("after\n".to_owned()),
        }
    }

    #[test]
    fn a_file_that_has_changed_since_it_was_shown_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        let is_refused = |before| {
            let refused = can_be_written(&edit(&file, before));
            matches!(refused, Err(CliError::Changed(path)) if path == file)
        };
        assert!(!is_refused(None), "it is to be made");
        assert!(is_refused(Some("shown\n")), "it is gone");
        fs::write(&file, "saved\n").expect("written");
        assert!(!is_refused(Some("saved\n")), "it is as it was");
        assert!(is_refused(Some("shown\n")), "it was saved meanwhile");
        assert!(is_refused(None), "it was made meanwhile");
    }

    #[test]
    fn what_git_ignores_it_does_not_have() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let git = |arguments: &str| {
            let mut git = Command::new("git");
            git.current_dir(folder).args(arguments.split(' '));
            assert!(git.output().expect("git").status.success(), "{arguments}");
        };
        let [kept, ignored] = ["kept", "ignored"].map(|name| folder.join(name));
        fs::write(&kept, "text\n").expect("written");
        fs::write(&ignored, "text\n").expect("written");
        fs::write(folder.join(".gitignore"), "ignored\n").expect("written");
        git("init --quiet");
        git("add --all");
        git("-c user.name=a -c user.email=a@b commit --quiet --message all");
        let dirty = committed(&[&kept, &ignored], folder);
        assert_eq!(dirty, Committed::AllBut(vec![ignored]));
    }
}
