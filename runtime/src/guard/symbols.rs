//! From raw addresses to the places that a user knows.

use std::ffi::c_void;
use std::path::{Path, PathBuf};

/// A function on a stack.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    pub(super) function: Option<String>,
    pub(super) place: Option<Place>,
}

/// A place in a source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: PathBuf,
    /// From 1.
    pub(super) line: usize,
    pub(super) column: Option<Column>,
}

/// A column, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// As debug info has it.
    Byte(usize),
    /// As the compiler's own places have it.
    Character(usize),
}

impl Column {
    /// The byte of `line` that it is at.
    pub(super) fn offset(self, line: &str) -> Option<usize> {
        match self {
            Self::Byte(column) => column
                .checked_sub(1)
                .filter(|&at| line.is_char_boundary(at)),
            Self::Character(column) => line
                .char_indices()
                .nth(column.checked_sub(1)?)
                .map(|(at, _)| at),
        }
    }
}

/// The functions of a stack, innermost first.
pub(super) struct Stack {
    frames: Vec<Frame>,
    /// Which is the user's.
    users: Option<usize>,
}

/// Resolves return addresses, innermost first.
pub(super) fn stack(addresses: &[usize]) -> Stack {
    let frames: Vec<Frame> = addresses.iter().copied().flat_map(resolve).collect();
    // The innermost of the user's own: by its file, or, where no frame has one of his, by its name.
    // Where there is neither, the outermost that has a name: the guarded function, or near it.
    let by_file = |frame: &Frame| frame.place.is_some() && is_users(frame);
    let users = frames
        .iter()
        .position(by_file)
        .or_else(|| frames.iter().position(is_users))
        .or_else(|| frames.iter().rposition(|frame| frame.function.is_some()));
    Stack { frames, users }
}

impl Stack {
    /// The user's own code that allocated; nothing is known of it where there are no symbols.
    pub(super) fn users_frame(&self) -> Frame {
        self.users
            .map_or_else(Frame::default, |index| self.frames[index].clone())
    }

    pub(super) fn functions(&self) -> impl Iterator<Item = &str> {
        names(&self.frames)
    }

    /// What the user's code called, innermost first.
    pub(super) fn callees_of_user(&self) -> impl DoubleEndedIterator<Item = &str> {
        names(&self.frames[..self.users.unwrap_or(0)])
    }
}

fn names(frames: &[Frame]) -> impl DoubleEndedIterator<Item = &str> {
    frames.iter().filter_map(|frame| frame.function.as_deref())
}

/// The functions at an address: several, innermost first, where calls were inlined.
fn resolve(address: usize) -> Vec<Frame> {
    let mut frames = Vec::new();
    backtrace::resolve(address as *mut c_void, |symbol| {
        let place = symbol
            .filename()
            .zip(symbol.lineno())
            .map(|(file, line)| Place {
                file: file.to_owned(),
                line: line as usize,
                column: symbol.colno().map(|column| Column::Byte(column as usize)),
            });
        frames.push(Frame {
            function: symbol.name().map(|name| format!("{name:#}")),
            place,
        });
    });
    frames
}

/// Whether the frame is neither of the standard library, nor of a registry crate, nor our own.
fn is_users(frame: &Frame) -> bool {
    let Some(function) = &frame.function else {
        return false;
    };
    let by_file = |place: &Place| is_users_file(&place.file);
    is_users_function(function) && frame.place.as_ref().is_none_or(by_file)
}

/// Whether the function, or in `<Type as Trait>::method` the type or the trait, is of a crate that
/// is not known to be somebody else's.
fn is_users_function(function: &str) -> bool {
    const FOREIGN: [&str; 7] = [
        "hotbench",
        "backtrace",
        "std",
        "core",
        "alloc",
        "__rustc",
        "hashbrown",
    ];
    function.split(" as ").any(|path| {
        let path = path.trim_start_matches(['<', '&', '(', '[']);
        let krate = path.split_once("::").map(|(krate, _)| krate);
        krate.is_some_and(|krate| {
            let is_name = krate.chars().all(|c| c.is_alphanumeric() || c == '_');
            is_name && !FOREIGN.contains(&krate)
        })
    })
}

fn is_users_file(file: &Path) -> bool {
    let file = file.to_string_lossy().replace('\\', "/");
    const FOREIGN: [&str; 4] = [
        "/rustc/",
        "/library/std/",
        "/registry/src/",
        "/git/checkouts/",
    ];
    let foreign = FOREIGN.iter().any(|part| file.contains(part));
    let rust_src = ["core", "alloc"]
        .iter()
        .any(|name| file.contains(&format!("/library/{name}/src/")));
    !foreign && !rust_src
}

/// The path as the compiler writes it, relative to the workspace.
pub(super) fn shown(file: &Path) -> String {
    let relative = workspace().and_then(|root| file.strip_prefix(root).ok().map(Path::to_owned));
    relative
        .unwrap_or_else(|| file.to_owned())
        .display()
        .to_string()
}

/// The file that `file!()` names, which is relative to the workspace.
pub(super) fn find(file: &str) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let found = here
        .ancestors()
        .map(|dir| dir.join(file))
        .find(|path| path.exists());
    found.unwrap_or_else(|| PathBuf::from(file))
}

/// The nearest folder above the working directory, where Cargo runs tests, with a lock file.
fn workspace() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let root = here
        .ancestors()
        .find(|dir| dir.join("Cargo.lock").exists())?;
    Some(root.to_owned())
}

#[cfg(test)]
mod tests {
    use super::is_users_function;

    #[test]
    fn a_function_is_the_users_by_its_type_or_its_trait() {
        for function in [
            "app::parse",
            "<app::Parser>::next",
            "<app::Parser as core::iter::Iterator>::next",
            "<alloc::vec::Vec<u8> as app::Extend>::more",
        ] {
            assert!(is_users_function(function), "{function}");
        }
    }

    #[test]
    fn std_and_primitive_types_are_nobodys() {
        for function in [
            "core::fmt::write",
            "backtrace::backtrace::trace_unsynchronized",
            "<alloc::vec::Vec<app::Token>>::push",
            "<u16 as core::fmt::Display>::fmt",
            "<&str as alloc::string::ToString>::to_string",
            "__rustc[c8f7a]::__rust_alloc",
            "main",
        ] {
            assert!(!is_users_function(function), "{function}");
        }
    }
}
