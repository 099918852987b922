//! Growing `Vec`s and such of the right size: an hour's entries, turned into columns.

use hotbench::{bench_case, hot};

use crate::entry::Entry;
#[hotbench::bench_only]
use crate::sample;

/// What a chart of the traffic needs, a column each.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Columns<'a> {
    /// When each entry was written.
    pub times: Vec<&'a str>,
    /// What was asked for.
    pub paths: Vec<&'a str>,
    /// The status of each response.
    pub statuses: Vec<u16>,
    /// The size of each response's body.
    pub bytes: Vec<u64>,
}

impl<'a> Columns<'a> {
    fn push(&mut self, entry: &Entry<'a>) {
        self.times.push(entry.time);
        self.paths.push(entry.request.path);
        self.statuses.push(entry.status);
        self.bytes.push(entry.bytes.unwrap_or(0));
    }
}

/// The columns, which grow in turn: none can grow where it is, for the next one is in its way.
#[bench_case(group = "growing", baseline, args(&sample::parsed_hour()))]
pub fn columns_growing<'a>(entries: &[Entry<'a>]) -> Columns<'a> {
    let mut columns = Columns::default();
    for entry in entries {
        columns.push(entry);
    }
    columns
}

/// The columns, with room for all from the start.
#[hot(max_allocs = 4)]
#[bench_case(group = "growing", args(&sample::parsed_hour()), max_allocs = 4)]
pub fn columns_preallocated<'a>(entries: &[Entry<'a>]) -> Columns<'a> {
    let mut columns = Columns {
        times: Vec::with_capacity(entries.len()),
        paths: Vec::with_capacity(entries.len()),
        statuses: Vec::with_capacity(entries.len()),
        bytes: Vec::with_capacity(entries.len()),
    };
    for entry in entries {
        columns.push(entry);
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::{columns_growing, columns_preallocated};
    use crate::sample;

    #[test]
    fn both_build_the_same() {
        let entries = sample::parsed_hour();
        let columns = columns_growing(&entries);
        assert_eq!(columns.paths.len(), entries.len());
        assert_eq!(columns, columns_preallocated(&entries));
    }
}
