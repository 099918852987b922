//! Cases of a test run share a process: what one leaves behind never decides in silence about another.

use std::time::{Duration, Instant};

use crate::support::{QUICK, Said, bench_executable, cargo, run, timed};

fn test(filters: &str) -> Said {
    cargo(&format!("test -p left-behind --bench hot -- {filters}"))
}

#[test]
fn a_crash_after_another_case_is_never_retried_into_a_pass() {
    let said = test("a_sets b_aborts").failed();
    assert_eq!(said.target_code(), Some(1), "{said}");
    said.says("test left-behind::a_sets_a_variable ... ok")
        .says("test left-behind::b_aborts_if_it_is_set ... FAILED")
        .says(
            "---- left-behind::b_aborts_if_it_is_set ----\n\
             ended the process that measures it (signal: 6 (SIGABRT)",
        )
        .says(
            "It failed after `left-behind::a_sets_a_variable`, in the same process. Alone, in a fresh process, it \
             passes: ",
        );
    test("b_aborts").passed();
}

#[test]
fn a_panic_after_another_case_says_that_the_case_passes_alone() {
    let said = test("c_changes d_reads").failed();
    said.says("test left-behind::d_reads_a_file_of_the_package ... FAILED")
        .says("It failed after `left-behind::c_changes_the_directory`, in the same process.")
        .says("the manifest: ");
    test("d_reads").passed();
}

#[test]
fn a_budget_that_another_case_has_broken_is_held_alone_too() {
    test("e_sets f_allocates")
        .failed()
        .says("allocated once, 128 bytes, where `#[bench_case(max_bytes = 64)]` allows less")
        .says("It failed after `left-behind::e_sets_a_limit`, in the same process.");
    test("f_allocates").passed();
}

#[test]
fn a_case_that_fails_alone_too_says_nothing_of_others() {
    let said = test("a_sets j_panics").failed();
    said.says("reason of the tear-down")
        .never_says("in the same process");
}

#[test]
fn a_set_up_that_may_run_once_passes_as_a_test_and_is_timed() {
    test("g_is_set_up_once").passed();
    let executable = bench_executable("left-behind");
    let said = run(&mut timed(&executable, &format!("g_is_set_up {QUICK}"))).passed();
    said.row("g_is_set_up_once");
}

#[test]
fn a_forked_process_that_lives_on_does_not_keep_the_run_from_noticing_an_abort() {
    let executable = bench_executable("left-behind");
    let start = Instant::now();
    let said = run(&mut timed(&executable, "--test h_forks k_good")).failed();
    // The forked process sleeps for a minute.
    assert!(start.elapsed() < Duration::from_secs(30), "{said}");
    said.says("test left-behind::h_forks_and_aborts ... FAILED")
        .says("ended the process that measures it (signal: 6 (SIGABRT)")
        .says("test left-behind::k_good ... ok");
}

#[test]
fn a_case_that_closes_the_line_to_the_harness_is_told_so() {
    let executable = bench_executable("left-behind");
    let said = run(&mut timed(&executable, "--test l_closes k_good")).failed();
    assert_eq!(said.code, Some(1), "{said}");
    // The process notices it and ends, or waits for ever and is killed.
    said.says("---- left-behind::l_closes_files_of_others ----")
        .says("does the case close files that it has not opened?")
        .says("test left-behind::k_good ... ok");
}

#[test]
fn a_forked_process_that_comes_back_answers_for_no_case() {
    let executable = bench_executable("left-behind");
    for arguments in ["--test", "--check"] {
        let arguments = format!("{arguments} m_forks n_fails k_good");
        let said = run(&mut timed(&executable, &arguments)).failed();
        assert_eq!(said.code, Some(1), "{said}");
        said.says("---- left-behind::n_fails_after_a_while ----")
            .says("reason of the failure")
            .never_says("---- left-behind::k_good ----")
            .never_says("---- left-behind::m_forks_and_returns_twice ----");
    }
    let said = run(&mut timed(&executable, &format!("m_forks k_good {QUICK}"))).passed();
    assert!(said.row("m_forks_and_returns_twice").len() > 3, "{said}");
}

#[test]
fn a_process_that_crashes_when_it_ends_fails_the_run() {
    let executable = bench_executable("left-behind");
    for arguments in ["--test o_aborts".to_owned(), format!("o_aborts {QUICK}")] {
        let said = run(&mut timed(&executable, &arguments)).failed();
        assert_eq!(said.code, Some(1), "{said}");
        said.says(
            "note: the process that measured `left-behind::o_aborts_when_its_process_ends` did not end as it should when \
             all was measured (signal: 6 (SIGABRT)",
        );
    }
}
