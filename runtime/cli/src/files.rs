//! Files as they are, and as they are to be: what is planned is written nowhere, so that it can be shown first, and
//! tested without a disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Where texts come from.
pub(super) trait Files {
    /// A file's text, if it is there and is text.
    fn text(&self, path: &Path) -> Option<String>;
    /// Whether something is there, text or not.
    fn exists(&self, path: &Path) -> bool;
    /// The sources in a folder and below it, in order.
    fn sources(&self, folder: &Path) -> Vec<PathBuf>;
}

/// The files on the disk.
pub(super) struct Disk;

impl Files for Disk {
    fn text(&self, path: &Path) -> Option<String> {
        fs::read_to_string(path).ok()
    }

    fn exists(&self, path: &Path) -> bool {
        path.symlink_metadata().is_ok()
    }

    fn sources(&self, folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() && !is_built(&path) => folders.push(path),
                    Ok(kind) if kind.is_file() && is_source(&path) => found.push(path),
                    // What a link leads to is read where it is.
                    _ => {}
                }
            }
        }
        found.sort();
        found
    }
}

/// Whether it is a target directory, which Cargo tags if it makes it, or else notes the compiler in.
fn is_built(folder: &Path) -> bool {
    let marks = ["CACHEDIR.TAG", ".rustc_info.json"];
    marks.iter().any(|mark| folder.join(mark).exists())
}

fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

/// What is to become of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) path: PathBuf,
    /// Its text now, if it is there.
    pub(super) before: Option<String>,
    pub(super) after: Content,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    Text(String),
    /// A link to another file, by a path from the folder that it is in.
    Link(PathBuf),
}

/// Files with the changes that are planned.
pub(super) struct Draft<'a> {
    files: &'a dyn Files,
    planned: BTreeMap<PathBuf, Content>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(files: &'a dyn Files) -> Self {
        Self {
            files,
            planned: BTreeMap::new(),
        }
    }

    pub(super) fn write(&mut self, path: &Path, content: Content) {
        self.planned.insert(path.to_owned(), content);
    }

    /// What differs from the files as they are.
    pub(super) fn edits(self) -> Vec<Edit> {
        let edits = self.planned.into_iter().map(|(path, after)| {
            let before = self.files.text(&path);
            Edit {
                path,
                before,
                after,
            }
        });
        let changes = |edit: &Edit| match &edit.after {
            Content::Text(text) => edit.before.as_ref() != Some(text),
            Content::Link(_) => true,
        };
        edits.filter(changes).collect()
    }
}

impl Files for Draft<'_> {
    fn text(&self, path: &Path) -> Option<String> {
        match self.planned.get(path) {
            Some(Content::Text(text)) => Some(text.clone()),
            Some(Content::Link(to)) => self.text(&path.with_file_name(to)),
            None => self.files.text(path),
        }
    }

    fn exists(&self, path: &Path) -> bool {
        self.planned.contains_key(path) || self.files.exists(path)
    }

    fn sources(&self, folder: &Path) -> Vec<PathBuf> {
        let planned = self.planned.keys().cloned();
        let planned = planned.filter(|path| path.starts_with(folder) && is_source(path));
        let mut all = self.files.sources(folder);
        all.extend(planned);
        all.sort();
        all.dedup();
        all
    }
}

#[cfg(test)]
impl Files for BTreeMap<PathBuf, String> {
    fn text(&self, path: &Path) -> Option<String> {
        self.get(path).cloned()
    }

    fn exists(&self, path: &Path) -> bool {
        self.contains_key(path)
    }

    fn sources(&self, folder: &Path) -> Vec<PathBuf> {
        let sources = self
            .keys()
            .filter(|path| path.starts_with(folder) && is_source(path));
        sources.cloned().collect()
    }
}
