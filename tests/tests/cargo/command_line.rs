//! The flags of a bench target.

use crate::support::{QUICK, cargo};

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
