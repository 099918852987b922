//! Samples and times: what the command line says, else the case, else `harness!`.

use crate::support::{QUICK, cargo};

const FEW: &str = "`sample_size` is 9: Criterion needs at least 10";

#[test]
fn a_case_goes_before_the_harness() {
    let said = cargo("bench -p settings --bench hot").failed();
    // Of the harness, for the one case that leaves it open.
    assert_eq!(said.row("double/open"), ["double/open", "FAILED"]);
    assert_eq!(said.stdout.matches(FEW).count(), 1, "{said}");
    assert!(said.row("double/said").len() > 3, "{said}");
    assert_eq!(said.row("double/wrong"), ["double/wrong", "FAILED"]);
    said.says("`warm_up_time` is zero: there is no time to measure in");
}

#[test]
fn the_command_line_goes_before_the_case() {
    let said = cargo(&format!("bench -p settings --bench hot -- {QUICK}")).passed();
    for case in ["double/open", "double/said", "double/wrong"] {
        assert!(said.row(case).len() > 3, "{said}");
    }
}

#[test]
fn a_criterion_that_is_given_is_taken() {
    let said = cargo("bench -p settings --bench configured -- double/open --nocapture").passed();
    said.says("a Criterion of the user's own\n");
    assert!(said.row("double/open").len() > 3, "{said}");
}
