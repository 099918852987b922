//! A dependency by another name, `hb = { package = "hotbench", … }`: each attribute finds the runtime
//! where it is said to be, and by itself.

use crate::support::{QUICK, cargo};

/// The names of what says `crate = hb`, and of what does not.
const BOTH: [&str; 2] = ["", "unsaid::"];

#[test]
fn without_the_features_it_builds() {
    cargo("build -p renamed").passed();
    cargo("doc -p renamed --no-deps").passed();
}

#[test]
fn guards_are_live_in_its_tests() {
    let said = cargo("test -p renamed --lib").failed();
    for module in BOTH {
        said.says(&format!("test {module}tests::a_budget_is_held ... ok"))
            .says(&format!(
                "error: `renamed::{module}careless` is `#[no_alloc]`, but it allocated once, 6 bytes"
            ));
    }
    cargo("test -p renamed --doc").passed();
}

#[test]
fn cases_are_run_and_timed() {
    cargo("test -p renamed --bench hot")
        .passed()
        .says("test result: ok. 16 passed;")
        .says("note: guard live on 8 of 8 functions\n");
    for filter in ["unsaid", "--skip unsaid"] {
        let said = cargo(&format!("bench -p renamed -- {filter} {QUICK}")).passed();
        for case in [
            "reversed/u8/1",
            "reversed/u64/2",
            "sorted",
            "words/one",
            "words/swept/20",
        ] {
            assert_eq!(said.row(case)[3..5], ["0", "0 B"]);
        }
    }
}

#[test]
fn a_re_export_is_found_where_it_is_said_to_be() {
    cargo("build -p re-exported").passed();
    cargo("test -p re-exported --lib")
        .failed()
        .says("test tests::a_budget_is_held ... ok")
        .says("error: `re_exported::careless` is `#[no_alloc]`, but it allocated once, 6 bytes");
    let said = cargo(&format!("bench -p re-exported -- {QUICK}")).passed();
    for case in ["sorted", "words/one"] {
        assert_eq!(said.row(case)[3..5], ["0", "0 B"]);
    }
}
