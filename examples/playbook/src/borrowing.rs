//! Cloning and borrowing: how much of the day's traffic went to robots?

use hotbench::{bench_case, no_alloc};

use crate::entry::Entry;
#[hotbench::bench_only]
use crate::sample;

/// An entry that owns its text, so that nobody has to think of lifetimes.
#[derive(Debug, Clone)]
pub struct OwnedEntry {
    /// The path that was asked for.
    pub path: String,
    /// Who asked.
    pub agent: String,
    /// Bytes of the response's body.
    pub bytes: u64,
}

impl From<Entry<'_>> for OwnedEntry {
    fn from(entry: Entry<'_>) -> Self {
        Self {
            path: entry.request.path.to_owned(),
            agent: entry.agent.unwrap_or_default().to_owned(),
            bytes: entry.bytes.unwrap_or(0),
        }
    }
}

/// Bytes sent to robots: each entry is cloned into an owned one first.
#[bench_case(group = "borrowing", baseline, args(&sample::parsed()))]
pub fn robot_bytes_cloned(entries: &[Entry<'_>]) -> u64 {
    entries
        .iter()
        .map(|&entry| OwnedEntry::from(entry))
        .filter(|entry| is_robot(&entry.agent))
        .map(|entry| entry.bytes)
        .sum()
}

/// Bytes sent to robots: each entry is looked at where it is.
#[no_alloc]
#[bench_case(group = "borrowing", args(&sample::parsed()), no_alloc)]
pub fn robot_bytes_borrowed(entries: &[Entry<'_>]) -> u64 {
    entries
        .iter()
        .filter(|entry| entry.agent.is_some_and(is_robot))
        .filter_map(|entry| entry.bytes)
        .sum()
}

fn is_robot(agent: &str) -> bool {
    ["bot", "Bot", "crawler", "spider"]
        .iter()
        .any(|word| agent.contains(word))
}

#[cfg(test)]
mod tests {
    use super::{robot_bytes_borrowed, robot_bytes_cloned};
    use crate::sample;

    #[test]
    fn both_count_the_same() {
        let entries = sample::parsed();
        let bytes = robot_bytes_borrowed(&entries);
        assert!(bytes > 0);
        assert_eq!(bytes, robot_bytes_cloned(&entries));
    }
}
