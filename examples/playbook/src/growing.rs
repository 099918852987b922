//! A growing `Vec` and one of the right size: the sizes of the day's responses.

use hotbench::{bench_case, hot};

use crate::entry::Entry;
#[hotbench::bench_only]
use crate::sample;

/// The size of each response, in a `Vec` that grows as they come.
#[bench_case(group = "growing", baseline, args(&sample::parsed()))]
pub fn response_sizes_growing(entries: &[Entry<'_>]) -> Vec<u64> {
    let mut sizes = Vec::new();
    for entry in entries {
        if let Some(bytes) = entry.bytes {
            sizes.push(bytes);
        }
    }
    sizes
}

/// The size of each response, in a `Vec` that has room for all from the start.
#[hot(max_allocs = 1)]
#[bench_case(group = "growing", args(&sample::parsed()), max_allocs = 1)]
pub fn response_sizes_preallocated(entries: &[Entry<'_>]) -> Vec<u64> {
    let mut sizes = Vec::with_capacity(entries.len());
    for entry in entries {
        if let Some(bytes) = entry.bytes {
            sizes.push(bytes);
        }
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::{response_sizes_growing, response_sizes_preallocated};
    use crate::sample;

    #[test]
    fn both_find_the_same() {
        let entries = sample::parsed();
        let sizes = response_sizes_growing(&entries);
        assert!(!sizes.is_empty());
        assert_eq!(sizes, response_sizes_preallocated(&entries));
    }
}
