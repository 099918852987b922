//! Slow and fast versions of the same work on a day of a web server's access log.
//!
//! Each module holds one topic: what is easily written first, and what is left when the waste is
//! taken out. `cargo bench -p playbook` shows what that is worth, and the attribute on the fast ones
//! keeps them fast: `cargo test -p playbook` fails where they allocate again. The figures of a run,
//! and what they say of what is commonly said, are in the README.

pub mod awaiting;
pub mod borrowing;
pub mod branching;
pub mod dispatch;
pub mod entry;
pub mod formatting;
pub mod growing;
pub mod hashing;
pub mod inlining;
pub mod parallel;
pub mod scanning;

/// The checked-in sample: 12,000 lines, made by `data/generate.py`.
#[hotbench::bench_only]
mod sample {
    use crate::entry::{Entry, entries};

    pub(crate) const LOG: &str = include_str!("../data/access.log");

    pub(crate) fn parsed() -> Vec<Entry<'static>> {
        entries(LOG).collect()
    }

    /// How many lines are worked on, where that is the question.
    pub(crate) const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

    pub(crate) fn lines(number: usize) -> Vec<&'static str> {
        LOG.lines().take(number).collect()
    }

    /// The entries of one hour of the evening.
    pub(crate) fn parsed_hour() -> Vec<Entry<'static>> {
        entries(LOG)
            .filter(|entry| &entry.time[12..14] == "20")
            .collect()
    }
}
