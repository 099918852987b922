//! nextest, which runs each test in a process of its own.

use std::collections::BTreeSet;

use crate::support::{Said, cargo, cargo_in, folder};

#[test]
fn each_test_is_judged_in_its_own_process() {
    let said = cargo("nextest run -p crowd --lib --no-fail-fast").failed();
    said.says("64 tests run: 32 passed, 32 failed, 0 skipped")
        .says("`crowd::allocates` is `#[no_alloc]`, but it allocated 3 times, 24 bytes");
    let mut failed = said.stderr.lines().filter(|line| line.contains("FAIL ["));
    assert!(failed.all(|line| line.ends_with("::fails")), "{said}");
}

/// What nextest says has passed.
fn passed(said: &Said) -> BTreeSet<String> {
    let lines = said.stderr.lines().filter(|line| line.contains("PASS ["));
    let id = |line: &str| line.rsplit(' ').next().unwrap_or(line).to_owned();
    lines.map(id).collect()
}

const ADOPTED: [&str; 5] = [
    "adopted::copies::repeated/owned",
    "adopted::fixture_sum/sum",
    "adopted::sorting",
    "adopted::words::private::count/long",
    "adopted::words::private::count/short",
];

#[test]
fn cases_are_tests_and_leave_no_process_behind() {
    let said = cargo("nextest run -p adopted --bench hot").passed();
    said.says("5 tests run: 5 passed, 0 skipped")
        .never_says("LEAK");
    assert_eq!(passed(&said), ADOPTED.map(str::to_owned).into());
}

#[test]
fn a_case_that_fails_says_why_and_its_neighbour_passes() {
    let said = cargo("nextest run -p declared --bench hot --no-fail-fast -- words total/of/u8/2");
    let said = said.failed();
    said.says("3 tests run: 1 passed, 2 failed, 35 skipped")
        .says("---- declared::words/wrong ----")
        .says("three are wanted")
        .says(
            "error: one call of `declared::total/of/u8/2` allocated once, 2 bytes, where \
             `#[bench_case(max_bytes = 1)]` allows less",
        )
        .never_says("LEAK");
    assert_eq!(passed(&said), ["declared::words/right".to_owned()].into());
}

#[test]
fn a_case_that_takes_its_process_along_fails_alone() {
    let said = cargo("nextest run -p misbehaving --bench hot --no-fail-fast -- b_aborts i_good");
    said.failed()
        .says("2 tests run: 1 passed, 1 failed")
        .says("ended the process that measures it (signal: 6 (SIGABRT)")
        .never_says("LEAK");
}

#[test]
fn ignored_cases_are_run_where_that_is_asked_for() {
    let run = |flags: &str| {
        let arguments = format!("nextest run -p declared --bench hot{flags} -- slow right");
        cargo(&arguments).passed()
    };
    run("").says("1 test run: 1 passed, 37 skipped");
    run(" --run-ignored all").says("2 tests run: 2 passed, 36 skipped");
    let said = run(" --run-ignored only");
    said.says("1 test run: 1 passed, 37 skipped");
    assert_eq!(passed(&said), ["declared::slow".to_owned()].into());
}

#[test]
fn partitions_share_the_cases() {
    for kind in ["count", "hash"] {
        let [first, second] = [1, 2].map(|part| {
            let partition = format!("--partition {kind}:{part}/2");
            let flags = format!("nextest run -p adopted --bench hot --no-tests pass {partition}");
            passed(&cargo(&flags).passed())
        });
        assert!(first.is_disjoint(&second), "{first:?} {second:?}");
        let both: BTreeSet<String> = first.into_iter().chain(second).collect();
        assert_eq!(both, ADOPTED.map(str::to_owned).into(), "{kind}");
    }
}

#[test]
fn an_archive_is_run_in_another_place() {
    let folder = folder("archive");
    for name in ["unpacked", "sources/adopted", "sources/declared"] {
        std::fs::create_dir_all(folder.join(name)).expect("a folder");
    }
    // Alone of all sources, the workspace's manifest must be there.
    std::fs::write(folder.join("sources/Cargo.toml"), "[workspace]\n").expect("written");
    let archive = folder.join("tests.tar.zst");
    let archive = archive.display();
    cargo(&format!(
        "nextest archive -p adopted -p declared --benches --archive-file {archive}"
    ))
    .passed();
    let run = |filter: &str| {
        let sources = folder.join("sources");
        let flags = format!(
            "nextest run --archive-file {archive} --extract-to {} --extract-overwrite \
             --workspace-remap {} {filter}",
            folder.join("unpacked").display(),
            sources.display(),
        );
        cargo_in(sources.to_str().expect("UTF-8"), &flags, &[])
    };
    let said = run("-E package(adopted)").passed();
    said.never_says("LEAK");
    assert_eq!(passed(&said), ADOPTED.map(str::to_owned).into());
    run("-- words/wrong").failed().says("three are wanted");
    let unpacked = folder.join("unpacked/target");
    assert!(unpacked.is_dir(), "{}", unpacked.display());
}
