//! Which hot paths a test run has reached, and the list of all.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Said, cargo, cargo_in, copy_program, executable, folder, run};

const MISSED_BY_CASES: &str = "\
hot paths: 2 of 8 reached; not reached:
    covered::by_a_unit_test (src/lib.rs:14)
    covered::by_an_integration_test (src/lib.rs:19)
    covered::kinds::generic (src/lib.rs:36)
    covered::kinds::Buffer::into_last (src/lib.rs:45)
    <u16 as covered::kinds::Bits>::bits (src/lib.rs:59)
    <u8 as covered::kinds::Bits>::bits (src/lib.rs:59)
";
const MISSED_BY_UNIT_TESTS_AND_CASES: &str = "\
hot paths: 6 of 8 reached; not reached:
    covered::by_an_integration_test (src/lib.rs:19)
    <u16 as covered::kinds::Bits>::bits (src/lib.rs:59)
";

/// The fixture in a workspace of its own, and built anew: no test has run yet. All are built in one target
/// directory, so that they would see each other's marks if these were not told apart.
struct Copy(PathBuf);

impl Copy {
    fn new(test: &str) -> Self {
        let copy = Self(folder(&format!("covered-{test}")));
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let read = |file: &str| std::fs::read_to_string(fixtures.join(file)).expect(file);
        for file in ["src/lib.rs", "tests/linked.rs", "benches/hot.rs"] {
            copy.write(file, &read(&format!("covered/{file}")));
        }
        copy.write("Cargo.lock", &read("Cargo.lock"));
        // Files are shown from here on.
        copy.write(".git", "");
        let runtime = fixtures.join("../../runtime");
        let manifest = read("covered/Cargo.toml")
            .replace("name = \"covered\"", &format!("name = \"covered-{test}\""))
            .replace("[lib]\n", "[lib]\nname = \"covered\"\n")
            .replace(
                "hotbench.workspace = true",
                "hotbench = { workspace = true }",
            )
            .replace("workspace = true", &format!("path = {runtime:?}"));
        copy.write("Cargo.toml", &format!("{manifest}\n[workspace]\n"));
        copy
    }

    fn write(&self, file: &str, text: &str) {
        let file = self.0.join(file);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        std::fs::write(file, text).expect("written");
    }

    fn cargo(&self, arguments: &str) -> Said {
        cargo_in(self.0.to_str().expect("UTF-8"), arguments, &[])
    }
}

#[test]
fn unit_tests_integration_tests_and_cases_reach_all_together() {
    let copy = Copy::new("whole");
    let said = copy.cargo("test").passed();
    said.says("note: hot paths: all 8 reached\n");
    // The other executables are not run again.
    let said = copy.cargo("test -q --bench hot -- --require-coverage --format json");
    let document: Value = serde_json::from_str(&said.passed().stdout).expect("JSON");
    assert_eq!(
        document["runs"][0]["hot_paths"],
        serde_json::json!({"total": 8, "reached": 8, "required": true, "not_reached": []})
    );
}

#[test]
fn what_nothing_reaches_is_named_and_fails_where_all_is_required() {
    let copy = Copy::new("missed");
    copy.cargo("test --bench hot")
        .passed()
        .says(&format!("note: {MISSED_BY_CASES}"));
    let said = copy
        .cargo("test --bench hot -- --require-coverage")
        .failed();
    assert_eq!(said.target_code(), Some(1), "{said}");
    said.says("test result: ok. 3 passed")
        .says(&format!("error: {MISSED_BY_CASES}"));
    // One that knows little says nothing, unless it is asked.
    for filter in ["polled", "--skip polled", "--shard 1/2"] {
        copy.cargo(&format!("test --bench hot -- {filter}"))
            .passed()
            .never_says("hot paths");
    }
    copy.cargo("test --bench hot -- polled --require-coverage")
        .failed()
        .says(MISSED_BY_CASES);
}

#[test]
fn every_format_tells_what_is_not_reached() {
    let copy = Copy::new("formats");
    let run = |flags: &str| copy.cargo(&format!("test -q --bench hot -- {flags}"));
    let said = run("--format json").passed();
    let document: Value = serde_json::from_str(&said.stdout).expect("JSON");
    let paths = &document["runs"][0]["hot_paths"];
    assert_eq!([&paths["total"], &paths["reached"]], [8, 2]);
    assert_eq!(
        paths["not_reached"][2],
        serde_json::json!(
            {"function": "covered::kinds::generic", "file": "src/lib.rs", "line": 36, "live": true}
        )
    );
    run("--format github").passed().says(
        "::warning file=src/lib.rs,line=36,title=covered%3A%3Akinds%3A%3Ageneric is not reached::",
    );
    run("--format github --require-coverage")
        .failed()
        .says("::error file=src/lib.rs,line=36,title=");
    run("--format junit")
        .passed()
        .never_says("<testcase name=\"hot paths\"");
    run("--format junit --require-coverage")
        .failed()
        .says("tests=\"4\" skipped=\"0\" errors=\"0\" failures=\"1\"")
        .says("<failure message=\"2 of 8 reached\" type=\"not_reached\">hot paths: 2 of 8");
    // And what was required on one machine is so where its document is merged.
    let document = run("--format json --require-coverage").failed().stdout;
    copy.write("run.json", &document);
    let file = copy.0.join("run.json");
    run(&format!("--merge {}", file.display()))
        .failed()
        .says("error: of `hot` of `covered-formats`, hot paths: 2 of 8 reached; not reached:\n");
}

#[test]
fn a_test_that_is_built_anew_or_gone_has_reached_nothing_before() {
    let copy = Copy::new("rebuilt");
    copy.cargo("test").passed().says("hot paths: all 8 reached");
    copy.write("tests/linked.rs", "#[test]\nfn empty() {}\n");
    copy.cargo("test")
        .passed()
        .says(MISSED_BY_UNIT_TESTS_AND_CASES);

    let copy = Copy::new("removed");
    copy.cargo("test").passed().says("hot paths: all 8 reached");
    std::fs::remove_file(copy.0.join("tests/linked.rs")).expect("it was there");
    copy.cargo("test")
        .passed()
        .says(MISSED_BY_UNIT_TESTS_AND_CASES);
}

#[test]
fn tests_with_a_process_each_add_up() {
    let copy = Copy::new("processes");
    copy.cargo("nextest run")
        .passed()
        .says("9 tests run: 9 passed")
        .never_says("hot paths");
    copy.cargo("test --bench hot -- --require-coverage")
        .passed()
        .says("note: hot paths: all 8 reached");
}

#[test]
fn a_build_without_the_guard_says_that_it_records_nothing() {
    cargo("test --release -p covered --bench hot").passed().says(
        "note: hot paths: none is recorded in this build, for the guard is not live in it. `cargo test` \
         without `--release` records them; so does the feature `guard-release`\n",
    );
    let said = cargo("test --release -p covered --bench hot -- --require-coverage").failed();
    assert_eq!(said.target_code(), Some(2), "{said}");
    said.says("error: `--require-coverage` needs to know which hot paths are reached: none is rec");
}

#[test]
fn coverage_is_of_test_runs() {
    for flags in ["", "--check", "--list", "--list-hot"] {
        let arguments = format!("bench -p covered -- --require-coverage {flags}");
        let said = cargo(arguments.trim()).failed();
        assert_eq!(said.target_code(), Some(2), "{said}");
        said.says("error: `--require-coverage` is for test runs");
    }
}

#[test]
fn a_target_that_cannot_be_written_to_fails_no_test() {
    let target = folder("covered-unwritable");
    let deps = target.join("debug/deps");
    std::fs::create_dir_all(&deps).expect("made");
    std::fs::write(target.join("CACHEDIR.TAG"), "").expect("written");
    let built = executable("test -q -p covered --bench hot --no-run --message-format json");
    let bench = deps.join("hot-0");
    copy_program(&built, &bench);
    // There can't be a folder of this name, for root neither.
    std::fs::write(target.join("hotbench"), "").expect("written");
    run(&mut Command::new(&bench))
        .passed()
        .says("test result: ok. 3 passed")
        .says("note: hot paths: none can be recorded, for ")
        .says("hotbench/reached/debug can't be written to: ");
    let said = run(Command::new(&bench).arg("--require-coverage"));
    assert_eq!(said.code, Some(2), "{said}");
    said.says("error: `--require-coverage` needs to know which hot paths are reached: none can be");
    // Where it can be, they are; and only of what Cargo has among its `deps`.
    std::fs::remove_file(target.join("hotbench")).expect("it was there");
    let program = target.join("debug/hot");
    copy_program(&built, &program);
    run(&mut Command::new(&program))
        .passed()
        .says("note: hot paths: none can be recorded, for this executable is in no `deps`");
    assert!(!target.join("hotbench").exists());
    run(&mut Command::new(&bench))
        .passed()
        .says("hot paths: 2 of 8 reached");
    assert!(target.join("hotbench/reached/debug").is_dir());
}

#[test]
fn a_guard_that_is_switched_off_records_all_the_same() {
    let copy = Copy::new("off");
    let off = [("HOTBENCH_GUARD", "off")];
    let said = cargo_in(copy.0.to_str().expect("UTF-8"), "test", &off);
    said.passed().says("hot paths: all 8 reached");
}

#[test]
fn hot_paths_are_listed_with_their_budgets() {
    let said = cargo("test -q -p covered --bench hot -- --list-hot").passed();
    let place = |line: u32| format!("tests/fixtures/covered/src/lib.rs:{line}");
    assert_eq!(
        said.row("by_a_case"),
        [
            "by_a_case",
            "≤ 2 allocs, ≤ 4,096 B",
            "1",
            "live",
            "2",
            &place(8)
        ]
    );
    assert_eq!(
        said.row("by_a_unit_test"),
        ["by_a_unit_test", "no_alloc", "live", &place(14)]
    );
    assert_eq!(said.row("polled"), ["polled", "live", "1", &place(30)]);
    said.says("\n8 hot paths, guard live on 8\n");
    // A timed build lists them, too.
    let said = cargo("bench -q -p covered -- --list-hot kinds --skip bits").passed();
    assert_eq!(said.row("polled"), ["polled", "1", &place(30)]);
    said.says("\n3 hot paths, guard live on 0, 5 filtered out\n")
        .never_says("by_a_case");
    let said = cargo("bench -q -p covered -- --list-hot by_a_case --format json").passed();
    let list: Value = serde_json::from_str(&said.stdout).expect("JSON");
    assert_eq!(
        list,
        serde_json::json!({
            "schema": 1,
            "hot_paths": [{
                "function": "covered::by_a_case",
                "file": "tests/fixtures/covered/src/lib.rs",
                "line": 8,
                "column": 8,
                "max_allocs": 2,
                "max_bytes": 4096,
                "warmup": 1,
                "no_alloc": false,
                "live": false,
                "cases": ["covered::by_a_case/long", "covered::by_a_case/short"],
            }],
            "filtered_out": 7,
        })
    );
    let said = cargo("bench -p covered -- --list-hot --format junit").failed();
    assert_eq!(said.target_code(), Some(2), "{said}");
}
