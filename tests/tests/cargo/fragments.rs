//! Functions that macros make compute with an attribute what they compute without it.

use crate::support::cargo;

/// The fixture, in editions 2021 and 2024.
const PACKAGES: [&str; 2] = ["fragments", "fragments-2024"];

#[test]
fn what_ships_computes_what_it_computes_without_attributes() {
    for package in PACKAGES {
        cargo(&format!("run -q -p {package}"))
            .passed()
            .says("the same");
    }
}

#[test]
fn a_live_guard_and_cases_compute_what_is_computed_without_attributes() {
    for package in PACKAGES {
        let said = cargo(&format!("test -p {package} --lib --bench hot")).passed();
        said.says("test tests::fragments_are_what_they_are_without_attributes ... ok")
            .says("test tests::budgets_are_what_is_written ... ok")
            .says("test tests::helper_attributes_of_parameters_are_their_own_macros ... ok");
        // Of which each argument is checked.
        for case in ["given", "swept/6/18", "swept/8/24", "called/closure"] {
            said.says(&format!("test {package}::given::direct::{case} ... ok"));
        }
    }
}

#[test]
fn a_guard_that_is_not_live_computes_what_is_computed_without_attributes() {
    for package in PACKAGES {
        // As in a release build, but quicker to build.
        let not_live = format!("--config profile.dev.package.{package}.debug-assertions=false");
        cargo(&format!(
            "run -q -p {package} --features hotbench/guard {not_live}"
        ))
        .passed()
        .says("the same");
    }
}
