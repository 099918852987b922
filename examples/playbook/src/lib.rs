//! Slow and fast versions of the same work on a day of a web server's access log.
//!
//! Each module holds one pair: what is easily written first, and what is left when the waste is
//! taken out. `cargo bench -p playbook` shows what that is worth, and the attribute on the fast one
//! keeps it fast: `cargo test -p playbook` fails where it allocates again.

pub mod borrowing;
pub mod entry;
pub mod formatting;
pub mod growing;

/// The checked-in sample: 12,000 lines, made by `data/generate.py`.
#[hotbench::bench_only]
mod sample {
    use crate::entry::{Entry, entries};

    pub(crate) const LOG: &str = include_str!("../data/access.log");

    pub(crate) fn parsed() -> Vec<Entry<'static>> {
        entries(LOG).collect()
    }

    /// The entries of one hour of the evening.
    pub(crate) fn parsed_hour() -> Vec<Entry<'static>> {
        entries(LOG)
            .filter(|entry| &entry.time[12..14] == "20")
            .collect()
    }
}
