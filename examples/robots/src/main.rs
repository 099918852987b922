//! What robots took from the server in a day, by the hour, read by two threads.
//!
//! ```console
//! $ cargo run --release -p robots --features hotbench/profile
//! ```
//!
//! shows where the time went. Without the feature the line in `main` is nothing.

#![allow(clippy::print_stdout, reason = "a program that prints its results")]

use std::thread::{self, ScopedJoinHandle};

use hotbench::hot;
use playbook::entry::{Entry, parse_line};

const LOG: &str = include_str!("../../playbook/data/access.log");
const THREADS: usize = 2;

type Hours = [u64; 24];

fn main() {
    let _profile = hotbench::profile();
    let lines: Vec<&str> = LOG.lines().collect();
    let chunks = lines.chunks(lines.len().div_ceil(THREADS));
    let hours = thread::scope(|scope| {
        let threads: Vec<_> = chunks.map(|lines| scope.spawn(|| tally(lines))).collect();
        let tallies = threads.into_iter().map(ScopedJoinHandle::join);
        tallies.fold(Hours::default(), |sum, hours| {
            add(sum, hours.expect("no panic"))
        })
    });
    println!("{}", report(&hours));
}

/// Bytes sent to robots in each hour.
#[hot]
fn tally(lines: &[&str]) -> Hours {
    lines.iter().filter_map(|line| robots_bytes(line)).fold(
        Hours::default(),
        |mut hours, (hour, bytes)| {
            hours[hour] += bytes;
            hours
        },
    )
}

/// The hour and the size of a response, if it was a robot's.
#[hot(max_allocs = 1)]
fn robots_bytes(line: &str) -> Option<(usize, u64)> {
    let entry = parse(line)?;
    let hour = entry.time.get(12..14)?.parse().ok()?;
    is_robot(entry.agent?).then_some((hour, entry.bytes?))
}

#[hot(max_allocs = 0)]
fn parse(line: &str) -> Option<Entry<'_>> {
    parse_line(line).ok()
}

#[hot(max_allocs = 1)]
fn is_robot(agent: &str) -> bool {
    let agent = agent.to_lowercase();
    ["bot", "crawler", "spider"]
        .iter()
        .any(|word| agent.contains(word))
}

fn add(mut sum: Hours, hours: Hours) -> Hours {
    for (sum, bytes) in sum.iter_mut().zip(hours) {
        *sum += bytes;
    }
    sum
}

#[hot]
fn report(hours: &Hours) -> String {
    let lines = hours.iter().enumerate();
    let lines =
        lines.map(|(hour, bytes)| format!("{hour:02}:00  {:>9.1} KiB", *bytes as f64 / 1024.0));
    lines.collect::<Vec<String>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::is_robot;

    #[test]
    fn robots_name_themselves() {
        assert!(is_robot("Mozilla/5.0 (compatible; Googlebot/2.1)"));
        assert!(!is_robot("Mozilla/5.0 (X11; Linux x86_64)"));
    }
}
