//! `--variants`: a fixture is built in other settings, trained for PGO, and measured against itself.

use std::fs;

use serde_json::Value;

use crate::formats::document;
use crate::support::folder;
use crate::variants::bench;

/// The variants of the only run.
fn variants(document: &Value) -> &Value {
    &document["runs"][0]["variants"]
}

#[test]
fn settings_are_built_trained_by_the_cases_and_measured() {
    let said = bench(&["--variants", "cgu1+pgo", "--format", "json"]).passed();
    said.says("note: PGO was trained by the cases that it is measured by");
    let measured = document(&said);
    assert_eq!(measured["runs"][0]["measured"], "variants");
    let run = variants(&measured);
    assert_eq!(
        [&run["profile"], &run["train"]],
        [&"bench".into(), &Value::Null]
    );
    let built = run["built"].as_array().expect("a list");
    let [variant] = &built[..] else {
        panic!("{run:#}");
    };
    assert_eq!(variant["settings"], Value::from(vec!["cgu1", "pgo"]));
    for figure in [
        &run["present"]["build_s"],
        &run["present"]["executable_bytes"],
        &variant["build_s"],
        &variant["executable_bytes"],
        &variant["training"]["build_s"],
        &variant["training"]["run_s"],
    ] {
        assert!(figure.as_f64() > Some(0.0), "{run:#}");
    }
    // Both cases have a change with its interval, and so has their mean.
    let cases = measured["cases"].as_array().expect("a list");
    assert_eq!(variant["overall"]["cases"], cases.len());
    let mut changes = vec![&variant["overall"]["change"]];
    for case in cases {
        assert_eq!(case["variants"][0]["name"], "cgu1+pgo");
        changes.push(&case["variants"][0]["versus"]["change"]);
    }
    assert_eq!(changes.len(), 3, "{measured:#}");
    for change in changes {
        let [lower, point, upper] = ["lower", "point", "upper"].map(|end| change[end].as_f64());
        assert!(lower < point && point < upper, "{change}");
    }

    // The table is made of the document alone.
    let file = folder("variants").join("report.json");
    fs::write(&file, &said.stdout).expect("it can be written");
    let table = bench(&["--merge", file.to_str().expect("UTF-8")]).passed();
    for row in ["sieve/few", "turns", "geometric mean"] {
        let mark = *table.row(row).last().expect("a cell");
        assert!(
            ["↓", "↑", "=", "?"]
                .iter()
                .any(|known| mark.ends_with(known)),
            "{table}"
        );
    }
    // As it is, and the variant.
    for row in ["time, from nothing", "executable"] {
        assert_eq!(table.row(row).len(), 3, "{table}");
    }
}

#[test]
fn a_command_trains() {
    let command = "cargo run -q --release -p trained -- 3 && \
                   grep -q sieve \"$(dirname \"$LLVM_PROFILE_FILE\")\"/*.profraw";
    let arguments = ["turns", "--variants", "pgo", "--train", command];
    let said = bench(&[&arguments[..], &["--format", "json"]].concat()).passed();
    let measured = document(&said);
    assert_eq!(variants(&measured)["train"], command);
    assert!(!said.stderr.contains("trained by the cases"), "{said}");
}
