//! From raw addresses to the places that a user knows.

use std::collections::HashMap;
use std::ffi::c_void;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// A function on a stack.
#[derive(Debug, Clone, Default, PartialEq)]
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
    /// In characters, as far as the line is known.
    pub(super) fn character(self, line: Option<&str>) -> usize {
        match (self, line) {
            (Self::Byte(column), Some(line)) => self
                .offset(line)
                .map_or(column, |offset| line[..offset].chars().count() + 1),
            (Self::Byte(column) | Self::Character(column), _) => column,
        }
    }

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
    let frames: Vec<Frame> = addresses
        .iter()
        .flat_map(|address| resolved(*address).to_vec())
        .collect();
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

    /// What the user's code called of a crate that is neither his own nor the standard library.
    pub(super) fn dependency(&self) -> Option<&str> {
        self.callees_of_user()
            .rev()
            .find(|function| is_of_no_known_crate(function))
    }

    /// The user's own functions from the one that allocated out to `guarded`, without the latter's
    /// name: none if it is that one. Of a function and its closures the innermost is there.
    pub(super) fn way(&self, guarded: Option<&str>) -> Vec<Frame> {
        let outwards = &self.frames[self.users.unwrap_or(0)..];
        let users = outwards.iter().filter(|frame| is_users(frame));
        let mut path: Vec<Frame> = Vec::new();
        for frame in users {
            let function = frame.function.as_deref().map(plain);
            let place = frame.place.clone();
            if function.as_deref() == guarded {
                if !path.is_empty() {
                    let function = None;
                    path.push(Frame { function, place });
                }
                break;
            }
            let last = path.last().and_then(|last| last.function.as_deref());
            if last != function.as_deref() {
                path.push(Frame { function, place });
            }
        }
        path
    }
}

/// A function's path as `type_name` has it, without what the compiler adds for closures, and without
/// generic arguments: `app::parse`, `app::Parser::next`, `<app::Parser as core::iter::Iterator>::next`.
pub(super) fn plain(function: &str) -> String {
    let mut plain = String::with_capacity(function.len());
    let mut depth = 0;
    for c in function.chars() {
        match c {
            // The angle brackets of `<Type as Trait>` begin the path.
            '<' if !plain.is_empty() => depth += 1,
            '>' if depth > 0 => depth -= 1,
            c if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    let plain = plain.replace("::::", "::");
    let end = ["::{closure", "::{{closure", "::{async"]
        .iter()
        .filter_map(|closure| plain.find(closure))
        .min();
    let plain = plain[..end.unwrap_or(plain.len())].trim_end_matches("::");
    match plain
        .strip_prefix('<')
        .and_then(|path| path.split_once('>'))
    {
        // An inherent method.
        Some((ty, method)) if !ty.contains(" as ") => format!("{ty}{method}"),
        _ => plain.to_owned(),
    }
}

fn names(frames: &[Frame]) -> impl DoubleEndedIterator<Item = &str> {
    frames.iter().filter_map(|frame| frame.function.as_deref())
}

/// The functions at an address, looked up once in a process.
fn resolved(address: usize) -> Arc<[Frame]> {
    static KNOWN: LazyLock<Mutex<HashMap<usize, Arc<[Frame]>>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known
        .entry(address)
        .or_insert_with(|| resolve(address).into())
        .clone()
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
    is_of_no_known_crate(function) && frame.place.as_ref().is_none_or(by_file)
}

/// Whether the function, or in `<Type as Trait>::method` the type or the trait, is of a crate that
/// is not known to be the standard library's or the guard's.
fn is_of_no_known_crate(function: &str) -> bool {
    const KNOWN: [&str; 7] = [
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
            is_name && !KNOWN.contains(&krate)
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

/// The place of a call.
pub(super) fn of_caller(caller: &std::panic::Location<'_>) -> Place {
    Place {
        file: find(caller.file()),
        line: caller.line() as usize,
        column: Some(Column::Character(caller.column() as usize)),
    }
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
    use super::{is_of_no_known_crate, plain};

    #[test]
    fn a_function_is_the_users_by_its_type_or_its_trait() {
        for function in [
            "app::parse",
            "<app::Parser>::next",
            "<app::Parser as core::iter::Iterator>::next",
            "<alloc::vec::Vec<u8> as app::Extend>::more",
        ] {
            assert!(is_of_no_known_crate(function), "{function}");
        }
    }

    #[test]
    fn a_plain_name_has_no_generics_and_no_closures() {
        for (function, expected) in [
            ("app::parse", "app::parse"),
            ("app::parse::<u32, alloc::vec::Vec<u8>>", "app::parse"),
            ("app::parse::<u32>::{closure#0}", "app::parse"),
            ("app::later::{async_fn#0}", "app::later"),
            ("app::later::{{closure}}", "app::later"),
            (
                "<app::Parser<u8>>::next::{closure#0}::{closure#1}",
                "app::Parser::next",
            ),
            (
                "<app::Parser as core::iter::traits::iterator::Iterator>::next",
                "<app::Parser as core::iter::traits::iterator::Iterator>::next",
            ),
        ] {
            assert_eq!(plain(function), expected);
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
            assert!(!is_of_no_known_crate(function), "{function}");
        }
    }
}
