//! Applications with an allocator of their own.

use crate::support::{QUICK, UNOPTIMISED, cargo};

#[test]
fn a_wrapped_allocator_is_guarded_and_counted() {
    for allocator in ["mimalloc", "jemalloc"] {
        let features = format!("--no-default-features --features {allocator}");
        cargo(&format!("test -p own-allocator --lib {features}"))
            .failed()
            .says("test tests::a_neighbour_passes ... ok")
            .says("test tests::every_method_is_the_allocators_own ... ok")
            .says("`own_allocator::careless` is `#[no_alloc]`, but it allocated once, 4 bytes")
            .says("     text.to_owned().len()\n");
    }
    let said = cargo(&format!("bench -p own-allocator {UNOPTIMISED} -- {QUICK}")).passed();
    assert_eq!(said.row("copied")[3..5], ["1", "4 B"]);
}

#[test]
fn a_librarys_dependency_does_not_decide_an_applications_allocator() {
    cargo("run -q -p allocator-of-app")
        .failed()
        .says("`allocator_of_app::careless` is `#[no_alloc]`, but it allocated once, 4 bytes");
    // For the library's own tests the dependency is enough.
    cargo("test -q -p allocator-of-app-library --lib")
        .passed()
        .says("1 passed");
}

#[test]
fn the_guard_asks_nothing_of_the_allocator_inside_a_region() {
    cargo("test -p recorder --lib").passed().says("3 passed");
}

#[test]
fn an_allocator_may_be_guarded_itself() {
    cargo("test -p recorder --test annotated")
        .passed()
        .says("1 passed");
}

#[test]
fn an_allocator_that_does_not_report_fails_the_first_region_with_what_to_write() {
    let said = cargo("test -p unwrapped-allocator --lib").failed();
    said.says("test result: FAILED. 0 passed; 2 failed;")
        .says("this program's allocator does not report to it")
        .says("static ALLOCATOR: hotbench::Alloc<MiMalloc> = hotbench::Alloc::new(MiMalloc);");
}

#[test]
fn budgets_that_nothing_counts_are_said_to_be_unchecked() {
    cargo("test -p unwrapped-allocator --bench hot")
        .passed()
        .says("guard live on 1 of 1 function, but the allocator does not report to it: what they")
        .says("the budgets of 1 case are not checked");
    let said = cargo(&format!(
        "bench -p unwrapped-allocator {UNOPTIMISED} -- {QUICK}"
    ))
    .passed();
    // Not zero: unknown.
    assert_eq!(said.row("copied")[3..5], ["–", "–"]);
}
