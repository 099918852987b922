//! The registered cases: collected, with their ids, in the order of these.

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
    /// `package::module::function/name`.
    ///
    /// The package's name stands for the root of the module's path, which is another one where a
    /// file is included into the bench target.
    pub(crate) fn id(&self) -> String {
        let (root, modules) = self.module.split_once("::").unwrap_or((self.module, ""));
        let root = self.package.unwrap_or(root);
        let mut id = root.to_owned();
        for part in [modules, self.function] {
            if !part.is_empty() {
                id.push_str("::");
                id.push_str(part);
            }
        }
        if let Some(name) = self.name {
            id.push('/');
            id.push_str(name);
        }
        id
    }
}

/// All cases with their ids, sorted by id: the order of registration is the linker's.
pub(crate) fn cases() -> Vec<(String, &'static Case)> {
    let mut cases: Vec<_> = inventory::iter::<Case>()
        .map(|case| (case.id(), case))
        .collect();
    cases.sort_by(|(a, case), (b, other)| {
        a.cmp(b)
            .then(case.attribute_line.cmp(&other.attribute_line))
    });
    cases
}

/// What can be run: a case, or one value of its sweeps.
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    /// The case's, and `/value` where it has sweeps.
    pub(crate) id: String,
    pub(crate) case: &'static Case,
    /// Which value.
    pub(crate) index: usize,
    /// The value, as the id shows it.
    pub(crate) value: Option<String>,
}

/// All instances, in the order of their cases' ids, and of the sweeps' values.
///
/// # Errors
///
/// The case whose sweep has no value.
pub(crate) fn instances() -> Result<Vec<Instance>, &'static Case> {
    let mut instances = Vec::new();
    for (id, case) in cases() {
        let Some(sweep) = case.sweep else {
            instances.push(Instance {
                id,
                case,
                index: 0,
                value: None,
            });
            continue;
        };
        let values = Labels::of(sweep);
        if values.is_empty() {
            return Err(case);
        }
        let of_value = |(index, value): (usize, String)| Instance {
            id: format!("{id}/{value}"),
            case,
            index,
            value: Some(value),
        };
        instances.extend(values.into_iter().enumerate().map(of_value));
    }
    Ok(instances)
}
