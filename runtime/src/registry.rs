//! The registered cases: collected, with their ids, in the order of these. And the hot paths.

use std::collections::HashSet;

use crate::guard::{Site, SiteEntry};
use crate::harness::Bencher;
use crate::sweep::Labels;

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
    /// Shows the values of its sweeps, if it has any.
    pub sweep: Option<fn(&mut Labels)>,
    /// Measures the function, with the sweeps' value at the index.
    pub routine: fn(&mut Bencher<'_>, usize),
}

inventory::collect!(Case);

impl Case {
    /// `package::module::function/name/Type`.
    pub(crate) fn id(&self) -> String {
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
pub(crate) fn cases() -> Vec<(String, &'static Case)> {
    let mut cases: Vec<&Case> = inventory::iter::<Case>().collect();
    cases.sort_by_cached_key(|case| (case.path(), case.attribute_line, case.generics));
    cases.into_iter().map(|case| (case.id(), case)).collect()
}

/// All hot paths, sorted by their places. One that is compiled into the executable twice, in a file that is
/// included, is there once.
pub(crate) fn hot_paths() -> Vec<&'static Site> {
    let sites = inventory::iter::<SiteEntry>().map(|entry| entry.0);
    let mut paths: Vec<&Site> = sites.filter(|site| site.is_hot()).collect();
    paths.sort_by_cached_key(|site| (site.file, site.line, site.column, site.path()));
    let mut known = HashSet::new();
    paths.retain(|site| known.insert(site.mark()));
    paths
}

/// What can be run: a case, or one value of its sweeps.
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    /// The case's, and `/value` where it is generic or has sweeps.
    pub(crate) id: String,
    pub(crate) case: &'static Case,
    /// Which value.
    pub(crate) index: usize,
    /// Its place among all instances, from 0.
    pub(crate) position: usize,
    /// Types, constants and values, as the id shows them.
    pub(crate) value: Option<String>,
}

/// All instances, in the order of their cases, and of the sweeps' values.
///
/// # Errors
///
/// The case whose sweep has no value.
pub(crate) fn instances() -> Result<Vec<Instance>, &'static Case> {
    let mut instances = Vec::new();
    for (id, case) in cases() {
        let generics = case.generics.map(|(_, generics)| generics);
        let Some(sweep) = case.sweep else {
            instances.push(Instance {
                id,
                case,
                index: 0,
                position: instances.len(),
                value: generics.map(str::to_owned),
            });
            continue;
        };
        let values = Labels::of(sweep);
        if values.is_empty() {
            return Err(case);
        }
        let first = instances.len();
        let of_value = |(index, value): (usize, String)| Instance {
            id: format!("{id}/{value}"),
            case,
            index,
            position: first + index,
            value: Some(match generics {
                Some(generics) => format!("{generics}/{value}"),
                None => value,
            }),
        };
        instances.extend(values.into_iter().enumerate().map(of_value));
    }
    Ok(instances)
}
