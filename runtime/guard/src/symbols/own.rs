//! The list of hotbench's own packages. Their code is never reported as the user's.
//!
//! Each package registers itself. Names do not suffice: with line tables alone, functions have no crate in their names,
//! and a source folder may have any name.

/// A package of hotbench, which [registers](inventory::submit) itself.
#[derive(Debug)]
pub struct OwnPackage {
    /// The crate's name, for example `hotbench_guard`.
    pub krate: &'static str,
    /// The folder of its sources, with a trailing slash.
    pub sources: &'static str,
    /// True for the engine, which calls the cases. Outer frames do not belong to the program.
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

/// Finds the own package that contains a source file.
pub(super) fn package_of(file: &str) -> Option<&'static OwnPackage> {
    all().find(|own| file.starts_with(own.sources))
}

/// Finds an own package by its crate's name.
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
