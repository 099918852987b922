//! The selection of cases: filters, ignored cases and shards.

use crate::report::document::Shard;

/// The cases that the command line selects.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selection<'a> {
    pub(crate) filters: &'a [String],
    pub(crate) exact: bool,
    pub(crate) skip: &'a [String],
    pub(crate) ignored: Ignored,
    pub(crate) shard: Option<Shard>,
}

/// The treatment of ignored cases, as in libtest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ignored {
    /// They are listed, and not run.
    Shown,
    /// They alone are there.
    Only,
    /// They are run like the others.
    Run,
}

impl Selection<'_> {
    /// Returns whether the filters accept this id.
    pub(crate) fn takes_id(&self, id: &str) -> bool {
        let matches = |filter: &String| {
            if self.exact {
                id == filter
            } else {
                id.contains(filter.as_str())
            }
        };
        let wanted = self.filters.is_empty() || self.filters.iter().any(matches);
        wanted && !self.skip.iter().any(matches)
    }

    /// The cases, of those with sweeps, of which the filters may take a value. `cases` are the ids of all, each with
    /// whether it has sweeps.
    ///
    /// To know a value, code of the user's has to run. A filter is therefore looked for in the names of cases; and from a
    /// `/` on, in the values of those whose names end with what is before it.
    pub(crate) fn sweeps_to_evaluate<'a>(&self, cases: &[(&'a str, bool)]) -> Vec<&'a str> {
        let swept = cases.iter().filter(|(_, is_swept)| *is_swept);
        swept
            .map(|(id, _)| *id)
            .filter(|id| self.may_take_values_of(id))
            .collect()
    }

    /// Returns whether the filters may accept a value of the swept case with this id.
    pub(crate) fn may_take_values_of(&self, id: &str) -> bool {
        let may_reach = |filter: &String| {
            if self.exact {
                let value = filter.strip_prefix(id);
                // The id alone stands for a case whose sweeps can't be evaluated.
                return value.is_some_and(|value| value.is_empty() || value.starts_with('/'));
            }
            let mut slashes = filter.match_indices('/');
            id.contains(filter) || slashes.any(|(at, _)| id.ends_with(&filter[..at]))
        };
        let is_wanted = self.filters.is_empty() || self.filters.iter().any(may_reach);
        let is_skipped = !self.exact && self.skip.iter().any(|skip| id.contains(skip.as_str()));
        is_wanted && !is_skipped
    }

    /// The values that filters name in full, of a case with this id, and that are not among `values`.
    pub(crate) fn named_in_vain<'a>(&'a self, id: &str, values: &[String]) -> Vec<&'a str> {
        let named = self.filters.iter().filter(|_| self.exact);
        let named = named.filter_map(|filter| filter.strip_prefix(id)?.strip_prefix('/'));
        named
            .filter(|value| !values.iter().any(|known| known == value))
            .collect()
    }
}
