//! A crate that follows the README: its cases, its guarded functions, their reports.

use crate::support::{QUICK, Said, cargo};

fn unit_tests() -> Said {
    cargo("test -p adopted --lib").failed()
}

#[test]
fn a_test_that_reaches_an_allocation_fails_with_the_line_and_its_neighbours_pass() {
    unit_tests()
        .says("test tests::allocating_in_a_no_alloc_function_fails ... FAILED")
        .says(
            "\
panicked at adopted/src/lib.rs:40:12:
error: `adopted::copies::careless` is `#[no_alloc]`, but it allocated once, 4 bytes
  --> adopted/src/lib.rs:41:25
   |
41 |         let copy = text.to_owned();
   |                         ^^^^^^^^ alloc of 4 bytes
   |
note: `adopted::copies::careless` is guarded here
  --> adopted/src/lib.rs:40:12
   |
40 |     pub fn careless(text: &str) -> usize {
   |            --------
help: line 41: this copies what is borrowed: borrow it here too, or `clone_from`/`push_str` into one \
             that is kept
help: allocate before the call, or exempt it where it stands: `hotbench::allow_alloc(|| …)`
",
        )
        .says("test tests::a_neighbour_passes ... ok")
        .says("test tests::exempt_allocations_pass ... ok")
        .says("test tests::closures_are_counted ... ok")
        .says("test result: FAILED. 4 passed; 5 failed;");
}

#[test]
fn a_budget_of_two_holds_at_two_and_fails_at_the_third() {
    unit_tests()
        .says("test tests::two_allocations_are_within_the_budget ... ok")
        .says("test tests::the_third_allocation_is_over_the_budget ... FAILED")
        .says(
            "\
error: `adopted::copies::boxes` is over its budget: it allocated 3 times, 24 bytes, where \
             `#[hot(max_allocs = 2)]` allows less
  --> adopted/src/lib.rs:34:34
   |
34 |             std::hint::black_box(Box::new(i));
   |                                  ^^^^^^^^ alloc of 8 bytes
   |
   = note: 2 allocations before, within the budget
",
        );
}

#[test]
fn a_method_is_named_with_its_type() {
    unit_tests()
        .says("`adopted::copies::Buffer::push` is `#[no_alloc]`, but it allocated once, 8 bytes")
        .says("62 |             self.bytes.push(byte);\n   |                        ^^^^ ");
}

#[test]
fn a_closure_that_allocates_is_reported_where_it_runs() {
    unit_tests()
        .says("panicked at adopted/src/lib.rs:144:9:")
        .says("error: a closure in `assert_no_alloc` allocated once, 4 bytes");
}

#[test]
fn a_real_panic_keeps_its_message() {
    let said = unit_tests();
    let (_, failure) = said
        .stdout
        .split_once("---- tests::a_real_panic_keeps_its_message stdout ----")
        .expect("the test fails");
    let failure = failure
        .split("----")
        .next()
        .expect("text before the next failure");
    assert!(failure.contains("the real reason"), "{said}");
    assert!(!failure.contains("unlucky"), "{said}");
}

#[test]
fn a_library_is_guarded_in_an_integration_test() {
    cargo("test -p adopted --test guarded")
        .failed()
        .says("test the_guard_is_live_in_a_library_that_a_test_links ... FAILED")
        .says("41 |         let copy = text.to_owned();");
}

#[test]
fn cargo_test_runs_each_case_once() {
    let said = cargo("test -p adopted --bench hot").passed();
    said.says("running 5 tests")
        .says("test adopted::copies::repeated/owned ... ok")
        .says("test adopted::fixture_sum/sum ... ok")
        .says("test adopted::sorting ... ok")
        .says("test adopted::words::private::count/long ... ok")
        .says("test adopted::words::private::count/short ... ok")
        .says("test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out;")
        .says("note: guard live on 6 of 6 functions");
}

#[test]
fn cargo_bench_ends_with_one_table() {
    let said = cargo(&format!("bench -p adopted -- {QUICK}")).passed();
    assert_eq!(
        said.row("case")[..5],
        ["case", "time", "95 % interval", "allocs", "bytes"]
    );
    // What is counted is exact: `repeat` allocates its result, from entry to return.
    assert_eq!(said.row("repeated/owned")[3..5], ["1", "9 B"]);
    assert_eq!(said.row("count/long")[3..5], ["0", "0 B"]);
    let time = said.row("count/long")[1];
    assert!(time.ends_with("ns") || time.ends_with("µs"), "{said}");
    // Criterion itself is not heard.
    said.never_says("Benchmarking").never_says("Gnuplot");
}
