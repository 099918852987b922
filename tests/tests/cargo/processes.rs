//! A case that takes its process with it costs itself alone.

use crate::support::{QUICK, Said, cargo};

fn names_what_happened(said: &Said) {
    said.says(
        "---- aborting::b_aborts ----\nended the process that measures it (signal: 6 (SIGABRT)",
    )
    .says(
        "---- aborting::c_exits ----\nended the process that measures it (exit status: 3)\n\
             printed by the case\n",
    )
    .says("panicked at aborting/src/lib.rs:23:5:\nreason of the panic\n");
    assert_eq!(said.target_code(), Some(1), "{said}");
}

#[test]
fn a_test_run_goes_on_after_an_abort_an_exit_and_a_panic() {
    let said = cargo("test -p aborting --bench hot").failed();
    said.says("test aborting::a_good ... ok")
        .says("test aborting::b_aborts ... FAILED")
        .says("test aborting::c_exits ... FAILED")
        .says("test aborting::d_panics ... FAILED")
        .says("test aborting::e_good ... ok")
        .says("test result: FAILED. 2 passed; 3 failed;");
    names_what_happened(&said);
}

#[test]
fn a_timed_run_measures_the_others() {
    let said = cargo(&format!("bench -p aborting -- {QUICK}")).failed();
    for failed in ["b_aborts", "c_exits", "d_panics"] {
        assert_eq!(said.row(failed), [failed, "FAILED"]);
    }
    for good in ["a_good", "e_good"] {
        assert_eq!(said.row(good)[3..], ["0", "0 B"]);
    }
    names_what_happened(&said);
}

#[test]
fn what_a_case_prints_is_heard_with_nocapture() {
    let said = cargo("test -p aborting --bench hot -- --nocapture c_exits").failed();
    said.says("printed by the case\n");
    assert_eq!(
        said.stdout.matches("printed by the case").count(),
        1,
        "{said}"
    );
}
