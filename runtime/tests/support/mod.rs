//! Calls that keep to their budgets, and calls that don't.

#![allow(dead_code, reason = "each test file uses some")]

use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The message of the panic that a call ends in, or nothing.
pub(crate) fn report<R>(call: impl FnOnce() -> R) -> Option<String> {
    let payload = catch_unwind(AssertUnwindSafe(|| drop(call()))).err()?;
    Some(match payload.downcast::<String>() {
        Ok(report) => *report,
        Err(payload) => (*payload.downcast::<&str>().expect("a message")).to_owned(),
    })
}

#[track_caller]
pub(crate) fn passes<R>(call: impl FnOnce() -> R) {
    if let Some(report) = report(call) {
        panic!("{report}");
    }
}

/// The report of a call that is over its budget, which begins with `title`.
#[track_caller]
pub(crate) fn fails<R>(call: impl FnOnce() -> R, title: &str) -> String {
    let report = report(call).expect("the call is over its budget");
    assert!(report.starts_with(&format!("error: {title}")), "{report}");
    report
}

/// Allocates and frees eight bytes, so many times.
pub(crate) fn allocate(times: usize) {
    for _ in 0..times {
        black_box(Box::new(0_u64));
    }
}
