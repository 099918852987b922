//! `format!` in a loop and a reused `String`: the day's entries as CSV.

use std::fmt::Write as _;
use std::io::{self, Write};

use hotbench::{bench_case, hot};

use crate::entry::Entry;
#[hotbench::bench_only]
use crate::sample;

/// Writes one CSV line for each entry: a new `String` each.
///
/// # Errors
///
/// What `out` fails with.
pub fn write_csv_formatted(entries: &[Entry<'_>], mut out: impl Write) -> io::Result<()> {
    for entry in entries {
        let line = format!(
            "{},{},{},{}\n",
            entry.client,
            entry.status,
            entry.bytes.unwrap_or(0),
            entry.request.path
        );
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

/// Writes one CSV line for each entry, all of them in turn in one `String`.
///
/// # Errors
///
/// What `out` fails with.
#[hot(max_allocs = 4)]
pub fn write_csv_reused(entries: &[Entry<'_>], mut out: impl Write) -> io::Result<()> {
    let mut line = String::with_capacity(256);
    for entry in entries {
        line.clear();
        // Writing into a `String` can't fail.
        let _ = writeln!(
            line,
            "{},{},{},{}",
            entry.client,
            entry.status,
            entry.bytes.unwrap_or(0),
            entry.request.path
        );
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

#[bench_case(group = "formatting", baseline, args(&sample::parsed()))]
#[hotbench::bench_only]
fn csv_formatted(entries: &[Entry<'_>]) -> io::Result<()> {
    write_csv_formatted(entries, io::sink())
}

#[bench_case(group = "formatting", args(&sample::parsed()), max_allocs = 4)]
#[hotbench::bench_only]
fn csv_reused(entries: &[Entry<'_>]) -> io::Result<()> {
    write_csv_reused(entries, io::sink())
}

#[cfg(test)]
mod tests {
    use super::{write_csv_formatted, write_csv_reused};
    use crate::sample;

    #[test]
    fn both_write_the_same() {
        let entries = sample::parsed();
        let (mut formatted, mut reused) = (Vec::new(), Vec::with_capacity(1 << 20));
        write_csv_formatted(&entries, &mut formatted).unwrap();
        write_csv_reused(&entries, &mut reused).unwrap();
        assert!(formatted.len() > entries.len());
        assert_eq!(formatted, reused);
    }
}
