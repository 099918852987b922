//! `--variants`: the errors before anything is measured. The nightly tests build and measure.

use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::support::{Said, UNOPTIMISED, command, run};

/// They build in one folder, and have a core to themselves.
static ALONE: Mutex<()> = Mutex::new(());

/// The fixture; the arguments are those of its harness.
pub(crate) fn bench(arguments: &[&str]) -> Said {
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
