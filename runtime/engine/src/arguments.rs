//! `args(…)` of a case: each argument made once or afresh per call, as its type allows.

use std::cell::OnceCell;
use std::hint::black_box;

/// An argument's expression, not yet evaluated, and the place of a value that is made once and not moved.
///
/// Which of [`OnceSource`] and [`FreshSource`] its `__hotbench_source` method comes from is decided by the
/// type, through method resolution: the former needs one reference less, so it is taken where it
/// applies (autoref specialisation).
#[derive(Debug)]
pub struct Make<F, T> {
    make: F,
    kept: OnceCell<Box<T>>,
}

impl<T, F: Fn() -> T> Make<F, T> {
    /// Takes a closure around the expression.
    pub fn new(make: F) -> Self {
        let kept = OnceCell::new();
        Self { make, kept }
    }
}

/// `Copy` values: made once.
pub trait OnceSource {
    /// What the expression evaluates to.
    type Value: Copy;
    /// The argument's source.
    fn __hotbench_source(&self) -> Once<Self::Value>;
    /// The source of a value that may be large.
    fn __hotbench_large_source(&self) -> InPlace<'_, Self::Value>;
}

impl<T: Copy, F: Fn() -> T> OnceSource for Make<F, T> {
    type Value = T;
    fn __hotbench_source(&self) -> Once<T> {
        Once((self.make)())
    }
    fn __hotbench_large_source(&self) -> InPlace<'_, T> {
        InPlace(self.kept.get_or_init(|| Box::new((self.make)())))
    }
}

/// Any other values: made afresh for each call.
pub trait FreshSource<'a> {
    /// The closure around the expression.
    type Make;
    /// The argument's source.
    fn __hotbench_source(&self) -> Fresh<'a, Self::Make>;
    /// The same, of a value that may be large.
    fn __hotbench_large_source(&self) -> Fresh<'a, Self::Make>;
}

impl<'a, T, F: Fn() -> T> FreshSource<'a> for &'a Make<F, T> {
    type Make = F;
    fn __hotbench_source(&self) -> Fresh<'a, F> {
        Fresh(&self.make)
    }
    fn __hotbench_large_source(&self) -> Fresh<'a, F> {
        Fresh(&self.make)
    }
}

/// One value, copied for each call.
///
/// It moves along with the loop, which would load it anew in each iteration from behind a reference.
#[derive(Debug, Clone, Copy)]
pub struct Once<T>(T);

/// One value, copied for each call from where it is: each layer that it moved through would copy it where nothing is
/// optimised, and a large one would overflow the stack.
#[derive(Debug)]
pub struct InPlace<'a, T>(&'a T);

// Not derived, which would ask the same of the value.
impl<T> Clone for InPlace<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for InPlace<'_, T> {}

/// A value made for each call.
#[derive(Debug)]
pub struct Fresh<'a, F>(&'a F);

// Not derived: the closure need not be `Copy` itself.
impl<F> Clone for Fresh<'_, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Fresh<'_, F> {}

/// What is lent to a call is made for it, `Copy` or not.
pub fn lent<F, T>(make: &Make<F, T>) -> Fresh<'_, F> {
    Fresh(&make.make)
}

/// Checks what the function returned, of what comes out with it.
pub fn check_first<O, L>(returned: &(O, L), check: impl FnOnce(&O)) {
    check(&returned.0);
}

/// Where the value of one argument comes from.
pub trait Source: Copy {
    /// The argument's type.
    type Value;
    /// What is made of it before a call, and kept until then.
    type Made;
    /// Whether making that is work that must not be timed.
    const FRESH: bool;
    /// Makes what one call needs.
    fn make(&self) -> Self::Made;
    /// The value for the call, of which the optimiser knows nothing.
    fn pass(&self, made: Self::Made) -> Self::Value;
}

/// In the place of a value that is copied: in a batch of inputs, it would cost the timed loop its
/// moves.
#[derive(Debug)]
pub struct Nothing;

impl<T: Copy> Source for Once<T> {
    type Value = T;
    type Made = Nothing;
    const FRESH: bool = false;
    #[inline(always)]
    fn make(&self) -> Nothing {
        Nothing
    }
    #[inline(always)]
    fn pass(&self, _: Nothing) -> T {
        black_box(self.0)
    }
}

impl<T: Copy> Source for InPlace<'_, T> {
    type Value = T;
    type Made = Nothing;
    const FRESH: bool = false;
    #[inline(always)]
    fn make(&self) -> Nothing {
        Nothing
    }
    #[inline(always)]
    fn pass(&self, _: Nothing) -> T {
        *black_box(self.0)
    }
}

impl<T, F: Fn() -> T> Source for Fresh<'_, F> {
    type Value = T;
    type Made = T;
    const FRESH: bool = true;
    fn make(&self) -> T {
        (self.0)()
    }
    #[inline]
    fn pass(&self, made: T) -> T {
        black_box(made)
    }
}

/// The sources of all arguments that are passed by value.
pub trait Inputs: Copy {
    /// A tuple of what is made of each before a call.
    type Made;
    /// Whether any of them is made for each call.
    const FRESH: bool;
    /// Makes what one call needs.
    fn make(&self) -> Self::Made;
}

macro_rules! inputs {
    ($($name:ident $index:tt)+) => {
        impl<$($name: Source),+> Inputs for ($($name,)+) {
            type Made = ($($name::Made,)+);
            const FRESH: bool = false $(|| $name::FRESH)+;
            #[inline(always)]
            fn make(&self) -> Self::Made {
                ($(self.$index.make(),)+)
            }
        }
    };
}

// No argument, or references alone.
impl Inputs for () {
    type Made = ();
    const FRESH: bool = false;
    fn make(&self) {}
}

inputs!(A 0);
inputs!(A 0 B 1);
inputs!(A 0 B 1 C 2);
inputs!(A 0 B 1 C 2 D 3);
inputs!(A 0 B 1 C 2 D 3 E 4);
inputs!(A 0 B 1 C 2 D 3 E 4 F 5);
inputs!(A 0 B 1 C 2 D 3 E 4 F 5 G 6);
inputs!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
inputs!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8);
inputs!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9);
inputs!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10);
inputs!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11);

/// What is borrowed on several threads.
pub fn shared<T: Sync + ?Sized>(_: &T) {}
