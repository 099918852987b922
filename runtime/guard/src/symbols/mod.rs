//! From raw addresses to the places that a user knows.

mod names;
pub mod own;

use std::collections::HashMap;
use std::ffi::c_void;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

pub use names::plain;

use names::{is_allocator, is_of_no_known_crate, is_without_path, with_module};

/// A function on a stack.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frame {
    /// Its name, as debug info has it.
    pub function: Option<String>,
    /// The place of the call, or of the allocation.
    pub place: Option<Place>,
}

/// A place in a source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// As debug info has it.
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
    /// Where it is known.
    pub column: Option<Column>,
}

/// A column, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// As debug info has it.
    Byte(usize),
    /// As the compiler's own places have it.
    Character(usize),
}

impl Column {
    /// In characters, as far as the line is known.
    pub fn character(self, line: Option<&str>) -> usize {
        match (self, line) {
            (Self::Byte(column), Some(line)) => self
                .offset(line)
                .map_or(column, |offset| line[..offset].chars().count() + 1),
            (Self::Byte(column) | Self::Character(column), _) => column,
        }
    }

    /// The byte of `line` that it is at.
    pub fn offset(self, line: &str) -> Option<usize> {
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
pub struct Stack {
    frames: Vec<Frame>,
    /// Which is the user's.
    users: Option<usize>,
}

/// Resolves return addresses, innermost first.
pub fn stack(addresses: &[usize]) -> Stack {
    stack_of(frames(addresses))
}

/// The same, of the program's part alone. None where that is inlined into the harness's without a trace.
pub fn programs_stack(addresses: &[usize]) -> Option<Stack> {
    let frames = frames(addresses);
    let stack = stack_of(program_part(&frames, |frame| frame).to_vec());
    let frame = stack.users_frame();
    let is_users = frame.function.is_none() || is_users(&frame);
    is_users.then_some(stack)
}

fn stack_of(frames: Vec<Frame>) -> Stack {
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

/// The functions of return addresses, innermost first.
pub fn frames(addresses: &[usize]) -> Vec<Frame> {
    let addresses = addresses.iter();
    addresses
        .flat_map(|address| resolved(*address).to_vec())
        .collect()
}

impl Stack {
    /// The user's own code that allocated; nothing is known of it where there are no symbols.
    pub fn users_frame(&self) -> Frame {
        self.users
            .map_or_else(Frame::default, |index| self.frames[index].clone())
    }

    /// All of it, innermost first.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The names of its functions, innermost first.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        names(&self.frames)
    }

    /// What the user's code called, innermost first.
    pub fn callees_of_user(&self) -> impl DoubleEndedIterator<Item = &str> {
        names(&self.frames[..self.users.unwrap_or(0)])
    }

    /// Returns whether `print!` or `eprint!` has made room for its text in the buffer in which libtest captures what a
    /// test prints. Allocations that the printed values make by themselves are not of it.
    pub fn is_of_captured_output(&self) -> bool {
        const PRINTS: [&str; 3] = [
            "std::io::stdio::print_to_buffer_if_capture_used",
            "std::io::stdio::_print",
            "std::io::stdio::_eprint",
        ];
        let name = |frame: &Frame| frame.function.clone().unwrap_or_default();
        let is_foreign = |frame: &Frame| is_users(frame) || is_of_no_known_crate(&name(frame));
        let is_print = |frame: &Frame| PRINTS.iter().any(|print| name(frame).starts_with(print));
        // Standard output has a buffer of its own, which is made before a text is written to it.
        let is_text = |frame: &Frame| {
            let name = name(frame);
            name.contains("Adapter") && name.contains("Write>") && name.contains("write_")
        };
        let Some(text) = self.frames.iter().position(is_text) else {
            return false;
        };
        let (inside, outside) = self.frames.split_at(text + 1);
        // A value that is printed may be the user's; but if it writes to a vector of its own, that is not the buffer.
        let is_writing = |frame: &Frame| is_print(frame) || name(frame).contains("write_fmt");
        let writing = outside.iter().skip_while(|frame| !is_writing(frame));
        let by_whom = writing.take_while(|frame| !is_foreign(frame));
        !inside.iter().any(is_foreign) && by_whom.into_iter().any(is_print)
    }

    /// What the user's code called of a crate that is neither his own nor the standard library.
    pub fn dependency(&self) -> Option<&str> {
        self.callees_of_user()
            .rev()
            .find(|function| is_of_no_known_crate(function))
    }

    /// The user's own functions from the one that allocated out to `guarded`, without the latter's
    /// name: none if it is that one. Of a function and its closures the innermost is there.
    pub fn way(&self, guarded: Option<&str>) -> Vec<Frame> {
        let outwards = &self.frames[self.users.unwrap_or(0)..];
        let users = outwards.iter().filter(|frame| is_users(frame));
        // With line tables alone a function has its own name only.
        let is_guarded = |function: &str| {
            guarded.is_some_and(|guarded| {
                guarded == function
                    || (!function.contains("::") && guarded.rsplit("::").next() == Some(function))
            })
        };
        let mut path: Vec<Frame> = Vec::new();
        for frame in users {
            let function = frame.function.as_deref().map(plain);
            let place = frame.place.clone();
            if function.as_deref().is_some_and(is_guarded) {
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

/// The functions at a return address: several, innermost first, where calls were inlined.
pub fn frames_at(address: usize) -> Arc<[Frame]> {
    resolved(address)
}

/// Of the frames of an allocation, innermost first, those of the program: without the allocator's inside, and
/// without the harness's and what runs it outside. All, where nothing would be left.
pub fn program_part<T>(frames: &[T], frame: impl Fn(&T) -> &Frame) -> &[T] {
    let is_inside = |item: &&T| is_of_allocation(frame(item));
    let inside = frames.iter().take_while(is_inside).count();
    let rest = &frames[inside..];
    let outside = rest.iter().position(|item| is_harness(frame(item)));
    let mut end = outside.unwrap_or(rest.len());
    if outside.is_some() {
        // What the standard library has between the harness's loop and its call.
        let is_users = |item: &T| is_users(frame(item));
        let last = rest[..end].iter().rposition(is_users);
        end = last.map_or(end, |last| last + 1);
    }
    if end == 0 { frames } else { &rest[..end] }
}

/// Whether the function is one through which all allocations come.
fn is_of_allocation(frame: &Frame) -> bool {
    let Some(function) = frame.function.as_deref() else {
        return false;
    };
    // In generic arguments it stands everywhere.
    is_allocator(function)
        || function
            .trim_start_matches('<')
            .starts_with("alloc::alloc::")
        || function.contains("GlobalAlloc>::")
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
        let function = symbol.name().map(|name| format!("{name:#}"));
        let function = function.map(|name| match &place {
            Some(place) if is_without_path(&name) => with_module(name, &place.file),
            _ => name,
        });
        frames.push(Frame { function, place });
    });
    frames
}

/// Whether the frame is of the code of ours that calls cases.
pub fn is_harness(frame: &Frame) -> bool {
    let package = match (&frame.place, &frame.function) {
        (Some(place), _) => own::package_of(&place.file.to_string_lossy()),
        // In generic arguments it stands everywhere.
        (None, Some(function)) => {
            let krate = function.trim_start_matches('<').split("::").next();
            krate.and_then(own::package_named)
        }
        (None, None) => None,
    };
    package.is_some_and(|package| package.calls_cases)
}

/// The function's name without generic arguments, and with its module, as the id of a case has it, where there are
/// line tables alone.
pub fn short_name(frame: &Frame) -> Option<String> {
    let name = plain(frame.function.as_ref()?);
    let file = frame.place.as_ref().map(|place| &place.file);
    Some(match file {
        Some(file) if is_without_path(&name) => names::with_users_module(name, file),
        _ => name,
    })
}

/// Whether the frame is neither of the standard library, nor of a registry crate, nor our own: by its
/// file, for with line tables alone functions are named without their crates; else by its name.
pub fn is_users(frame: &Frame) -> bool {
    match (&frame.place, &frame.function) {
        (Some(place), Some(function)) => is_users_file(&place.file) && !is_allocator(function),
        (Some(place), None) => is_users_file(&place.file),
        (None, Some(function)) => is_of_no_known_crate(function),
        (None, None) => false,
    }
}

/// Whether the file is neither of the standard library, nor of a fetched or vendored package, nor our own.
pub fn is_users_file(file: &Path) -> bool {
    let file = file.to_string_lossy().replace('\\', "/");
    // As it is precompiled, with its dependencies, and as the component `rust-src` has it.
    let is_std = file.starts_with("/rustc/")
        || in_standard_library(&file).is_some()
        || file.starts_with("/rust/deps/")
        || file.contains("/lib/rustlib/src/rust/library/");
    // As distributions build it, and have its debug info.
    let is_relative = file.starts_with("./") || file.starts_with("../");
    let is_libc = (is_relative && !file.ends_with(".rs"))
        || file.starts_with("/usr/src/debug/")
        || file.starts_with("/build/glibc-");
    let is_fetched = ["/registry/src/", "/git/checkouts/"]
        .iter()
        .any(|folder| file.split(folder).skip(1).any(begins_with_hashed_name));
    !is_std
        && !is_libc
        && !is_fetched
        && own::package_of(&file).is_none()
        && !is_vendored(Path::new(&file))
}

/// Whether a file is of a package that `cargo vendor` has copied, which leaves the checksums of its files beside them.
/// Looked up once for each folder.
fn is_vendored(file: &Path) -> bool {
    static KNOWN: LazyLock<Mutex<HashMap<PathBuf, bool>>> = LazyLock::new(Mutex::default);
    let Some(folder) = file.parent() else {
        return false;
    };
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let is_copied = || {
        let mut above = folder.ancestors();
        let package = above.find(|folder| folder.join("Cargo.toml").exists());
        package.is_some_and(|package| package.join(".cargo-checksum.json").exists())
    };
    *known.entry(folder.to_owned()).or_insert_with(is_copied)
}

/// Where a file of the precompiled standard library is in it: `alloc/src/vec/mod.rs`. Rust's own builds have it under
/// `/rustc/<commit>/library`, those of distributions in a folder that is called as the sources' archive is:
/// `/usr/src/rustc-1.96.0/library`, `/build/rustc-1.96.0-src/library`.
pub fn in_standard_library(file: &str) -> Option<&str> {
    const LIBRARY: &str = "/library/";
    file.match_indices(LIBRARY).find_map(|(at, _)| {
        let (parent, folder) = file[..at].rsplit_once('/')?;
        let version = folder.strip_prefix("rustc-");
        let is_version = version.is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()));
        (parent == "/rustc" || is_version).then(|| &file[at + LIBRARY.len()..])
    })
}

/// Whether a path's first part ends like the folders that Cargo fetches to: `-1949cf8c6b5b557f`.
fn begins_with_hashed_name(path: &str) -> bool {
    let hash = path
        .split('/')
        .next()
        .and_then(|name| name.rsplit_once('-'));
    hash.is_some_and(|(_, hash)| hash.len() == 16 && hash.chars().all(|c| c.is_ascii_hexdigit()))
}

/// The place of a call.
pub fn of_caller(caller: &std::panic::Location<'_>) -> Place {
    Place {
        file: find(caller.file()),
        line: caller.line() as usize,
        column: Some(Column::Character(caller.column() as usize)),
    }
}

/// The path as the compiler writes it, relative to the workspace.
pub fn shown(file: &Path) -> String {
    let relative = workspace().and_then(|root| file.strip_prefix(root).ok().map(Path::to_owned));
    let shown = relative.unwrap_or_else(|| file.to_owned());
    path_clean::clean(&shown).display().to_string()
}

/// The file that `file!()` names, which is relative to the workspace.
pub fn find(file: &str) -> PathBuf {
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
    use std::path::Path;

    use super::is_users_file;
    use super::{Frame, program_part};

    #[test]
    fn of_a_stack_the_program_has_what_is_between_the_allocator_and_the_harness() {
        let part = |functions: &[&str]| {
            let frames: Vec<Frame> = functions
                .iter()
                .map(|function| Frame {
                    function: Some((*function).to_owned()),
                    place: None,
                })
                .collect();
            let part = program_part(&frames, |frame| frame).iter();
            let part: Vec<String> = part.filter_map(|frame| frame.function.clone()).collect();
            part.join(" ")
        };
        let allocator = [
            "__rustc::__rust_alloc",
            "<alloc::alloc::Global>::alloc_impl",
        ];
        let program = [
            "alloc::raw_vec::finish_grow::<alloc::alloc::Global>",
            "app::parse",
            "core::iter::map",
            "app::outer",
        ];
        let harness = [
            "core::ops::call_mut",
            "hotbench_engine::routine::batch",
            "app::main",
        ];
        let stack = [&allocator[..], &program, &harness].concat();
        assert_eq!(part(&stack), program.join(" "));
        // On a thread that the program has started, all is its own.
        assert_eq!(part(&stack[2..7]), stack[2..7].join(" "));
        // Inlined into the harness without a trace.
        assert_eq!(part(&stack[7..]), stack[7..].join(" "));
    }

    #[test]
    fn what_cargo_has_vendored_is_not_the_users() {
        let dir = tempfile::tempdir().expect("a folder");
        for package in ["app", "vendor/bytes"] {
            let package = dir.path().join(package);
            std::fs::create_dir_all(package.join("src")).expect("it can be made");
            std::fs::write(package.join("Cargo.toml"), "").expect("it can be written");
        }
        let sums = dir.path().join("vendor/bytes/.cargo-checksum.json");
        std::fs::write(sums, "{}").expect("it can be written");
        assert!(is_users_file(&dir.path().join("app/src/lib.rs")));
        assert!(!is_users_file(
            &dir.path().join("vendor/bytes/src/buf/mod.rs")
        ));
    }

    #[test]
    fn files_of_std_of_fetched_crates_and_of_the_guard_are_not_the_users() {
        for file in [
            "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/alloc/src/vec/mod.rs",
            "/usr/src/rustc-1.96.0/library/std/src/thread/local.rs",
            "/build/rustc-1.90.0-src/library/core/src/fmt/mod.rs",
            "/rust/deps/hashbrown-0.16.1/src/raw/mod.rs",
            "/home/u/.rustup/toolchains/stable/lib/rustlib/src/rust/library/core/src/fmt/mod.rs",
            "/home/u/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/bytes-1.10.1/src/bytes.rs",
            "/home/u/.cargo/git/checkouts/smallvec-0123456789abcdef/1a2b3c4/src/lib.rs",
            "./nptl/pthread_create.c",
            "../sysdeps/unix/sysv/linux/x86_64/clone3.S",
            concat!(env!("CARGO_MANIFEST_DIR"), "/src/ledger.rs"),
            "./csu/../sysdeps/nptl/libc_start_call_main.h",
            "/usr/src/debug/glibc-2.39/malloc/malloc.c",
        ] {
            assert!(!is_users_file(Path::new(file)), "{file}");
        }
        for file in [
            "/home/u/app/src/lib.rs",
            "/home/u/library/core/src/lib.rs",
            "/home/u/library/alloc/src/vec/mod.rs",
            "/home/u/rustc-hash/library/std/src/lib.rs",
            "/home/u/registry/src/models/lib.rs",
            "./src/lib.rs",
        ] {
            assert!(is_users_file(Path::new(file)), "{file}");
        }
    }
}
