//! What a package may lack to be measured and guarded, and the words for it.

use std::path::{Path, PathBuf};

use super::project::{Kind, Target};
use hotbench_project::uses::Unrun;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lack {
    /// Everything: hotbench is no dependency.
    Unused,
    Resolver,
    Dependency,
    DevDependency,
    /// Of the line under `[dev-dependencies]`.
    Feature(&'static str),
    /// The harness is on in the program that ships, by this feature.
    Ships(String),
    /// `bench = false` of a library or a program.
    Libtest(Target),
    BenchTarget,
    /// `harness = false` or `test = true` of the bench target.
    Flag {
        bench: String,
        flag: &'static str,
        to: bool,
    },
    /// `harness!` does not name the library.
    Unnamed {
        file: PathBuf,
        lib: String,
    },
    /// The program has no `#[hotbench::main]`.
    Unmarked(PathBuf),
    /// The program's own global allocator beside hotbench's.
    TwoAllocators(OwnAllocator),
    /// The program's own global allocator, which the guard can't see.
    Unwrapped(OwnAllocator),
    /// No package of the workspace has hotbench's global allocator, or one of its own.
    Unreported,
    /// The own global allocator of a program beside a library: what measures and tests the library is not linked with it.
    OutsideLibrary(OwnAllocator),
    /// A case that no bench target contains.
    NotRun(Unrun),
    LineTables,
    /// The profile strips the lines, by this value.
    Stripped(String),
    OptLevel(i64),
    DebugAssertions,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OwnAllocator {
    pub(super) file: PathBuf,
    pub(super) line: usize,
    /// Whether it is there in some builds alone.
    pub(super) conditional: bool,
}

impl Lack {
    /// Whether something does not work without it; else it is a hint.
    pub(super) fn is_problem(&self) -> bool {
        match self {
            Self::Feature(feature) => *feature == "harness",
            Self::TwoAllocators(own) | Self::Unwrapped(own) | Self::OutsideLibrary(own) => {
                !own.conditional
            }
            // What is no member may have one.
            Self::Unreported | Self::LineTables | Self::Stripped(_) => false,
            _ => true,
        }
    }

    /// Whether edits can mend it without a decision that is the user's.
    pub(super) fn is_mendable(&self) -> bool {
        match self {
            Self::Unused
            | Self::Ships(_)
            | Self::Unreported
            | Self::OutsideLibrary(_)
            | Self::NotRun(_) => false,
            Self::TwoAllocators(own) | Self::Unwrapped(own) => !own.conditional,
            _ => true,
        }
    }

    /// Whether it is of the adoption: what a user has set otherwise, `init` leaves as it is.
    pub(super) fn is_of_adoption(&self) -> bool {
        !matches!(
            self,
            Self::Ships(_) | Self::Stripped(_) | Self::OptLevel(_) | Self::DebugAssertions
        )
    }

    /// What is wrong, and how it is mended. Files are named as from `root`.
    pub(super) fn words(&self, key: &str, root: &Path) -> (String, String) {
        let place = |file: &Path| shown(file, root).display().to_string();
        let (what, mend) = match self {
            Self::Unused => ("hotbench is not used".into(), "run `cargo hotbench init`".into()),
            Self::Resolver => (
                "Cargo's resolver 1 turns the features of tests on in the program that ships, too".into(),
                "write `resolver = \"2\"` in the workspace's root manifest".into(),
            ),
            Self::Dependency => (
                format!("`[dependencies]` has no `{key}`, of which the attributes are"),
                format!("add `{key}` there"),
            ),
            Self::DevDependency => (
                format!("`[dev-dependencies]` has no `{key}`, so that nothing is measured or guarded"),
                format!("add `{key}` with `features = [\"harness\"]` there"),
            ),
            Self::Feature("tokio") => (
                "async cases run on a plain block-on, where those that need tokio panic".into(),
                format!("add the feature `tokio` to `{key}` under `[dev-dependencies]`"),
            ),
            Self::Feature(feature) => (
                format!("the feature `{feature}` is off in tests and benches"),
                format!("add it to `{key}` under `[dev-dependencies]`"),
            ),
            Self::Ships(feature) => (
                format!("the feature `{feature}` is on under `[dependencies]`, so that the harness ships"),
                "move it to the line under `[dev-dependencies]`".into(),
            ),
            Self::Libtest(target) => libtest(target),
            Self::BenchTarget => (
                "there is no bench target of hotbench".into(),
                "add `[[bench]]` with `harness = false` and `test = true`, and its file".into(),
            ),
            Self::Flag { bench, flag, to } => (
                match *flag {
                    "harness" => format!("libtest runs the bench target `{bench}`, and no case"),
                    _ => format!("`cargo test` leaves the cases of the bench target `{bench}` out"),
                },
                format!("write `{flag} = {to}` under its `[[bench]]`"),
            ),
            Self::Unnamed { file, lib } => (
                format!("`harness!` does not name `{lib}`, whose cases the linker drops"),
                format!("add it in {}", place(file)),
            ),
            Self::Unmarked(file) => (
                "the bench target includes a program whose `main` is not marked".into(),
                format!("write `#[{key}::main]` over it in {}", place(file)),
            ),
            Self::TwoAllocators(own) => (
                format!(
                    "there are two global allocators{}: {}:{}, and hotbench's, of the feature `global-allocator`",
                    where_built(own),
                    place(&own.file),
                    own.line
                ),
                format!("add \"own-allocator\" to the features of `{key}` under `[dev-dependencies]`"),
            ),
            Self::Unwrapped(own) => (
                format!(
                    "the guard does not see what the global allocator does{}: {}:{}",
                    where_built(own),
                    place(&own.file),
                    own.line
                ),
                format!("wrap it: `static A: {key}::Alloc<Own> = {key}::Alloc::new(Own);`"),
            ),
            Self::Unreported => (
                "no allocator of the workspace tells the guard what is allocated: `default-features = false` or \
                     `own-allocator` leaves hotbench's out, and there is no other"
                    .into(),
                format!("leave both out for `{key}`, or install `{key}::Alloc` around yours"),
            ),
            Self::OutsideLibrary(own) => (
                format!(
                    "the global allocator{} is a program's, {}:{}, and not that of the library, which is tested and \
                     measured without it",
                    where_built(own),
                    place(&own.file),
                    own.line
                ),
                "move it into the library, which the program links; `cargo hotbench doctor --fix` wraps it there".into(),
            ),
            Self::NotRun(unrun) => (
                format!(
                    "the `#[bench_case]` at {}:{} is not run: it {}",
                    place(&unrun.at.file),
                    unrun.at.line,
                    unrun.why()
                ),
                "move the function into a module of the library, outside of `#[cfg(test)]`".into(),
            ),
            Self::LineTables => (
                "without line tables, a profile names no lines and no inlined functions".into(),
                "write `debug = \"line-tables-only\"` under `[profile.bench]` in the workspace's root manifest"
                    .into(),
            ),
            Self::Stripped(value) => (
                format!("`strip = {value}` takes the lines out of what is measured"),
                "write `strip = false` under `[profile.bench]` in the workspace's root manifest".into(),
            ),
            Self::OptLevel(level) => (
                format!("benches are built with `opt-level = {level}`, so that what is timed is not what ships"),
                "write `opt-level = 3` under `[profile.bench]` in the workspace's root manifest".into(),
            ),
            Self::DebugAssertions => (
                "benches are built with `debug-assertions`, so that the harness refuses to time them".into(),
                "write `debug-assertions = false` under `[profile.bench]` in the workspace's root manifest".into(),
            ),
        };
        (what, mend)
    }
}

fn shown<'a>(path: &'a Path, root: &Path) -> &'a Path {
    path.strip_prefix(root).unwrap_or(path)
}

fn libtest(target: &Target) -> (String, String) {
    let (what, section) = match target.kind {
        Kind::Bin => (format!("the program `{}`", target.name), "its `[[bin]]`"),
        _ => ("the library".to_owned(), "`[lib]`"),
    };
    (
        format!("libtest runs {what} in `cargo bench`, and rejects the harness's flags"),
        format!("write `bench = false` under {section}"),
    )
}

fn where_built(own: &OwnAllocator) -> &'static str {
    match own.conditional {
        true => " in builds that have the `cfg`",
        false => "",
    }
}
