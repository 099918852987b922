//! Whole reports, as a failing test prints them. The snapshots have the fixture's lines.

use std::path::Path;
use std::process::Command;

use crate::support::{Said, cargo, cargo_with, executable, run, target};

/// What each failing test of `reports` printed, by its name.
fn failures(said: &Said) -> Vec<(&str, String)> {
    let mut failures = Vec::new();
    for block in said.stdout.split("\n---- ").skip(1) {
        let (name, text) = block.split_once(" stdout ----\n").expect("a test's output");
        let text = text.split("\n\n\nfailures:").next().expect("text");
        failures.push((name, masked(text)));
    }
    failures
}

/// Without the thread's number, and libtest's note in the first failure.
fn masked(text: &str) -> String {
    let line = |line: &str| match (line.split_once("' ("), line.split_once(") panicked")) {
        (Some((thread, _)), Some((_, at))) => format!("{thread}' panicked{at}"),
        _ => line.to_owned(),
    };
    let lines = text.trim().lines();
    let lines = lines.filter(|line| !line.starts_with("note: run with `RUST_BACKTRACE=1`"));
    lines.map(line).collect::<Vec<_>>().join("\n")
}

fn assert_snapshots(prefix: &str, failures: &[(&str, String)]) {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| {
        for (name, report) in failures {
            let name = format!("{prefix}{}", name.replace("::", "-"));
            insta::assert_snapshot!(name, report);
        }
    });
}

/// As `cargo test` builds by default, what a report's places are in.
const FULL: &str = r#"--config profile.dev.package.reports.debug="full""#;

#[test]
fn every_kind_of_report_is_as_it_was_approved() {
    let said = cargo(&format!("test -p reports {FULL} -- --test-threads=1")).failed();
    let failures = failures(&said);
    let tests = said.stdout.matches(" ... FAILED").count();
    assert_eq!(failures.len(), tests, "{said}");
    assert!(
        said.stdout.contains("test result: FAILED. 0 passed;"),
        "{said}"
    );
    assert_snapshots("", &failures);
}

/// The tests that show what becomes of a report of which less is known.
const DEGRADED: &str = "several_places deep_in first_use another_thread";

#[test]
fn without_debug_info_functions_are_named() {
    // Symbols alone, as in a release build by default.
    let said = cargo_with(
        &format!("test -p reports -- --test-threads=1 {DEGRADED}"),
        &[
            ("CARGO_PROFILE_TEST_DEBUG", "none"),
            ("CARGO_PROFILE_DEV_DEBUG", "none"),
        ],
    );
    assert_snapshots("without-debug-info-", &failures(&said.failed()));
}

#[test]
fn with_line_tables_alone_places_are_right() {
    // Functions are named without their crates.
    const LINES: &str = "line-tables-only";
    let said = cargo_with(
        &format!("test -p reports -- --test-threads=1 {DEGRADED} hints"),
        &[
            ("CARGO_PROFILE_TEST_DEBUG", LINES),
            ("CARGO_PROFILE_DEV_DEBUG", LINES),
        ],
    );
    assert_snapshots("with-line-tables-", &failures(&said.failed()));
}

#[test]
fn without_symbols_it_is_still_counted() {
    let program = executable(&format!(
        "test -p reports {FULL} --no-run --message-format=json"
    ));
    let stripped = target().join("reports-stripped");
    run(Command::new("strip").arg("-o").arg(&stripped).arg(program)).passed();
    assert_snapshots("without-symbols-", &failures(&run_tests(&stripped)));
}

#[test]
fn without_source_places_are_named() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let remapped = format!(
        "rustc -p reports {FULL} --profile test --lib --message-format=json -- \
         --remap-path-prefix={}=/elsewhere",
        fixtures.display()
    );
    let said = run_tests(&executable(&remapped));
    assert_snapshots("without-source-", &failures(&said));
}

#[test]
fn as_json_it_says_the_same() {
    const TESTS: &str = "several_places deep_in a_budget the_chain another_thread frees_in_vain";
    let arguments = format!("test -p reports {FULL} -- --test-threads=1 {TESTS}");
    let said = cargo_with(&arguments, &[("HOTBENCH_REPORT", "json")]).failed();
    let texts = cargo(&arguments).failed();
    let texts = failures(&texts);
    let reports: Vec<(&str, String)> = failures(&said)
        .into_iter()
        .map(|(name, failure)| {
            let (_, report) = failure
                .split_once('\n')
                .expect("a line after the panic's place");
            let mut report: serde_json::Value = serde_json::from_str(report).expect("JSON");
            let rendered = report["rendered"].take();
            let (_, text) = texts
                .iter()
                .find(|(text, _)| *text == name)
                .expect("a text");
            assert!(text.ends_with(rendered.as_str().expect("a text")), "{text}");
            (name, format!("{report:#}"))
        })
        .collect();
    assert_eq!(reports.len(), texts.len());
    assert_snapshots("as-json-", &reports);
}

#[test]
fn a_format_that_is_none_is_refused() {
    cargo_with(
        "test -p reports -- a_closure",
        &[("HOTBENCH_REPORT", "xml")],
    )
    .failed()
    .says("`HOTBENCH_REPORT` is `xml`: it is one of `text` and `json`");
}

/// Runs the tests outside of the workspace, where files named relative to it are not found.
fn run_tests(program: &Path) -> Said {
    run(Command::new(program)
        .args(DEGRADED.split(' '))
        .arg("--test-threads=1")
        .env("RUST_BACKTRACE", "0")
        .current_dir("/"))
    .failed()
}
