//! What a region costs in instructions, which repeat exactly where nanoseconds don't.

use std::process::Command;

use crate::support::{cargo, run, target};

/// Instructions of one call, by callgrind on two numbers of calls: what comes once cancels out.
fn instructions(kind: &str) -> f64 {
    let [few, many] = [1_000_u32, 3_000].map(|times| {
        let said = run(Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(target().join("release").join("region-cost"))
            .args([kind, &times.to_string()]))
        .passed();
        let (_, collected) = said.stderr.rsplit_once("Collected : ").expect("a total");
        let total = collected.lines().next().expect("a number");
        total.trim().parse::<f64>().expect("a number")
    });
    (many - few) / 2_000.0
}

/// What the second kind of call takes more than the first.
#[track_caller]
fn costs_at_most(plain: &str, guarded: &str, bound: f64) {
    let extra = instructions(guarded) - instructions(plain);
    assert!(
        extra <= bound,
        "{guarded}: {extra} instructions more, {bound} are allowed"
    );
    // The comparison can fail: the region is there.
    assert!(extra > 0.0, "{guarded}: {extra}");
}

#[test]
#[cfg(target_arch = "x86_64")]
fn entering_and_leaving_take_few_instructions() {
    cargo("build --release -p region-cost").passed();
    // Measured: 31 for a call, 44 for a poll.
    costs_at_most("plain", "guarded", 32.0);
    costs_at_most("plain poll", "guarded poll", 48.0);
}

#[test]
#[cfg(target_arch = "x86_64")]
fn a_hot_path_takes_a_load_and_a_branch_more_for_its_mark() {
    cargo("build --release -p region-cost").passed();
    // Measured: 3 and 4.
    costs_at_most("guarded", "hot", 3.0);
    costs_at_most("guarded poll", "hot poll", 4.0);
}

#[test]
#[cfg(target_arch = "x86_64")]
fn an_allocation_within_the_budget_takes_no_backtrace() {
    cargo("build --release -p region-cost").passed();
    // Measured: 321, for a call with one pair of alloc and free. A backtrace alone takes 10,000.
    costs_at_most("plain pair", "allowed pair", 330.0);
}
