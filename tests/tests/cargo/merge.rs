//! `--merge`: one report of what several machines have measured.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::{QUICK, Said, bench_executable, folder, run, timed};

/// With groups and their baselines, sweeps, types, and what is of no group.
const SELECTED: &str = "sum_ zeroed copied_array area right longest/both";
const SHARDS: usize = 5;

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Measures, and writes the document to a file.
fn measure(executable: &Path, arguments: &str, file: &Path) -> Value {
    let said = run(&mut timed(
        executable,
        &format!("{QUICK} --format json {arguments}"),
    ));
    fs::write(file, &said.stdout).expect("written");
    parse(&said.stdout)
}

fn merge<'a>(
    executable: &Path,
    format: &str,
    files: impl IntoIterator<Item = &'a PathBuf>,
) -> Said {
    let mut command = timed(executable, &format!("--format {format} --merge"));
    run(command.args(files))
}

fn cases(document: &Value) -> &[Value] {
    document["cases"].as_array().expect("a list")
}

fn ids(document: &Value) -> Vec<&str> {
    let id = |case: &'_ Value| case["id"].as_str().map(str::to_owned);
    assert!(cases(document).iter().all(|case| id(case).is_some()));
    cases(document)
        .iter()
        .filter_map(|case| case["id"].as_str())
        .collect()
}

/// A case without what is timed, and without which run has measured it.
fn masked(case: &Value) -> Value {
    let mut case = case.clone();
    for name in ["run", "timing", "since_last", "duration_s"] {
        case[name] = Value::Null;
    }
    if let Some(compared) = case["vs_baseline"].as_object_mut() {
        compared.retain(|name, _| name == "baseline_id");
    }
    if let Some(throughput) = case["throughput"].as_object_mut() {
        throughput.retain(|name, _| name.ends_with("_per_call"));
    }
    case
}

#[test]
fn shards_make_the_report_of_the_whole() {
    let executable = bench_executable("declared");
    let folder = folder("shards");
    let whole = measure(&executable, SELECTED, &folder.join("whole.json"));
    let files: Vec<PathBuf> = (1..=SHARDS)
        .map(|shard| folder.join(format!("{shard}.json")))
        .collect();
    let shards: Vec<Value> = (1..=SHARDS)
        .zip(&files)
        .map(|(shard, file)| {
            measure(
                &executable,
                &format!("--shard {shard}/{SHARDS} {SELECTED}"),
                file,
            )
        })
        .collect();
    let said = merge(&executable, "json", &files).passed();
    assert_eq!(said.stderr, "", "{said}");
    let merged = parse(&said.stdout);
    assert!(cases(&whole).len() > 15, "{whole:#}");
    let compared = cases(&merged)
        .iter()
        .filter(|case| !case["vs_baseline"].is_null());
    assert!(compared.count() >= 6, "{merged:#}");
    let masked = |document| cases(document).iter().map(masked).collect::<Vec<_>>();
    assert_eq!(masked(&merged), masked(&whole));
    // Each case is of the run that has measured it, with what that run has measured.
    assert_eq!(merged["runs"].as_array().expect("a list").len(), SHARDS);
    for case in cases(&merged) {
        let run = usize::try_from(case["run"].as_u64().expect("a number")).expect("small");
        assert_eq!(merged["runs"][run], shards[run]["runs"][0]);
        let mut there = cases(&shards[run]).iter();
        let measured = there
            .find(|it| it["id"] == case["id"])
            .expect("it is there");
        assert_eq!(case["timing"], measured["timing"]);
        assert_eq!(case["vs_baseline"], measured["vs_baseline"]);
    }

    // What was merged merges to the same, to the last digit.
    let halves = [folder.join("a.json"), folder.join("b.json")];
    for (half, files) in halves.iter().zip([&files[..2], &files[2..]]) {
        // Shards are missing: it is shown, and fails.
        let said = merge(&executable, "json", files);
        assert_eq!(said.code, Some(1), "{said}");
        fs::write(half, said.stdout).expect("written");
    }
    let again = merge(&executable, "json", &halves).passed();
    assert_eq!(again.stdout, said.stdout);

    // The other formats.
    let table = merge(&executable, "human", &files).passed();
    table.says("words/right").says("longest/both");
    let lines = merge(&executable, "bencher", &files).passed();
    let named = lines.stdout.lines().map(|line| line.split(' ').nth(1));
    assert_eq!(named.collect::<Option<Vec<_>>>(), Some(ids(&merged)));

    a_missing_shard_fails(&executable, &files);
}

fn a_missing_shard_fails(executable: &Path, files: &[PathBuf]) {
    let there = files.iter().enumerate();
    let there = there.filter_map(|(index, file)| (index != 2).then_some(file));
    let said = merge(executable, "human", there);
    assert_eq!(said.code, Some(1), "{said}");
    assert_eq!(
        said.stderr, "error: of `hot` of `declared`, no file has the shard 3/5\n",
        "{said}"
    );
    said.row("case");
}

/// Of three cases, one of which has failed.
struct Measured {
    executable: PathBuf,
    folder: PathBuf,
    document: Value,
}

impl Measured {
    fn new(name: &str) -> Self {
        let executable = bench_executable("declared");
        let folder = folder(name);
        let arguments = format!("words area/product/1 {QUICK} --format json");
        let said = run(&mut timed(&executable, &arguments));
        assert_eq!(said.code, Some(1), "{said}");
        let mut document = parse(&said.stdout);
        // Another machine may have another commit: here it is told of where it is tested.
        document["runs"][0]["git"] = Value::Null;
        Self {
            executable,
            folder,
            document,
        }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let file = self.folder.join(name);
        fs::write(&file, text).expect("written");
        file
    }

    /// The document with the cases that have this in their id, changed.
    fn part(&self, name: &str, id: &str, change: impl Fn(&mut Value)) -> PathBuf {
        let mut document = self.document.clone();
        let list = document["cases"].as_array_mut().expect("a list");
        list.retain(|case| case["id"].as_str().expect("text").contains(id));
        change(&mut document);
        self.file(name, &document.to_string())
    }

    fn merge(&self, files: &[PathBuf]) -> Said {
        merge(&self.executable, "human", files)
    }

    /// What is said of a file that can't be merged, in a line.
    fn refused(&self, files: &[PathBuf]) -> String {
        let said = self.merge(files);
        assert_eq!(said.code, Some(2), "{said}");
        assert_eq!(said.stdout, "", "{said}");
        let error = said.stderr.strip_prefix("error: ");
        let error = error.unwrap_or_else(|| panic!("{said}"));
        assert_eq!(error.lines().count(), 1, "{said}");
        let folder = format!("{}/", self.folder.display());
        error.trim_end().replace(&folder, "")
    }
}

#[test]
fn a_case_in_two_files_is_an_error_that_names_both() {
    let measured = Measured::new("twice");
    let first = measured.part("first.json", "", |_| {});
    let second = measured.part("second.json", "right", |_| {});
    let error = measured.refused(&[first.clone(), second]);
    assert_eq!(
        error,
        "`declared::words/right` is both in first.json and in second.json: give each machine a \
         share of its own"
    );
    let error = measured.refused(&[first.clone(), first]);
    assert!(
        error.contains("is both in first.json and in first.json"),
        "{error}"
    );
}

#[test]
fn what_is_no_document_is_an_error_of_one_line() {
    let measured = Measured::new("foreign");
    let good = measured.part("good.json", "right", |_| {});
    let text = measured.document.to_string();
    let manifest = json!({"name": "app", "version": "1.0.0", "scripts": {}}).to_string();
    for (text, reason) in [
        (&text[..text.len() / 2], "EOF while parsing"),
        (
            "",
            "bad.json is empty: the run that was to write it could not start",
        ),
        ("\n", "bad.json is empty"),
        ("{}", "it has no `schema`"),
        ("[]", "it has no `schema`"),
        (manifest.as_str(), "it has no `schema`"),
        ("running 3 tests", "expected value at line 1 column 1"),
        (r#"{"schema": "1"}"#, "its `schema` is no number"),
        (r#"{"schema": 1}"#, "missing field `runs`"),
        (
            r#"{"schema": 1, "runs": [], "cases": []}"#,
            "it tells of no run",
        ),
        (
            r#"{"schema": 2, "all": "else"}"#,
            "bad.json has schema 2, this harness reads 1: measure with one version",
        ),
    ] {
        let bad = measured.file("bad.json", text);
        let error = measured.refused(&[good.clone(), bad]);
        assert!(error.contains(reason), "{text}\n{error}");
        assert!(error.starts_with("bad.json "), "{text}\n{error}");
    }
}

#[test]
fn a_file_that_is_not_there_is_an_error_that_says_where_it_was_looked_for() {
    let measured = Measured::new("missing");
    let error = measured.refused(&[measured.folder.join("none.json")]);
    assert!(
        error.starts_with("none.json can't be read: No such file"),
        "{error}"
    );
    assert!(!error.contains("looked for"), "{error}");
    let error = measured.refused(&["none.json".into()]);
    let place = std::env::current_dir().expect("a folder");
    let place = format!("It is looked for in {}, where Cargo runs", place.display());
    assert!(error.contains(&place), "{error}");
}

#[test]
fn a_case_of_a_run_that_is_not_there_is_an_error() {
    let measured = Measured::new("run");
    let file = measured.part("one.json", "right", |document| {
        document["cases"][0]["run"] = 1.into();
    });
    assert_eq!(
        measured.refused(&[file]),
        "one.json is not what `--format json` prints: `declared::words/right` is of a run that it \
         does not tell of"
    );
}

#[test]
fn what_failed_on_one_machine_fails_the_whole() {
    let measured = Measured::new("failed");
    let right = measured.part("right.json", "right", |_| {});
    let area = measured.part("area.json", "area", |_| {});
    measured.merge(&[right.clone(), area.clone()]).passed();
    let wrong = measured.part("wrong.json", "wrong", |_| {});
    let said = measured.merge(&[right, area, wrong]);
    assert_eq!(said.code, Some(1), "{said}");
    said.says("---- declared::words/wrong ----")
        .says("three are wanted");
    assert_eq!(said.row("words/wrong"), ["words/wrong", "FAILED"]);
}

#[test]
fn a_run_that_was_interrupted_is_not_whole() {
    let measured = Measured::new("partial");
    let right = measured.part("right.json", "right", |_| {});
    let area = measured.part("area.json", "area", |document| {
        document["runs"][0]["partial"] = true.into();
    });
    let said = measured.merge(&[right, area]);
    assert_eq!(said.code, Some(1), "{said}");
    said.row("words/right");
    said.says("error: a run of `hot` of `declared` was interrupted\n");
}

#[test]
fn shards_of_two_suites_make_neither_whole() {
    let measured = Measured::new("suites");
    let shard = |index: u64, of: u64| {
        move |document: &mut Value| {
            document["runs"][0]["shard"] = json!({"index": index, "of": of});
        }
    };
    let first = measured.part("first.json", "right", shard(1, 2));
    // Of which nobody has all: it must end all the same.
    let second = measured.part("second.json", "area", shard(3, u64::MAX));
    let said = measured.merge(&[first.clone(), second]);
    assert_eq!(said.code, Some(1), "{said}");
    let max = u64::MAX;
    said.says("error: of `hot` of `declared`, no file has the shard 2/2\n")
        .says(&format!(
            "no file has the shard 1/{max}, 2/{max}, 4/{max}, "
        ))
        .says(&format!("11/{max}, …\n"));
    // A share without a case is one all the same.
    let empty = measured.part("empty.json", "none of them", shard(2, 2));
    measured.merge(&[first, empty]).passed();
}

#[test]
fn revisions_are_not_mixed() {
    let measured = Measured::new("revisions");
    let of = |commit: &'static str| {
        move |document: &mut Value| {
            document["runs"][0]["git"] = json!({"commit": commit, "dirty": false});
        }
    };
    let right = measured.part("right.json", "right", of("0123"));
    let area = measured.part("area.json", "area", of("4567"));
    let said = measured.merge(&[right.clone(), area]);
    assert_eq!(said.code, Some(1), "{said}");
    said.says("error: `hot` of `declared` was measured at several revisions: 0123, 4567\n");
    let area = measured.part("area.json", "area", of("0123"));
    measured.merge(&[right, area]).passed();
}

#[test]
fn bench_targets_merge_and_the_same_case_of_two_is_none_given_twice() {
    let folder = folder("targets");
    let [app, core] = ["pair-app", "pair-core"].map(|package| {
        let file = folder.join(format!("{package}.json"));
        let executable = bench_executable(package);
        measure(&executable, "", &file);
        (executable, file)
    });
    // Any bench target reads them.
    let declared = bench_executable("declared");
    for executable in [&app.0, &core.0, &declared] {
        let merged = merge(executable, "json", [&core.1, &app.1]).passed();
        let merged = parse(&merged.stdout);
        let mut measured: Vec<(&str, &str)> = cases(&merged)
            .iter()
            .map(|case| {
                let run = usize::try_from(case["run"].as_u64().expect("a number"));
                let package = &merged["runs"][run.expect("small")]["package"];
                (
                    case["id"].as_str().expect("text"),
                    package.as_str().expect("text"),
                )
            })
            .collect();
        measured.sort_unstable();
        assert_eq!(
            measured,
            [
                ("pair-app::lines", "pair-app"),
                ("pair-core::fields", "pair-app"),
                ("pair-core::fields", "pair-core"),
            ]
        );
    }
}
