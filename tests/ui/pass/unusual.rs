//! Forms that once failed, or that a careless expansion would break.

#![deny(warnings)]
#![allow(non_upper_case_globals, unused_parens)]

use hotbench::{bench_case, hot, no_alloc};

// Names that generated code might have for its own.
mod names {
    pub const arg0: u64 = 7;
    pub static region: u64 = 8;
    pub static bencher: u64 = 9;
    #[allow(non_camel_case_types)]
    pub type str = u64;
    pub const SITE: u64 = 1;
}
use names::{SITE, arg0, bencher, region, str};

#[bench_case(args(arg0, &bencher))]
#[hot(max_allocs = SITE)]
fn named_like_ours(n: str, m: &u64) -> u64 {
    n + m + region
}

// Types out of a `macro_rules!`, and in parentheses.
macro_rules! length {
    ($name:ident, $ty:ty, $value:expr) => {
        #[bench_case(args($value))]
        #[no_alloc]
        fn $name(text: $ty) -> usize {
            text.len()
        }
    };
}
length!(length, &std::primitive::str, &"abc".repeat(2));

mod parentheses {
    type Str = std::primitive::str;

    #[hotbench::bench_case(args(&"abc".repeat(2)))]
    pub fn length(text: (&Str)) -> usize {
        text.len()
    }
}

struct Owner(#[allow(dead_code)] u64);

impl Owner {
    #[no_alloc]
    fn split(self) -> (impl Iterator<Item = u64>, impl Iterator<Item = u64>) {
        (0..1, 0..self.0)
    }

    #[no_alloc]
    fn pair(self) -> [impl Copy; 2] {
        [self.0, self.0]
    }
}

#[no_alloc]
fn by_mutable_reference(ref mut n: u64, (ref mut m, _): (u64, u64)) -> u64 {
    *n += 1;
    *m += *n;
    *m
}

#[bench_case]
#[deprecated]
fn old() -> u64 {
    1
}

fn main() {
    assert_eq!(named_like_ours(1, &2), 11);
    assert_eq!(length("abc"), 3);
    assert_eq!(parentheses::length("abc"), 3);
    let (once, twice) = Owner(2).split();
    assert_eq!((once.count(), twice.count()), (1, 2));
    let _ = Owner(1).pair();
    assert_eq!(by_mutable_reference(1, (2, 3)), 4);
    #[allow(deprecated)]
    let one = old();
    assert_eq!(one, 1);
}
