//! The standard library's hash function and a faster one: how often was each page asked for?

use std::collections::HashMap;
use std::hash::BuildHasher;

use hotbench::{bench_case, hot};

use crate::entry::Entry;
#[hotbench::bench_only]
use crate::sample;

/// Room for all of a day's paths, so that no map grows.
const PATHS: usize = 1_500;

/// How often each path was asked for, by SipHash, which nobody can choose bad keys for.
#[bench_case(group = "hashing", baseline, args(&sample::parsed()))]
pub fn hits_siphash<'a>(entries: &[Entry<'a>]) -> HashMap<&'a str, u32> {
    count(entries, HashMap::with_capacity(PATHS))
}

/// How often each path was asked for, by a hash function that is fast, and seeded: at its first use,
/// which allocates. It is for keys that no attacker chooses who can watch what his choice does: paths of a log that was
/// written, not those of a server that answers.
#[hot(max_allocs = 1, warmup = 1)]
#[bench_case(group = "hashing", args(&sample::parsed()), max_allocs = 1)]
pub fn hits_foldhash<'a>(
    entries: &[Entry<'a>],
) -> HashMap<&'a str, u32, foldhash::fast::RandomState> {
    let hasher = foldhash::fast::RandomState::default();
    count(entries, HashMap::with_capacity_and_hasher(PATHS, hasher))
}

fn count<'a, S: BuildHasher>(
    entries: &[Entry<'a>],
    mut hits: HashMap<&'a str, u32, S>,
) -> HashMap<&'a str, u32, S> {
    for entry in entries {
        *hits.entry(entry.request.path).or_default() += 1;
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::{PATHS, hits_foldhash, hits_siphash};
    use crate::sample;

    #[test]
    fn both_count_the_same() {
        let entries = sample::parsed();
        let (siphash, foldhash) = (hits_siphash(&entries), hits_foldhash(&entries));
        assert!((100..PATHS).contains(&siphash.len()), "{}", siphash.len());
        assert_eq!(siphash.len(), foldhash.len());
        for (path, hits) in siphash {
            assert_eq!(foldhash.get(path), Some(&hits), "{path}");
        }
    }
}
