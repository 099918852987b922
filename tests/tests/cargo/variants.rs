//! `--variants`: a fixture built in several settings and measured against itself as it is.

use std::fs;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::formats::document;
use crate::support::{Said, UNOPTIMISED, command, folder, run};

/// They build in one folder, and have a core to themselves.
static ALONE: Mutex<()> = Mutex::new(());

/// The fixture; the arguments are those of its harness.
fn bench(arguments: &[&str]) -> Said {
    bench_with(arguments, &[])
}

/// The same, with variables of the environment.
fn bench_with(arguments: &[&str], variables: &[(&str, &str)]) -> Said {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["bench", "-q", "-p", "trained"]);
    cargo.args(UNOPTIMISED.split_whitespace());
    run(command(cargo.arg("--").args(arguments), ".", variables))
}

#[track_caller]
fn refused(arguments: &[&str], error: &str) {
    let said = bench(arguments).failed();
    assert_eq!(said.target_code(), Some(2), "{said}");
    said.says(error);
    assert_eq!(said.stdout, "", "{said}");
}

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

#[test]
fn a_command_that_fails_is_told_before_more_is_built() {
    let command = "echo no data here >&2; exit 3";
    let said = bench(&["--variants", "cgu1,pgo", "--train", command]).failed();
    assert_eq!(said.target_code(), Some(2), "{said}");
    said.says("the command of `--train` failed, `echo no data here >&2; exit 3`: it ended with exit status: 3")
        .says("\nno data here");
    assert!(
        !said.stderr.contains("built the profile as it is"),
        "{said}"
    );
}

#[test]
fn what_can_not_be_built_is_an_error_that_says_what_can() {
    const CHOICE: &str = "There are thin-lto, fat-lto, cgu1, native, pgo: `+` joins";
    for wrong in ["fast", "pgo+pgo", "thin-lto+fat-lto", "cgu1,cgu1"] {
        refused(&["--variants", wrong], CHOICE);
    }
    refused(
        &["--variants", "cgu1", "--train", "true"],
        "`--train` is for the setting `pgo`, which none of the variants has",
    );
    refused(&["--train", "true"], "--variants");
    for format in ["junit", "github", "bencher"] {
        refused(
            &["--variants", "cgu1", "--format", format],
            "has no place for variants: `--format json` has every figure",
        );
    }
    for flag in [
        "--compare=self",
        "--test",
        "--dhat",
        "--list",
        "--instructions",
    ] {
        refused(&["--variants", "cgu1", flag], "cannot be used with");
    }
}

#[test]
fn a_tool_that_is_none_is_told_before_anything_is_built() {
    let named = [("LLVM_PROFDATA", "/no/such/tool")];
    let said = bench_with(&["--variants", "pgo"], &named).failed();
    assert_eq!(said.target_code(), Some(2), "{said}");
    said.says("`LLVM_PROFDATA` names /no/such/tool, which is no `llvm-profdata` that can be run");
    assert!(!said.stderr.contains("built "), "{said}");
}
