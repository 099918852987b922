//! The flags of a bench target.

use std::collections::BTreeMap;
use std::process::Command;

use crate::support::{QUICK, Said, cargo, executable, folder, run};

const IDS: [&str; 5] = [
    "adopted::copies::repeated/owned",
    "adopted::fixture_sum/sum",
    "adopted::sorting",
    "adopted::words::private::count/long",
    "adopted::words::private::count/short",
];

#[test]
fn the_terse_list_is_all_that_nextest_reads() {
    let said = cargo("test -p adopted --bench hot -- --list --format terse").passed();
    assert_eq!(
        said.stdout,
        IDS.map(|id| format!("{id}: benchmark\n")).concat()
    );
    let ignored = cargo("test -p adopted --bench hot -- --list --format terse --ignored").passed();
    assert_eq!(ignored.stdout, "");
}

#[test]
fn the_list_for_people_is_counted() {
    cargo("bench -p adopted -- --list")
        .passed()
        .says("adopted::sorting: benchmark\n")
        .says("\n0 tests, 5 benchmarks\n");
}

#[test]
fn filters_are_substrings_and_any_of_them_selects() {
    let said = cargo("test -p adopted --bench hot -- sorting count/ --skip short").passed();
    said.says("running 2 tests")
        .says("test adopted::sorting ... ok")
        .says("test adopted::words::private::count/long ... ok")
        .says("3 filtered out");
}

#[test]
fn shards_share_the_cases() {
    let mut ids = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let said = cargo(&format!(
            "bench -p adopted -- --list --format terse --shard {shard}"
        ));
        ids.extend(said.passed().stdout.lines().map(str::to_owned));
    }
    ids.sort_unstable();
    assert_eq!(ids, IDS.map(|id| format!("{id}: benchmark")));
    let said = cargo("bench -p adopted -- --shard 4/3").failed();
    assert_eq!(said.target_code(), Some(2), "{said}");
    said.says("expected `I/N`, with I from 1 to N, as in `2/5`");
}

#[test]
fn exact_filters_are_whole_ids() {
    cargo("test -p adopted --bench hot -- --exact adopted::sorting --nocapture")
        .passed()
        .says("running 1 test\n")
        .says("test adopted::sorting ... ok");
    cargo("test -p adopted --bench hot -- --exact sorting")
        .passed()
        .says("running 0 tests");
}

#[test]
fn a_timed_run_takes_filters_and_says_so_when_nothing_is_left() {
    let said = cargo(&format!("bench -p adopted -- sorting {QUICK}")).passed();
    said.row("sorting");
    said.never_says("count/long");
    cargo("bench -p adopted -- no_such_case")
        .passed()
        .says("no case to run, 5 filtered out");
}

#[test]
fn test_mode_wins_over_bench_mode() {
    cargo("bench -p adopted -- --test")
        .passed()
        .says("test adopted::sorting ... ok")
        .never_says("95 % interval");
}

#[test]
fn what_libtest_takes_is_taken() {
    let flags = "--test-threads=2 --show-output --no-capture -Z unstable-options --report-time --ensure-time \
                 --shuffle --shuffle-seed 7 --exclude-should-panic --force-run-in-process --format pretty";
    cargo(&format!("test -p adopted --bench hot -- {flags} sorting"))
        .passed()
        .says("test adopted::sorting ... ok");
    let help = cargo("bench -p adopted -- --help").passed();
    help.never_says("--shuffle").never_says("--test-threads");
}

/// The executable of a test target of the fixture `adopted`.
fn test_executable(target: &str) -> std::path::PathBuf {
    executable(&format!(
        "test -q -p adopted {target} --no-run --message-format json"
    ))
}

#[test]
fn no_flag_of_libtest_makes_a_bench_target_fail() {
    let libtest = test_executable("--test guarded");
    let hot = test_executable("--bench hot");
    let help = run(Command::new(libtest).arg("--help")).passed();
    let log = folder("logfile").join("log");
    let mut known = 0;
    for line in help.stdout.lines().map(str::trim_start) {
        let Some(flag) = line.split(' ').find(|word| word.starts_with("--")) else {
            continue;
        };
        if !line.starts_with('-') {
            continue;
        }
        known += 1;
        let values: &[&str] = match flag {
            "--logfile" => &[log.to_str().expect("UTF-8")],
            "--test-threads" | "--shuffle-seed" => &["7"],
            "--skip" => &["no_such_case"],
            "--color" => &["auto", "always", "never"],
            "--format" => &["pretty", "terse", "json", "junit"],
            _ => &[""],
        };
        for value in values {
            for mode in [&["--exact", "adopted::sorting"][..], &["--list"]] {
                let arguments = [flag, value].into_iter().filter(|text| !text.is_empty());
                let unstable = ["-Z", "unstable-options"];
                let mut command = Command::new(&hot);
                command.args(unstable).args(arguments).args(mode);
                // This build has debug assertions.
                command.args((flag == "--bench").then_some("--allow-debug"));
                run(&mut command).passed();
            }
        }
    }
    assert!(known > 18, "{help}");
    // Its second run has listed the cases, which writes no log.
    let log = std::fs::read_to_string(log).expect("a log");
    assert_eq!(log, "ok adopted::sorting\n");
}

/// The keys of each event, by what it is.
fn events(said: &Said) -> BTreeMap<String, Vec<String>> {
    let lines = said.stdout.lines().map(|line| {
        let event: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        let keys = event.as_object().expect("an object").keys();
        // Whether it is a test or a benchmark changes no key.
        let what = match text("type").as_str() {
            "benchmark" => "test".to_owned(),
            other => other.to_owned(),
        };
        (format!("{what} {}", text("event")), keys.cloned().collect())
    });
    lines.collect()
}

#[test]
fn the_events_of_a_test_run_are_those_of_libtest() {
    let crowd = executable("test -q -p crowd --lib --no-run --message-format json");
    let hot = executable("test -q -p declared --bench hot --no-run --message-format json");
    let both = |flags: &str, of_libtest: &str, ours: &str| {
        let events_of = |program: &std::path::Path, filters: &str| {
            let mut command = Command::new(program);
            command.args(["-Z", "unstable-options", "--format", "json"]);
            command.args(flags.split(' ').filter(|flag| !flag.is_empty()));
            command.args(filters.split(' '));
            // What makes the libtest of a stable compiler take unstable flags.
            let said = run(command
                .env("RUSTC_BOOTSTRAP", "1")
                .env("RUST_BACKTRACE", "0"));
            (events(&said), said)
        };
        let (libtest, _) = events_of(&crowd, of_libtest);
        let (hotbench, said) = events_of(&hot, ours);
        assert_eq!(libtest, hotbench, "{flags}\n{said}");
        said
    };
    both("--list", "", "");
    let said = both("", "fails", "words/wrong");
    assert_eq!(said.code, Some(1), "{said}");
    said.says("three are wanted");
    let said = both("--report-time", "passes", "words/right").passed();
    said.says("{ \"type\": \"suite\", \"event\": \"started\", \"test_count\": 1 }")
        .says("\"name\": \"declared::words/right\", \"event\": \"ok\", \"exec_time\": ");
    let said = run(Command::new(&hot)
        .args("-Zunstable-options --format=json slow".split(' '))
        .env("RUST_BACKTRACE", "0"))
    .passed();
    said.says(r#"{ "type": "test", "name": "declared::slow", "event": "ignored" }"#);
}

#[test]
fn a_run_that_fails_fast_says_how_many_cases_it_has_left_out() {
    let said = cargo("test -p declared --bench hot -- --fail-fast").failed();
    said.says(" passed; 1 failed; ")
        .says("because of `--fail-fast`");
}

#[test]
fn an_unknown_flag_is_refused_and_the_nearest_one_named() {
    let said = cargo("bench -p adopted -- --sampel-size 10").failed();
    assert_eq!(said.target_code(), Some(2), "{said}");
    said.says("error: unexpected argument '--sampel-size' found")
        .says("--sample-size");
}

#[test]
fn wrong_values_are_refused() {
    for (flag, reason) in [
        ("--sample-size 9", "9 is not in 10.."),
        ("--measurement-time 0", "expected a time above zero"),
        ("--warm-up-time soon", "expected seconds, as in `0.5`"),
    ] {
        let said = cargo(&format!("bench -p adopted -- {flag}")).failed();
        assert_eq!(said.target_code(), Some(2), "{said}");
        said.says(reason);
    }
}

#[test]
fn a_debug_build_is_not_timed() {
    let said = cargo("test -p adopted --bench hot -- --bench").failed();
    assert_eq!(said.target_code(), Some(2), "{said}");
    said.says("error: a build with debug assertions is not timed")
        .says("--allow-debug");
    let arguments = format!("test -p adopted --bench hot -- --bench --allow-debug sorting {QUICK}");
    cargo(&arguments).passed().row("sorting");
}

#[test]
fn help_names_the_command_that_a_user_types() {
    cargo("bench -p adopted -- --help")
        .passed()
        .says("Usage: cargo bench --bench hot -- [OPTIONS] [FILTER]...");
}
