//! The registered cases: collected, with their ids, in the order of these. And the hot paths.

use std::collections::HashSet;

use crate::Entry;
use crate::sweep::Labels;
use hotbench_guard::{Site, SiteEntry};

/// A case, as the attribute describes it.
#[derive(Debug)]
pub struct Case {
    /// The name of the package, where Cargo built it.
    pub package: Option<&'static str>,
    /// `module_path!()`.
    pub module: &'static str,
    /// The function's name.
    pub function: &'static str,
    /// The case's own name.
    pub name: Option<&'static str>,
    /// The types and constants that a generic function is called with, and which of the attribute's
    /// choices that is.
    pub generics: Option<(usize, &'static str)>,
    /// `file!()`.
    pub file: &'static str,
    /// The line of the function's name.
    pub line: u32,
    /// Its column, in characters, from 1.
    pub column: u32,
    /// The line of the attribute.
    pub attribute_line: u32,
    /// The group in which it is compared.
    pub group: Option<&'static str>,
    /// Whether the others of the group are compared with it.
    pub baseline: bool,
    /// Whether it says what one call may allocate.
    pub has_budget: bool,
    /// Whether it runs only if that is asked for.
    pub ignore: bool,
    /// Its sweeps, if it has any.
    pub sweep: Option<Sweep>,
    /// Measures the function with those values of its sweeps that are asked for.
    pub routine: fn(&mut Entry<'_>),
}

/// The sweeps of a case: code of the user's, which runs in a worker alone.
#[derive(Debug, Clone, Copy)]
pub struct Sweep {
    /// The line of the first of them.
    pub line: u32,
    /// Shows their values.
    pub labels: fn(&mut Labels),
}

inventory::collect!(Case);

impl Case {
    /// `package::module::function/name/Type`.
    pub fn id(&self) -> String {
        let mut id = self.path();
        if let Some((_, generics)) = self.generics {
            id.push('/');
            id.push_str(generics);
        }
        id
    }

    /// The id without what a generic function is called with.
    ///
    /// The package's name stands for the root of the module's path, which is another one where a
    /// file is included into the bench target.
    fn path(&self) -> String {
        let (root, modules) = self.module.split_once("::").unwrap_or((self.module, ""));
        let root = self.package.unwrap_or(root);
        let mut path = root.to_owned();
        for part in [modules, self.function] {
            if !part.is_empty() {
                path.push_str("::");
                path.push_str(part);
            }
        }
        if let Some(name) = self.name {
            path.push('/');
            path.push_str(name);
        }
        path
    }
}

/// All cases with their ids, sorted by their paths: the order of registration is the linker's. What a
/// generic function is called with is in the attribute's order.
pub fn cases() -> Vec<(String, &'static Case)> {
    let mut cases: Vec<&Case> = inventory::iter::<Case>().collect();
    cases.sort_by_cached_key(|case| (case.path(), case.attribute_line, case.generics));
    cases.into_iter().map(|case| (case.id(), case)).collect()
}

/// All hot paths, sorted by their places. One that is compiled into the executable twice, in a file that is
/// included, is there once.
pub fn hot_paths() -> Vec<&'static Site> {
    let sites = inventory::iter::<SiteEntry>().map(|entry| entry.0);
    let mut paths: Vec<&Site> = sites.filter(|site| site.is_hot()).collect();
    paths.sort_by_cached_key(|site| (site.file, site.line, site.column, site.path()));
    let mut known = HashSet::new();
    paths.retain(|site| known.insert(site.mark()));
    paths
}
