//! Methods, async functions and threads as cases, in a crate that denies all warnings.

#![deny(warnings, missing_docs, rust_2018_idioms, clippy::all)]

use std::borrow::Cow;

use hotbench::{Bencher, bench_case, bench_cases, hot, no_alloc};

/// A type with everything.
#[derive(Debug, Clone)]
pub struct Words<'a, T, const N: usize = 4> {
    text: Cow<'a, str>,
    seen: [T; N],
}

#[bench_cases(
    with = Words { text: Cow::Borrowed("a b"), seen: [T::default(); N] },
    types(u8, Option<u16>),
    consts(1, 2),
)]
impl<'a, T, const N: usize> Words<'a, T, N>
where
    T: Copy + Default,
    Self: Sized,
{
    /// How many.
    pub const MOST: usize = N;

    /// Documented.
    #[must_use]
    #[inline]
    #[bench_case(check = |count| assert_eq!(*count, 2), no_alloc)]
    #[no_alloc]
    pub fn count(&self) -> usize {
        self.text.split(' ').count()
    }

    /// Generic itself.
    #[bench_case(types(u32), args(7, &[1, 2]), for extra in [1, 2], threads(1), throughput = Elements(extra))]
    pub fn with<U: Into<u64>>(&self, u: U, more: &[usize]) -> u64 {
        u.into() + more.len() as u64
    }

    /// Consumed, through a pattern.
    #[bench_case(args((1, 2)))]
    pub fn consumed(mut self, (a, _): (u64, u64)) -> (Self, u64) {
        self.text.to_mut().push('x');
        (self, a)
    }

    /// Changes.
    #[bench_case(args(&mut String::new()))]
    #[hot]
    pub fn changed(&mut self, out: &mut String) -> Option<&T> {
        out.push_str(&self.text);
        self.seen.first()
    }

    /// Not a case.
    pub fn other(self) -> Self {
        self
    }
}

/// A trait, and a type that has it.
pub trait Area {
    /// Square metres.
    fn area(&self, scale: u64) -> u64;
    /// Soon.
    fn later(self: Box<Self>) -> u64
    where
        Self: Sized,
    {
        0
    }
}

#[bench_cases(with = [1, 2, 3])]
impl Area for [u64; 3] {
    #[bench_case(args(2))]
    fn area(&self, scale: u64) -> u64 {
        self.iter().sum::<u64>() * scale
    }

    #[bench_case]
    fn later(self: Box<Self>) -> u64 {
        1
    }
}

/// Awaited.
#[bench_case(args(&async { vec![1, 2] }, async { String::from("x") }, &mut [3]))]
pub async fn awaited(numbers: &[u64], text: String, last: &mut [u64; 1]) -> String {
    last[0] = numbers.len() as u64;
    text
}

/// Generic, and never returns an error.
#[bench_case(types(u8), args(T::default()), check = |n| assert!(n.is_ok()))]
pub async fn generic<T: Default>(t: T) -> Result<T, std::fmt::Error> {
    Ok(t)
}

#[bench_case]
fn measured(bencher: &mut Bencher<'_>) {
    bencher.iter_async(async || 1);
}

/// From a macro.
macro_rules! cases {
    ($name:ident, $with:expr, $n:literal) => {
        #[bench_cases(with = $with)]
        impl $name {
            /// The macro's.
            #[bench_case(args($n), threads($n))]
            pub fn add(&self, n: u64) -> u64 {
                self.0 + n
            }
        }
    };
}

/// One.
#[derive(Debug)]
pub struct One(u64);

cases!(One, One(1), 2);

fn main() {
    let words = Words::<u8> {
        text: "a".into(),
        seen: [0; 4],
    };
    assert_eq!(words.count() + words.with(1_u32, &[]) as usize, 2);
    let mut words = words.other().consumed((1, 2)).0;
    words.changed(&mut String::new());
    assert_eq!([1, 2, 3].area(One(1).add(0)), 6);
    drop((awaited(&[], String::new(), &mut [0]), generic(1)));
}
