//! `#[bench_cases]` makes methods cases, with the receivers that `with` makes.

use crate::support::{QUICK, cargo};

/// One a line, in the order of the list.
const METHODS: &str = "\
methods::Counter::boxed
methods::Counter::called_once/batch
methods::Counter::called_once/call
methods::Counter::consumed
methods::Counter::in_arc_by_reference
methods::Counter::in_rc
methods::Counter::pinned/batch
methods::Counter::pinned/call
methods::Counter::pinned_box
methods::Counter::pinned_shared
methods::Counter::renamed
methods::Counter::shared
methods::Counter::stepped/1
methods::Counter::stepped/10
methods::Counter::with_its_own
methods::Counter::without_self
methods::Lines::conditional
methods::Lines::joined
methods::Lines::next/u8
methods::Lines::next/u64
methods::Lines::repeated/u8/2
methods::Lines::repeated/u8/4
methods::Lines::repeated/u64/2
methods::Lines::repeated/u64/4
methods::Pair::sum
methods::Single::sum
methods::Vec::sum/vec
methods::[u64]::total/batch
methods::[u64]::total/call
methods::type::total
";

#[test]
fn every_receiver_is_made() {
    let said = cargo("test -p methods --bench hot -- --list --format terse").passed();
    assert_eq!(said.stdout.replace(": benchmark", ""), METHODS);
    cargo("test -p methods --bench hot -- --skip called_once/batch").passed();
}

#[test]
fn a_mutable_receiver_is_made_for_a_batch_or_for_each_call() {
    // The method panics when it is called a second time on the same.
    cargo("test -p methods --bench hot -- called_once")
        .failed()
        .says("methods::Counter::called_once/batch ... FAILED")
        .says("methods::Counter::called_once/call ... ok");
    let said = cargo(&format!("bench -p methods -- called_once {QUICK}")).failed();
    assert_eq!(said.row("called_once/batch")[1], "FAILED");
    assert_ne!(said.row("called_once/call")[1], "FAILED");
}

#[test]
fn methods_are_timed() {
    let said = cargo(&format!("bench -p methods -- --skip called_once {QUICK}")).passed();
    said.says("methods::Counter\n").says("methods::Lines\n");
    // What makes the receiver is not counted: a `String`, and a box around it.
    assert_eq!(said.row("boxed")[3..5], ["0", "0 B"]);
    assert_eq!(said.row("renamed")[3..5], ["0", "0 B"]);
    assert_eq!(said.row("stepped/10")[3..5], ["1", "24 B"]);
}
