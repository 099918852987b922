//! Code of the user's panics in each place where the harness runs it: that costs its own case alone, and the report
//! has the reason.

use crate::support::{QUICK, bench_executable, cargo, run, timed};

const PLACES: [(&str, &str); 11] = [
    ("a_text_of_a_value", "in the text of a value"),
    ("b_iterator", "in the iterator of a sweep"),
    ("c_argument", "in an argument"),
    ("d_budget", "in a budget"),
    ("e_throughput", "in the throughput"),
    ("f_body", "in the body"),
    ("g_check", "in the check"),
    ("h_drop", "in the drop of an output"),
    ("i_thread/threads=2", "in a thread"),
    ("j_future", "in a future"),
    ("k_a_value_that_is_no_text", "a value that is no string"),
];

#[test]
fn a_test_run_names_the_case_and_the_reason() {
    let said = cargo("test -p panicking --bench hot").failed();
    assert_eq!(said.target_code(), Some(1), "{said}");
    for (case, reason) in PLACES {
        said.says(&format!("test panicking::{case} ... FAILED"))
            .says(reason);
    }
    said.says("test panicking::l_when_timed ... ok")
        .says("test panicking::m_good ... ok")
        .says("the sweep at panicking/src/lib.rs:16 panicked: in the text of a value")
        .says("2 passed; 11 failed;")
        .never_says("in the same process");
}

#[test]
fn a_timed_run_measures_the_others() {
    let said = run(&mut timed(&bench_executable("panicking"), QUICK)).failed();
    assert_eq!(said.code, Some(1), "{said}");
    for (case, _) in PLACES.into_iter().chain([("l_when_timed", "")]) {
        assert_eq!(said.row(case), [case, "FAILED"]);
    }
    said.says("in a timed call");
    assert_eq!(said.row("m_good")[3..5], ["0", "0 B"]);
}
