//! Which source files are of hotbench's own packages, so that they are never taken for the user's.
//!
//! Each package says so itself: functions have no crate in their names where there are line tables alone, and a folder
//! may have any name.

/// A package of hotbench, which [registers](inventory::submit) itself.
#[derive(Debug)]
pub struct OwnPackage {
    /// As code names it: `hotbench_guard`.
    pub krate: &'static str,
    /// The folder of its sources, with a slash at the end.
    pub sources: &'static str,
    /// Whether it calls cases: what is around a frame of it is no code of the program.
    pub calls_cases: bool,
}

inventory::collect!(OwnPackage);

inventory::submit! {
    OwnPackage {
        krate: "hotbench_guard",
        sources: concat!(env!("CARGO_MANIFEST_DIR"), "/src/"),
        calls_cases: false,
    }
}

fn all() -> impl Iterator<Item = &'static OwnPackage> {
    inventory::iter::<OwnPackage>()
}

/// The package of ours that a source file is of, if it is of one.
pub(super) fn package_of(file: &str) -> Option<&'static OwnPackage> {
    all().find(|own| file.starts_with(own.sources))
}

/// The package of ours that a crate is.
pub(super) fn package_named(krate: &str) -> Option<&'static OwnPackage> {
    all().find(|own| own.krate == krate)
}

#[cfg(test)]
inventory::submit! {
    OwnPackage {
        krate: "hotbench_engine",
        sources: "/hotbench/engine/src/",
        calls_cases: true,
    }
}
