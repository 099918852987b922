//! Every type that has an `impl`, and every place that `Self` may be in.

#![deny(
    warnings,
    missing_docs,
    rust_2018_idioms,
    single_use_lifetimes,
    unused_qualifications,
    clippy::all
)]

use std::marker::PhantomData;
use std::ops::Add;

use hotbench::{bench_case, bench_cases};

/// No value but its name.
#[derive(Debug)]
pub struct Unit;

#[bench_cases(with = Self)]
impl Unit {
    #![allow(clippy::unused_self)]

    /// Documented.
    #[bench_case(args(Self, vec![Self]))]
    pub fn unit(&self, _other: Self, more: Vec<Self>) -> usize {
        more.len()
    }
}

/// Generic, and a tuple.
#[derive(Debug)]
pub struct Marker<T>(PhantomData<T>);

#[bench_cases(with = Self(PhantomData), types(u8, r#type))]
impl<T> Marker<T> {
    /// Documented.
    #[bench_case(args(Self(PhantomData)))]
    pub fn marker(&self, other: Self) -> Self {
        other
    }
}

/// Its name is a keyword.
#[allow(non_camel_case_types)]
#[derive(Debug)]
pub struct r#type(u64);

#[bench_cases(with = Self(1))]
impl r#type {
    /// Documented.
    #[bench_case]
    pub fn r#fn(&self) -> u64 {
        self.0
    }
}

/// Elsewhere.
pub mod elsewhere {
    /// Not imported.
    #[derive(Debug)]
    pub struct Pair(pub u64, pub u64);
}

#[bench_cases(with = Self(1, 2))]
impl elsewhere::Pair {
    /// Documented.
    #[bench_case(check = |pair: &Self| { let Self(a, _) = pair; assert_eq!(*a, 1); })]
    pub fn pair(self) -> Self {
        self
    }
}

/// Borrows.
#[derive(Debug)]
pub struct Text<'a> {
    text: &'a str,
}

#[bench_cases(with = Self { text: "one" })]
impl Text<'_> {
    /// Documented.
    #[bench_case(args(&Self { text: "two" }), check = |text: &Self| assert_eq!(text.text, "two"))]
    pub fn or(&self, other: &Self) -> Self {
        Self {
            text: if self.text.len() > other.text.len() {
                "one"
            } else {
                "two"
            },
        }
    }
}

/// Has a type of its own.
pub trait Run {
    /// What it takes.
    type Input;
    /// A number.
    const N: u64;
    /// Documented.
    fn run(&mut self, input: &Self::Input, owned: Self::Input) -> u64;
}

#[bench_cases(with = Self)]
impl Run for Unit {
    type Input = u64;
    const N: u64 = 3;

    #[bench_case(args(&Self::N, { let n: Self::Input = 1; n }))]
    fn run(&mut self, input: &Self::Input, owned: Self::Input) -> u64 {
        input + owned
    }
}

#[bench_cases(with = { let text: Self = &Text { text: "x" }; text })]
impl Run for &Text<'_> {
    type Input = fn(&u8) -> u8;
    const N: u64 = 3;

    #[bench_case(args(&((|n| *n) as Self::Input), |n| *n))]
    fn run(&mut self, input: &Self::Input, owned: Self::Input) -> u64 {
        u64::from(input(&1) + owned(&2))
    }
}

#[bench_cases(with = [1, 2])]
impl Run for [u64] {
    type Input = usize;
    const N: u64 = 3;

    #[bench_case(args(&0, 1))]
    #[bench_case("call", args(&0, 1), per_call)]
    fn run(&mut self, input: &Self::Input, owned: Self::Input) -> u64 {
        self[*input] + self[owned]
    }
}

/// Without a size.
pub trait Shape {
    /// Documented.
    fn area(&self) -> u64;
}

impl Shape for u64 {
    fn area(&self) -> u64 {
        *self
    }
}

#[bench_cases(with = 4)]
impl dyn Shape + Send {
    /// Documented.
    #[bench_case(args(&3))]
    pub fn larger(&mut self, other: &Self) -> bool {
        self.area() > other.area()
    }
}

/// The trait names `Self`.
#[derive(Debug, Clone, Copy)]
pub struct Number(u64);

#[bench_cases(with = Self(1))]
impl Add<Self> for Number {
    type Output = Self;

    #[bench_case(args(Self(2)), check = |sum: &Self::Output| assert_eq!(sum.0, 3))]
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

macro_rules! from_a_fragment {
    ($ty:ty, $self:ident) => {
        #[bench_cases(with = Self(1))]
        impl $ty {
            /// Documented.
            #[bench_case]
            pub fn fragment(&$self) -> u64 {
                $self.0
            }
        }
    };
}

from_a_fragment!(Number, self);

/// There under conditions.
#[derive(Debug)]
pub struct Conditional;

#[bench_cases(with = Self)]
impl Conditional {
    /// Documented.
    #[cfg_attr(all(), bench_case, bench_case("two"))]
    #[cfg_attr(any(), bench_case)]
    pub fn there(&self) {}

    /// Documented.
    #[bench_case]
    #[cfg_attr(all(), cfg(any()), must_use)]
    pub fn not_there(&self) {}
}

/// What methods return may borrow from what they are called on.
#[derive(Debug)]
pub struct Bytes(Vec<u8>);

#[bench_cases(with = Self(vec![1]))]
impl Bytes {
    /// Documented.
    #[bench_case]
    pub fn first(&mut self) -> &mut u8 {
        &mut self.0[0]
    }

    /// Documented.
    ///
    /// # Errors
    ///
    /// If there is none.
    #[bench_case]
    pub fn tried(&mut self) -> Result<&mut u8, ()> {
        self.0.first_mut().ok_or(())
    }

    /// Documented.
    #[bench_case]
    #[bench_case("call", per_call)]
    pub fn all(&mut self) -> impl Iterator<Item = u8> {
        self.0.drain(..)
    }

    /// Documented.
    #[bench_case(check = |numbers| assert_eq!(numbers.clone().count(), 2))]
    pub fn nothing(&mut self) -> impl Iterator<Item = u8> + Clone + use<> {
        0..2
    }
}

/// Documented.
#[bench_case(args(&mut vec![1]))]
pub fn drained(bytes: &mut Vec<u8>) -> impl Iterator<Item = u8> {
    bytes.drain(..)
}

fn main() {}
