//! Async functions are run to their end: on tokio where its feature is on, else on a plain block-on.

use crate::support::{QUICK, UNOPTIMISED, cargo};

#[test]
fn on_the_runtime_that_is_asked_for() {
    // Each checks what it runs on, or what it is called with.
    cargo("test -p on-tokio --bench hot -- --skip panicking --skip over --skip twice")
        .passed()
        .says("test on-tokio::flavor/here ... ok")
        .says("test on-tokio::flavor/said ... ok")
        .says("test on-tokio::flavor/there ... ok")
        .says("test on-tokio::workers ... ok")
        .says("test on-tokio::borrowed ... ok")
        .says("test on-tokio::owned/2 ... ok")
        .says("test on-tokio::lent ... ok")
        .says("test on-tokio::plain ... ok")
        .says("test on-tokio::Connection::send/call ... ok")
        .says("test on-tokio::Session::kept ... ok")
        .says("test on-tokio::Session::opened ... ok")
        .says("test on-tokio::Session::joined ... ok")
        .says("test on-tokio::entered ... ok")
        .says("test on-tokio::endless ... ok");
}

#[test]
fn a_case_that_fails_fails_alone() {
    cargo("test -p on-tokio --bench hot -- panicking over held twice")
        .failed()
        .says("test on-tokio::spawned/held ... ok")
        .says("after a poll")
        .says("one call of `on-tokio::spawned/over` allocated 3 times")
        .says("---- on-tokio::twice ----")
        .says("a case measures one routine: call one method of its `Bencher`, once")
        .says("1 passed; 3 failed");
}

#[test]
fn async_functions_are_timed_and_what_they_leave_behind_holds_nothing_up() {
    let skipped = "--skip panicking --skip over --skip twice";
    let said = cargo(&format!(
        "bench -p on-tokio {UNOPTIMISED} -- {skipped} {QUICK}"
    ))
    .passed();
    assert_eq!(said.row("spawned/held")[3], "3");
    // What an `async` block in `args` takes is neither timed nor counted: it sleeps for a millisecond.
    let borrowed = said.row("borrowed");
    assert!(!borrowed[1].ends_with(" ms"), "{said}");
    assert_eq!(borrowed[3..5], ["0", "0 B"]);
    assert_ne!(said.row("endless")[1], "FAILED");
}

#[test]
fn without_tokio_a_future_is_polled_until_it_is_ready() {
    cargo("test -p block-on --bench hot -- --skip spawning").passed();
    let said = cargo(&format!("bench -p block-on -- sum ready {QUICK}")).passed();
    assert_eq!(said.row("sum")[3..5], ["0", "0 B"]);
}

#[test]
fn tokio_that_is_missed_is_a_line_to_add() {
    cargo("test -p block-on --bench hot -- spawning")
        .failed()
        .says("hotbench = { version = \"0.1\", features = [\"harness\", \"tokio\"] }");
}
