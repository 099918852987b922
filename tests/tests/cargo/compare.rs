//! `--compare`: real revisions of a git repository, built and measured against the tree that is checked out.

use std::io::{ErrorKind, Read};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::formats::{document, junit};
use crate::revisions::{self, Repository};
use crate::support::{Said, run};

#[track_caller]
fn case<'a>(document: &'a Value, name: &str) -> &'a Value {
    let id = format!("app::{name}");
    let cases = document["cases"].as_array().expect("a list");
    let case = cases.iter().find(|case| case["id"] == id.as_str());
    case.unwrap_or_else(|| panic!("no {id} in {document:#}"))
}

/// What the table says of a case.
#[track_caller]
fn verdict<'a>(said: &'a Said, case: &str) -> &'a str {
    said.row(case).last().expect("a cell")
}

#[track_caller]
fn has_not_changed(case: &Value) {
    let verdict = case["vs_revision"]["verdict"].as_str().expect("a verdict");
    assert!(
        ["same", "inconclusive", "not_confirmed"].contains(&verdict),
        "{case:#}"
    );
}

/// As LLD has them, which links where nothing else is said.
#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn functions_that_both_versions_have_lie_at_the_same_addresses() {
    let (repository, _alone) = Repository::alone();
    for (older, least_alike) in [("base", 0.99), ("saved:before", 0.9)] {
        let said = repository.bench(&format!("--compare {older} --exact app::same"));
        let told = said
            .stderr
            .lines()
            .find(|line| line.contains("lie aligned"));
        let told = told.unwrap_or_else(|| panic!("{said}"));
        let (_, figures) = told.split_once(", and ").expect("more than that");
        let (alike, figures) = figures.split_once(" of ").expect("a share");
        let (of, rest) = figures.split_once(' ').expect("words");
        assert!(
            rest.starts_with("at the same address in both versions; "),
            "{told}"
        );
        let [alike, of] = [alike, of].map(|number| number.parse::<f64>().expect("a number"));
        assert!(of > 1_000.0 && alike / of >= least_alike, "{told}");
    }
}

#[test]
fn a_tree_with_uncommitted_work_is_measured_against_a_commit_and_left_as_it_is() {
    let (repository, _alone) = Repository::alone();
    let before = repository.state();
    let said = repository.bench("--compare base --format json").failed();
    assert_eq!(repository.state(), before);
    assert_eq!(said.target_code(), Some(1), "{said}");
    let document = document(&said);
    let run = &document["runs"][0];
    assert_eq!(run["measured"], "compare");
    let compared = &run["compared"];
    assert_eq!(
        [&compared["margin"], &compared["strict"]],
        [&Value::from(0.01), &false.into()]
    );
    let hash = repository.git("rev-parse base");
    assert_eq!(compared["with"], format!("base ({})", &hash[..9]));
    assert_eq!(
        compared["new"],
        Value::from(vec!["app::brand_new", "app::parse_headers"])
    );
    assert_eq!(
        compared["gone"],
        Value::from(vec!["app::gone", "app::parse_header"])
    );

    let slower = &case(&document, "slower")["vs_revision"];
    assert_eq!(slower["verdict"], "slower", "{slower:#}");
    let change = slower["change"]["point"].as_f64().expect("a number");
    assert!((0.1..0.6).contains(&change), "{slower:#}");
    assert_eq!(slower["allocs"]["new"], 0.0);
    let allocates = &case(&document, "allocates")["vs_revision"];
    assert_eq!(
        [&allocates["allocs"]["old"], &allocates["allocs"]["new"]],
        [1.0, 2.0]
    );
    assert_eq!(
        [&allocates["bytes"]["old"], &allocates["bytes"]["new"]],
        [16.0, 32.0]
    );
    // The line that was added, and not the one that has moved down for it.
    let line = revisions::newer()
        .lines()
        .position(|line| line.contains("drop(black_box(Vec"));
    assert_eq!(
        allocates["sites"],
        serde_json::json!([{
            "kind": "new",
            "function": "allocates",
            "file": "ws/app/src/lib.rs",
            "line": line.expect("it is there") + 1,
            "allocs": { "old": 0.0, "new": 1.0 },
            "bytes": { "old": 0.0, "new": 16.0 },
        }])
    );
    assert_eq!(slower["sites"], serde_json::json!([]));
    let instructions = &slower["instructions"];
    let [old, new] = ["old", "new"].map(|side| instructions[side].as_f64().expect("a number"));
    assert!((1.2..1.4).contains(&(new / old)), "{slower:#}");
    assert_eq!(instructions["exact"], true);
    has_not_changed(case(&document, "same"));
    assert_eq!(case(&document, "brand_new")["vs_revision"], Value::Null);

    // Each of these has failed for itself alone.
    let before = &case(&document, "aborts_before")["failure"];
    assert_eq!(before["kind"], "died");
    let message = before["message"].as_str().expect("text");
    assert!(
        message.starts_with("in the older version: it ended its process (signal: 6"),
        "{message}"
    );
    assert_eq!(case(&document, "aborts_now")["failure"]["kind"], "died");
}

#[test]
fn what_is_worse_is_told_to_people_and_to_machines() {
    let (repository, _alone) = Repository::alone();
    let skip = "--skip same --skip aborts --skip brand --skip gone --skip parallel --skip varies";
    let said = repository.bench(&format!("--compare base {skip}")).failed();
    assert_eq!(said.target_code(), Some(1), "{said}");
    assert_eq!(verdict(&said, "slower"), "SLOWER", "{said}");
    said.says("\n    allocs 1 → 2 (+1: ws/app/src/lib.rs:")
        .says("), bytes 16 B → 32 B, instructions ")
        .says("note: was `app::parse_header` renamed to `app::parse_headers`?")
        .says("so not compared: `app::parse_headers`\n")
        // Of those that are gone, the filters take this one alone.
        .says("alone: `app::parse_header`\n");
    let said = repository
        .bench("--compare base slower --format junit")
        .failed();
    let suites = junit(&said).suites;
    let [slower] = &suites[0].cases[..] else {
        panic!("{said}");
    };
    assert!(slower.status.is_failure(), "{said}");
    said.says("type=\"regression\"").says("slower, ");
    let said = repository
        .bench("--compare base slower --format github")
        .failed();
    said.says("::error file=ws/app/src/lib.rs,line=")
        .says("title=app%3A%3Aslower is worse than it was::slower, ");
    // A change that one can live with.
    let said = repository
        .bench("--compare base slower --margin 70")
        .passed();
    assert!(verdict(&said, "slower").starts_with("same"), "{said}");
}

#[test]
fn a_version_is_as_fast_as_itself() {
    let (repository, _alone) = Repository::alone();
    let said = repository
        .bench("--compare self same allocates --instructions --format json")
        .passed();
    let document = document(&said);
    assert_eq!(document["runs"][0]["compared"]["with"], "itself");
    for name in ["same", "allocates"] {
        let case = case(&document, name);
        has_not_changed(case);
        let instructions = &case["vs_revision"]["instructions"];
        assert!(instructions["old"].as_f64() > Some(0.0), "{case:#}");
        assert_eq!(instructions["old"], instructions["new"], "{case:#}");
    }
    // Without a margin it is never found to be: what is inconclusive passes, unless it must not.
    let undecided = "--compare self same --margin 0";
    let said = repository.bench(undecided).passed();
    assert!(verdict(&said, "same").starts_with("inconclusive"), "{said}");
    let said = repository.bench(&format!("{undecided} --strict")).failed();
    assert_eq!(said.target_code(), Some(1), "{said}");
}

#[test]
fn a_version_that_was_saved_is_compared_with_after_the_tree_has_changed() {
    let (repository, _alone) = Repository::alone();
    let said = repository.bench("--compare before slower allocates --format json");
    assert_eq!(said.target_code(), Some(1), "{said}");
    let document = document(&said);
    let hash = repository.git("rev-parse base");
    let with = document["runs"][0]["compared"]["with"].as_str();
    let with = with.expect("text");
    assert!(
        with.starts_with(&format!("before (saved, {} of ", &hash[..9])),
        "{with}"
    );
    let verdict = &case(&document, "slower")["vs_revision"]["verdict"];
    assert_eq!(verdict, "slower", "{said}");
    let sites = &case(&document, "allocates")["vs_revision"]["sites"];
    assert_eq!(sites.as_array().expect("a list").len(), 1, "{sites:#}");
    said.never_says("what differs may be for that");
}

#[test]
fn what_is_saved_has_a_name_of_its_own() {
    let (repository, _alone) = Repository::alone();
    for (arguments, error) in [
        ("--save a/b", "expected a name, and no path"),
        ("--save ..", "expected a name, and no path"),
        ("--save=", "expected a name, as in `before`"),
        ("--save self", "`self` is this executable's own name"),
        ("--save a same", "cannot be used with"),
        ("--save a --compare base", "cannot be used with"),
        (
            "--save a --format json",
            "`--format json` is a format of runs",
        ),
        ("--compare saved:none", "nothing was saved as `none`"),
    ] {
        let said = repository.bench(arguments).failed();
        assert_eq!(said.target_code(), Some(2), "{said}");
        said.says(error);
    }
    repository.git("tag before");
    let said = repository.bench("--compare before same").failed();
    repository.git("tag --delete before");
    assert_eq!(said.target_code(), Some(2), "{said}");
    said.says("write `--compare saved:before` or `--compare before~0`");
}

#[test]
fn an_executable_that_was_kept_is_compared_with() {
    let (repository, _alone) = Repository::alone();
    let kept = repository.kept.display();
    let said = repository.bench(&format!("--compare {kept} slower allocates"));
    assert_eq!(said.target_code(), Some(1), "{said}");
    // It lies elsewhere, and other tests are at work beside it.
    let told = verdict(&said, "slower");
    assert!(
        told == "SLOWER" || told.starts_with("inconclusive"),
        "{said}"
    );
    said.says("allocs 1 → 2");
    let other = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let said = repository.bench(&format!("--compare {} slower", other.display()));
    assert_eq!(said.target_code(), Some(2), "{said}");
}

#[test]
fn what_can_not_be_compared_with_is_an_error() {
    let (repository, _alone) = Repository::alone();
    let before = repository.state();
    for (revision, error) in [
        (
            "no-such-revision",
            "`no-such-revision` is neither a revision of this repository nor a bench executable",
        ),
        (
            "no-bench",
            " has no bench target `hot` to compare with: compare with a later revision",
        ),
        (
            "broken",
            "does not build:\nerror[E0425]: cannot find value `wrong` in this scope",
        ),
    ] {
        let said = repository
            .bench(&format!("--compare {revision} same"))
            .failed();
        assert_eq!(said.target_code(), Some(2), "{said}");
        said.says(error);
        assert_eq!(said.stdout, "", "{said}");
    }
    for flag in [
        "--dhat",
        "--flamegraph",
        "--check",
        "--list",
        "--time-budget=9",
    ] {
        let said = repository.bench(&format!("--compare base {flag}")).failed();
        assert_eq!(said.target_code(), Some(2), "{said}");
        said.says("cannot be used with");
    }
    let said = repository.bench("--compare base --format bencher").failed();
    assert_eq!(said.target_code(), Some(2), "{said}");
    said.says("`--format bencher` has no place for a comparison: `--format json` has every figure");
    assert_eq!(repository.state(), before);
}

#[test]
fn an_alias_does_not_hide_the_features_of_this_build() {
    let (repository, _alone) = Repository::alone();
    let before = repository.state();
    // Without the feature neither version builds.
    let said = repository.cargo("hb -- --compare base same").passed();
    assert!(!verdict(&said, "same").contains("SLOWER"), "{said}");
    said.never_says("is not seen");
    assert_eq!(repository.state(), before);
}

#[test]
fn what_has_become_parallel_is_not_kept_on_one_core() {
    let (repository, _alone) = Repository::alone();
    let said = repository
        .bench("--compare base parallel --format json")
        .passed();
    said.says(
        "note: `app::parallel` runs on several threads, and so on all cores: its interval is",
    );
    let document = document(&said);
    let versus = &case(&document, "parallel")["vs_revision"];
    assert_eq!(versus["one_core"], false, "{versus:#}");
    // Other tests may have the other core.
    let verdict = versus["verdict"].as_str().expect("text");
    assert!(
        ["faster", "inconclusive", "not_confirmed"].contains(&verdict),
        "{versus:#}"
    );
}

#[test]
fn allocations_that_vary_by_themselves_are_no_regression() {
    let (repository, _alone) = Repository::alone();
    let said = repository
        .bench("--compare base varies --format json")
        .passed();
    let document = document(&said);
    let allocs = &case(&document, "varies")["vs_revision"]["allocs"];
    assert_eq!(allocs["verdict"], "varies", "{allocs:#}");
}

/// Somebody to whom what waits can say so, and who says nothing.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    (listener, port.to_string())
}

#[test]
fn what_hangs_in_the_older_version_alone_is_given_up_and_the_rest_goes_on() {
    let (repository, _alone) = Repository::alone();
    let (_listener, port) = silent();
    let bench = "bench -q -p app --features extra -- --format json --include-ignored";
    let compare = "--compare base --timeout 10 waits parse_headers";
    let mut harness = repository.command(&format!("{bench} {compare}"));
    let said = run(harness.env("PORT_OF_THE_TEST", port)).failed();
    assert_eq!(said.target_code(), Some(1), "{said}");
    let document = document(&said);
    let failure = &case(&document, "waits")["failure"];
    assert_eq!(failure["kind"], "timed_out", "{said}");
    assert_eq!(
        failure["message"],
        "in the older version: it did not answer within 10 s; `--timeout` says how long it may take"
    );
    assert_eq!(case(&document, "parse_headers")["failure"], Value::Null);
}

/// Sends Ctrl-C's signal to `whom` when something that never ends says that it runs, and returns what was said once
/// it, too, has ended.
fn interrupted(command: &mut Command, whom: fn(u32) -> String) -> String {
    let (listener, port) = silent();
    let address = listener.local_addr().expect("its address");
    let mut harness = command
        .env("PORT_OF_THE_TEST", port)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .expect("it can be started");
    let id = harness.id();
    let mut stderr = harness.stderr.take().expect("it is piped");
    let heard = thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).expect("text");
        // So that nobody waits for what is never said.
        drop(TcpStream::connect(address));
        text
    });
    let (mut stream, _) = listener.accept().expect("somebody");
    // Where it does not end, the test is to fail, and not to last for ever.
    let long = Some(Duration::from_secs(60));
    stream.set_read_timeout(long).expect("it can be set");
    run(Command::new("kill").args(["-s", "INT", "--", &whom(id)]));
    // Until its process is gone.
    let read = stream.read_to_end(&mut Vec::new());
    let is_there = read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
    assert!(!is_there, "a process is left behind");
    harness.wait().expect("it ends");
    heard.join().expect("text")
}

#[test]
fn ctrl_c_in_a_build_leaves_no_tree_and_no_process() {
    let (repository, _alone) = Repository::alone();
    let before = repository.state();
    let mut harness = repository.command("");
    let mut command = Command::new(repository.executable());
    command.current_dir(repository.root.join("ws/app"));
    for (name, value) in harness.env("RUST_BACKTRACE", "0").get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.args(["--bench", "--compare", "endless", "same"]);
    let said = interrupted(&mut command, |harness| harness.to_string());
    assert!(
        said.contains("note: interrupted while building endless ("),
        "{said}"
    );
    assert!(said.contains("): no case was measured\n"), "{said}");
    assert_eq!(repository.state(), before);
}

#[test]
fn ctrl_c_in_a_comparison_leaves_no_tree_and_no_process() {
    let (repository, _alone) = Repository::alone();
    let before = repository.state();
    let waits = "bench -q -p app --features extra -- --compare base --ignored waits";
    let said = interrupted(&mut repository.command(waits), |cargo| format!("-{cargo}"));
    assert!(
        said.contains("note: interrupted: 0 of 1 case ran to their end\n"),
        "{said}"
    );
    assert_eq!(repository.state(), before);
}
