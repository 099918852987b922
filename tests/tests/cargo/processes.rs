//! A case that takes its process with it costs itself alone.

use crate::support::{QUICK, Said, cargo};

fn names_what_happened(said: &Said) {
    said.says(
        "---- misbehaving::b_aborts ----\nended the process that measures it (signal: 6 (SIGABRT)",
    )
    .says(
        "---- misbehaving::c_exits ----\nended the process that measures it (exit status: 3)\n\
             printed by the case\n",
    )
    .says("panicked at misbehaving/src/lib.rs:23:5:\nreason of the panic\n");
    const NOT_ONCE: &str = "a case measures one routine: call one method of its `Bencher`, once\n";
    said.says(&format!(
        "---- misbehaving::e_measures_nothing ----\n{NOT_ONCE}"
    ))
    // At the second call, in the user's own code.
    .says(&format!(
        "panicked at misbehaving/src/lib.rs:32:13:\n{NOT_ONCE}"
    ))
    .says(
        "error: one call of `misbehaving::h_is_over_its_budget` allocated once, 9 bytes, where \
             `#[bench_case(max_bytes = 8)]` allows less\n",
    );
    assert_eq!(said.target_code(), Some(1), "{said}");
}

#[test]
fn a_test_run_goes_on_after_an_abort_an_exit_and_a_panic() {
    let said = cargo("test -p misbehaving --bench hot").failed();
    said.says("test misbehaving::a_good ... ok")
        .says("test misbehaving::b_aborts ... FAILED")
        .says("test misbehaving::c_exits ... FAILED")
        .says("test misbehaving::d_panics ... FAILED")
        .says("test misbehaving::i_good ... ok")
        .says("test misbehaving::g_takes_no_time ... ok")
        .says("test misbehaving::h_is_over_its_budget ... FAILED")
        .says("test result: FAILED. 4 passed; 7 failed;")
        .says("measured in a debug build\n");
    names_what_happened(&said);
}

#[test]
fn a_timed_run_measures_the_others() {
    let said = cargo(&format!(
        "bench -p misbehaving -- --skip ::j_ --skip ::k_ {QUICK}"
    ))
    .failed();
    for failed in [
        "b_aborts",
        "c_exits",
        "d_panics",
        "e_measures_nothing",
        "f_measures_twice",
        "g_takes_no_time",
        "h_is_over_its_budget",
    ] {
        assert_eq!(said.row(failed), [failed, "FAILED"]);
    }
    said.says("Criterion left no result")
        .says("measured in a release build\n");
    for good in ["a_good", "i_good"] {
        assert_eq!(said.row(good)[3..5], ["0", "0 B"]);
    }
    names_what_happened(&said);
}

#[test]
fn a_late_death_names_the_case_that_was_there_before() {
    cargo("test -p misbehaving --bench hot -- j_leaves k_comes")
        .failed()
        .says("test misbehaving::j_leaves_a_thread_that_aborts ... ok")
        .says("test misbehaving::k_comes_after_it ... FAILED")
        .says("ended the process that measures it (signal: 6 (SIGABRT)")
        .says(
            "It failed after `misbehaving::j_leaves_a_thread_that_aborts`, in the same process. Alone, in a fresh \
             process, it passes: ",
        );
}

#[test]
fn what_a_case_prints_is_heard_with_nocapture() {
    let said = cargo("test -p misbehaving --bench hot -- --nocapture c_exits").failed();
    said.says("printed by the case\n");
    assert_eq!(
        said.stdout.matches("printed by the case").count(),
        1,
        "{said}"
    );
}
