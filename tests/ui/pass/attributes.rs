//! A function keeps its own attributes: documentation, lints, inlining, the caller that it tracks.

#![deny(warnings, missing_docs, clippy::all)]

use std::panic::Location;
use std::pin::Pin;

use hotbench::{hot, no_alloc};

/// Documented.
#[no_alloc]
#[inline]
#[must_use]
pub fn documented() -> u64 {
    1
}

#[hot]
#[cold]
#[inline(never)]
#[doc(hidden)]
#[allow(non_snake_case, clippy::all)]
fn Cold(Unusual: u64) -> u64 {
    Unusual
}

#[cfg(any())]
#[no_alloc]
fn not_there() {}

#[cfg_attr(all(), no_alloc)]
#[expect(unused_variables)]
fn expected(unused: u64) {
    let also = 1;
}

#[no_alloc]
#[track_caller]
fn tracked() -> u32 {
    Location::caller().line()
}

trait Tracked {
    #[no_alloc]
    #[track_caller]
    fn by_default(&self) -> u32 {
        Location::caller().line()
    }
}

#[derive(Clone)]
struct Here;

impl Tracked for Here {}

impl Here {
    #[no_alloc]
    #[track_caller]
    fn by_reference(&self) -> u32 {
        Location::caller().line()
    }

    #[hot(max_allocs = 9)]
    #[track_caller]
    fn by_pin(self: Pin<&mut Self>, (_, two): (u32, u32)) -> u32 {
        Location::caller().line() + two - 2
    }

    // Documented: the closure that owns `self` is the caller.
    #[no_alloc]
    #[track_caller]
    fn by_value(self) -> u32 {
        Location::caller().line()
    }
}

fn main() {
    assert_eq!(documented() + Cold(1), 2);
    expected(1);
    assert_eq!(tracked(), line!());
    let mut here = Here;
    assert_eq!(here.by_default(), line!());
    assert_eq!(here.by_reference(), line!());
    assert_eq!(Pin::new(&mut here).by_pin((1, 2)), line!());
    assert_ne!(here.by_value(), line!());
}
