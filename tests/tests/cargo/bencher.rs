//! `--format bencher`: libtest's lines, and nothing else on standard output.

use crate::support::{QUICK, cargo};

/// The name, the time and what is after the `+/-`, as those who track benchmarks take them apart.
fn parse(line: &str) -> (&str, f64, f64) {
    let (name, rest) = line
        .strip_prefix("test ")
        .and_then(|line| line.split_once(" ... bench:"))
        .unwrap_or_else(|| panic!("{line}"));
    let (time, rest) = rest.split_once(" ns/iter (+/- ").expect("a time");
    let number = |text: &str| text.trim().replace(',', "").parse().expect("a number");
    assert!(!name.contains(' '), "{line}");
    (
        name,
        number(time),
        number(rest.strip_suffix(')').expect("its end")),
    )
}

#[test]
fn each_timed_case_is_a_line() {
    let said = cargo(&format!(
        "bench -p declared -- words calls {QUICK} --format bencher"
    ))
    .failed();
    let cases: Vec<_> = said.stdout.lines().map(parse).collect();
    let names: Vec<_> = cases.iter().map(|(name, ..)| *name).collect();
    assert_eq!(
        names,
        ["declared::calls", "declared::words/right"],
        "{said}"
    );
    assert!(cases.iter().all(|(_, time, _)| *time > 0.0), "{said}");
    said.says("declared::words/wrong failed: ");
}

#[test]
fn a_name_with_a_space_is_one_word() {
    let said = cargo(&format!(
        "bench -p block-on -- ready {QUICK} --format bencher"
    ))
    .passed();
    assert_eq!(
        parse(said.stdout.trim_end()).0,
        "block-on::ready/no_allocation"
    );
}
