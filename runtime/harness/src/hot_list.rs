//! `--list-hot`: all hot paths, with what holds for each.

use std::collections::HashSet;
use std::path::Path;

use super::Build;
use super::environment::Sources;
use super::selection::Selection;
use crate::report::hot_paths::{List, Listed};
use hotbench_engine::registry;
use hotbench_guard::{Site, SiteEntry};

/// The hot paths that the filters select.
pub(crate) fn list(build: &Build, selection: &Selection<'_>) -> List {
    let sources = Sources::of(build);
    let cases = registry::cases();
    let all = registry::hot_paths();
    let guarded = inventory::iter::<SiteEntry>().map(|entry| entry.0);
    let no_alloc: HashSet<String> = guarded
        .filter(|site| !site.is_hot())
        .map(Site::mark)
        .collect();
    let paths = all.iter().filter(|site| selection.takes_id(&site.path()));
    let paths: Vec<Listed> = paths
        .map(|site| {
            let calls = |(id, case): &(String, &registry::Case)| {
                let is_same = (case.line, case.column) == (site.line, site.column)
                    && path_clean::clean(case.file) == path_clean::clean(site.file);
                is_same.then(|| id.clone())
            };
            let cases = cases.iter().filter_map(calls).collect();
            listed(site, &sources, no_alloc.contains(&site.mark()), cases)
        })
        .collect();
    let filtered_out = all.len() - paths.len();
    List::new(paths, filtered_out)
}

fn listed(site: &Site, sources: &Sources, no_alloc: bool, cases: Vec<String>) -> Listed {
    let limit = |limit: u64| Some(limit).filter(|&limit| limit != u64::MAX);
    Listed {
        function: site.path(),
        file: sources.shown(Path::new(site.file)).display().to_string(),
        line: site.line,
        column: site.column,
        max_allocs: limit(site.budget.max_allocs),
        max_bytes: limit(site.budget.max_bytes),
        warmup: site.warmup,
        no_alloc,
        live: site.live,
        cases,
    }
}
