//! Telling the compiler what is rare: a fingerprint of what clients say they are, escapes decoded.

use std::str::Bytes;

use hotbench::{bench_case, no_alloc};
use playbook_across::{BASIS, step_inline};

use crate::entry::Entry;
#[hotbench::bench_only]
use crate::sample;

/// A fingerprint of all agents; an escape is decoded where it is met.
#[bench_case(group = "branching", baseline, args(&sample::parsed()))]
pub fn agents_in_place(entries: &[Entry<'_>]) -> u64 {
    fingerprint(entries, |byte, rest| {
        if byte == b'\\' {
            decode_in_place(rest)
        } else {
            byte
        }
    })
}

/// A fingerprint of all agents; an escape is decoded in place, on a path that is said to be cold.
#[no_alloc]
#[bench_case(group = "branching", args(&sample::parsed()), no_alloc)]
pub fn agents_cold_path(entries: &[Entry<'_>]) -> u64 {
    fingerprint(entries, |byte, rest| {
        if byte == b'\\' {
            cold_path();
            decode_in_place(rest)
        } else {
            byte
        }
    })
}

/// A fingerprint of all agents; an escape is decoded in place, in a branch whose condition is said to be unlikely.
#[no_alloc]
#[bench_case(group = "branching", args(&sample::parsed()), no_alloc)]
pub fn agents_unlikely(entries: &[Entry<'_>]) -> u64 {
    fingerprint(entries, |byte, rest| {
        if unlikely(byte == b'\\') {
            decode_in_place(rest)
        } else {
            byte
        }
    })
}

/// A fingerprint of all agents; an escape is decoded in a function that is said to be rarely called.
#[no_alloc]
#[bench_case(group = "branching", args(&sample::parsed()), no_alloc)]
pub fn agents_cold(entries: &[Entry<'_>]) -> u64 {
    fingerprint(entries, |byte, rest| {
        if byte == b'\\' {
            decode_cold(rest)
        } else {
            byte
        }
    })
}

#[inline(always)]
fn fingerprint(entries: &[Entry<'_>], decode: impl Fn(u8, &mut Bytes<'_>) -> u8) -> u64 {
    let mut hash = BASIS;
    for agent in entries.iter().filter_map(|entry| entry.agent) {
        let mut rest = agent.bytes();
        while let Some(byte) = rest.next() {
            hash = step_inline(hash, decode(byte, &mut rest));
        }
    }
    hash
}

/// The byte that an escape stands for, of which the backslash is read.
#[inline(always)]
fn decode_in_place(rest: &mut Bytes<'_>) -> u8 {
    let digit = |rest: &mut Bytes<'_>| match rest.next() {
        Some(digit @ b'0'..=b'9') => digit - b'0',
        Some(digit @ b'A'..=b'F') => digit - b'A' + 10,
        _ => 0,
    };
    match rest.next() {
        Some(b'x') => digit(rest) << 4 | digit(rest),
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(byte) => byte,
        None => b'\\',
    }
}

#[cold]
#[inline(never)]
fn decode_cold(rest: &mut Bytes<'_>) -> u8 {
    decode_in_place(rest)
}

/// The condition, which the compiler takes for false.
#[inline(always)]
fn unlikely(condition: bool) -> bool {
    if condition {
        cold_path();
    }
    condition
}

/// What leads here is cold.
#[rustversion::since(1.95)]
#[inline(always)]
#[expect(clippy::incompatible_msrv, reason = "it is there since then")]
fn cold_path() {
    std::hint::cold_path();
}

/// What leads here is cold: before Rust 1.95, what leads to a call of a cold function.
#[rustversion::before(1.95)]
#[cold]
fn cold_path() {}

#[cfg(test)]
mod tests {
    use super::{agents_cold, agents_cold_path, agents_in_place, agents_unlikely, decode_cold};
    use crate::sample;

    #[test]
    fn all_have_the_same_fingerprint() {
        let entries = sample::parsed();
        let escaped = |agent: &str| agent.contains(r"\x");
        assert!(entries.iter().any(|entry| entry.agent.is_some_and(escaped)));
        let fingerprint = agents_in_place(&entries);
        assert_eq!(fingerprint, agents_unlikely(&entries));
        assert_eq!(fingerprint, agents_cold_path(&entries));
        assert_eq!(fingerprint, agents_cold(&entries));
    }

    #[test]
    fn an_escape_stands_for_one_byte() {
        for (escape, byte) in [("xC3", 0xc3), ("\"", b'"'), ("\\", b'\\'), ("n", b'\n')] {
            assert_eq!(decode_cold(&mut escape.bytes()), byte, "{escape}");
        }
    }
}
