//! `for NAME in EXPR` makes a case for each value.

use crate::support::{QUICK, cargo, is_verdict};

#[test]
fn values_are_listed_in_their_own_order() {
    let said = cargo("bench -p declared -- --list --format terse filled area").passed();
    assert_eq!(
        said.stdout,
        "\
declared::area/product/1/1: benchmark
declared::area/product/1/10: benchmark
declared::area/product/2/2: benchmark
declared::area/product/2/20: benchmark
declared::filled/8: benchmark
declared::filled/64: benchmark
declared::filled/1024: benchmark
"
    );
}

#[test]
fn each_value_is_checked_and_held_to_its_budget_by_itself() {
    cargo("test -p declared --bench hot -- filled area")
        .failed()
        .says("running 7 tests")
        .says("test declared::filled/8 ... ok")
        .says("test declared::filled/64 ... ok")
        .says("test declared::filled/1024 ... FAILED")
        .says(
            "error: one call of `declared::filled/1024` allocated once, 1,024 bytes, where \
             `#[bench_case(max_bytes = 64)]` allows less",
        )
        .says("test declared::area/product/2/20 ... ok")
        .says("6 passed; 1 failed;");
}

#[test]
fn one_value_is_run_by_its_name() {
    let said = cargo("test -p declared --bench hot -- --exact declared::filled/64").passed();
    said.says("running 1 test\n")
        .says("test declared::filled/64 ... ok");
}

#[test]
fn each_value_is_timed_with_its_own_rate_and_compared_with_its_like() {
    let said = cargo(&format!("bench -p declared -- filled/64 sums {QUICK}")).passed();
    assert!(said.row("filled/64")[6].ends_with("B/s"), "{said}");
    let said = cargo(&format!("bench -p declared -- sum_ {QUICK}")).passed();
    for value in ["4", "16"] {
        assert_eq!(
            said.row(&format!("sum_in_a_loop/looped/{value}")).last(),
            Some(&"baseline")
        );
        let row = said.row(&format!("sum_by_formula/formula/{value}"));
        assert!(is_verdict(row.last()), "{said}");
    }
}

#[test]
fn a_sweep_without_a_value_is_an_error_that_names_the_case() {
    let said = cargo("test -p empty-sweep --bench hot").failed();
    assert_eq!(said.target_code(), Some(2), "{said}");
    said.says(
        "error: the sweep of `empty-sweep::double`, at empty-sweep/src/lib.rs:3, has no value",
    );
}

#[test]
fn values_that_look_alike_are_refused() {
    let said = cargo("test -p same-values --bench hot").failed();
    assert_eq!(said.target_code(), Some(2), "{said}");
    said.says("error: two values of a sweep have the id `same-values::double/1`, at same-values/src/lib.rs:3");
}
