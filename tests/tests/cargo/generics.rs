//! `types(…)` and `consts(…)` make a case for each choice of a generic function's parameters.

use crate::support::{QUICK, cargo, is_verdict};

#[test]
fn choices_are_listed_in_their_own_order() {
    let said = cargo("bench -p declared -- --list --format terse total zeroed flagged").passed();
    assert_eq!(
        said.stdout,
        "\
declared::flagged/(1,true): benchmark
declared::flagged/(WIDTH,false): benchmark
declared::flagged/(WIDTH+1,true): benchmark
declared::total/of/u8/2: benchmark
declared::total/of/u8/3: benchmark
declared::total/of/u64/2: benchmark
declared::total/of/u64/3: benchmark
declared::zeroed/u16/2: benchmark
declared::zeroed/u16/4: benchmark
declared::zeroed/u32/2: benchmark
declared::zeroed/u32/4: benchmark
"
    );
}

#[test]
fn each_choice_is_checked_and_held_to_its_budget_by_itself() {
    cargo("test -p declared --bench hot -- total zeroed copied_array flagged")
        .failed()
        .says("running 15 tests")
        .says("test declared::total/of/u8/2 ... FAILED")
        .says("test declared::total/of/u8/3 ... FAILED")
        .says("test declared::total/of/u64/2 ... FAILED")
        .says(
            "error: one call of `declared::total/of/u64/3` allocated once, 24 bytes, where \
             `#[bench_case(max_bytes = 8)]` allows less",
        )
        .says("test declared::zeroed/u32/4 ... ok")
        .says("11 passed; 4 failed;");
}

#[test]
fn each_choice_is_compared_with_its_like() {
    let said = cargo(&format!("bench -p declared -- zeroed copied_array {QUICK}")).passed();
    for choice in ["u16/2", "u16/4", "u32/2", "u32/4"] {
        let baseline = said.row(&format!("zeroed/{choice}"));
        assert_eq!(baseline.last(), Some(&"baseline"), "{said}");
        let other = said.row(&format!("copied_array/{choice}"));
        assert!(is_verdict(other.last()), "{said}");
    }
}
