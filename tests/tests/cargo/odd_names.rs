//! Names that no file system likes are names like others.

use crate::support::{QUICK, cargo};

/// In the order of what the fixture's attributes tell them, from 1.
fn names() -> Vec<String> {
    let long = format!("long_{}", "x".repeat(295));
    let names = [
        "a/b",
        "..",
        "CON",
        "con",
        "nul.txt",
        "x:y*?\"<>|",
        "x:y*?\"<>?",
        "end.",
        "-rf",
        "same",
        "Same",
        "SAME",
        "größe",
        "gro\u{308}ße",
        "日本語",
        "back\\slash",
        "~",
        "$HOME %PATH%",
        "{id}",
        "a::b",
        &format!("{long}1"),
        &format!("{long}2"),
    ];
    names.map(str::to_owned).to_vec()
}

#[test]
fn they_are_listed_as_they_are() {
    let said = cargo("bench -p odd-names -- --list --format terse told").passed();
    let mut ids: Vec<String> = names()
        .iter()
        .map(|name| format!("odd-names::told/{name}: benchmark"))
        .collect();
    ids.sort_unstable();
    assert_eq!(said.stdout.lines().collect::<Vec<_>>(), ids);
}

#[test]
fn each_is_tested_by_its_name() {
    let said = cargo("test -p odd-names --bench hot").passed();
    for name in names() {
        said.says(&format!("test odd-names::told/{name} ... ok\n"));
    }
    for value in ["../../etc", "C:\\x", "a\\u{0}b", "\" \""] {
        said.says(&format!("test odd-names::length/{value} ... ok\n"));
    }
    cargo("test -p odd-names --bench hot -- --exact odd-names::told/..")
        .passed()
        .says("1 passed; 0 failed;");
}

#[test]
fn each_is_timed_with_a_result_of_its_own() {
    let said = cargo(&format!("bench -p odd-names -- {QUICK}")).passed();
    for (told, name) in (1_u32..).zip(names()) {
        let row = said.row(&format!("told/{name}"));
        let (time, unit) = row[1].split_once(' ').expect("a time and its unit");
        let unit = match unit {
            "µs" => 1.0,
            "ms" => 1000.0,
            other => panic!("{other} is no unit of these times\n{said}"),
        };
        let time = unit * time.parse::<f64>().expect("a number");
        assert!(time >= 100.0 * f64::from(told), "{name}\n{said}");
        assert_eq!(row[3], told.to_string(), "{name}\n{said}");
    }
}
