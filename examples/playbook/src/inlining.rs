//! `#[inline]` across crates: a fingerprint of every path, by a step that lives in another crate.

use hotbench::{bench_case, no_alloc};
use playbook_across::{BASIS, step_called, step_inline, step_unmarked};

use crate::entry::Entry;
#[hotbench::bench_only]
use crate::sample;

/// A fingerprint of all paths, with a call for each byte.
#[bench_case(group = "inlining", baseline, args(&sample::parsed()))]
pub fn fingerprint_called(entries: &[Entry<'_>]) -> u64 {
    bytes(entries).fold(BASIS, step_called)
}

/// A fingerprint of all paths, by a step without an attribute.
#[no_alloc]
#[bench_case(group = "inlining", args(&sample::parsed()), no_alloc)]
pub fn fingerprint_unmarked(entries: &[Entry<'_>]) -> u64 {
    bytes(entries).fold(BASIS, step_unmarked)
}

/// A fingerprint of all paths, by a step that is `#[inline]`.
#[no_alloc]
#[bench_case(group = "inlining", args(&sample::parsed()), no_alloc)]
pub fn fingerprint_inline(entries: &[Entry<'_>]) -> u64 {
    bytes(entries).fold(BASIS, step_inline)
}

fn bytes<'a>(entries: &'a [Entry<'_>]) -> impl Iterator<Item = u8> + 'a {
    entries.iter().flat_map(|entry| entry.request.path.bytes())
}

#[cfg(test)]
mod tests {
    use super::{fingerprint_called, fingerprint_inline, fingerprint_unmarked};
    use crate::sample;

    #[test]
    fn all_have_the_same_fingerprint() {
        let entries = sample::parsed();
        let fingerprint = fingerprint_called(&entries);
        assert_ne!(fingerprint, fingerprint_called(&entries[1..]));
        assert_eq!(fingerprint, fingerprint_unmarked(&entries));
        assert_eq!(fingerprint, fingerprint_inline(&entries));
    }
}
