//! `args(…)` of a case: each argument made once or afresh per call, as its type allows.

use criterion::BatchSize;

use super::bencher::Bencher;
use super::routine::{Async, Batched, Kept, Plain, on_threads};

/// An argument's expression, not yet evaluated.
///
/// Which of [`OnceSource`] and [`FreshSource`] its `__hotbench_source` method comes from is decided by the
/// type, through method resolution: the former needs one reference less, so it is taken where it
/// applies (autoref specialisation).
#[derive(Debug)]
pub struct Make<F>(pub F);

/// `Copy` values: made once.
pub trait OnceSource {
    /// What the expression evaluates to.
    type Value: Copy;
    /// The argument's source.
    fn __hotbench_source(&self) -> Once<Self::Value>;
}

impl<T: Copy, F: Fn() -> T> OnceSource for Make<F> {
    type Value = T;
    fn __hotbench_source(&self) -> Once<T> {
        Once((self.0)())
    }
}

/// Any other values: made afresh for each call.
pub trait FreshSource<'a> {
    /// The closure around the expression.
    type Make;
    /// The argument's source.
    fn __hotbench_source(&self) -> Fresh<'a, Self::Make>;
}

impl<'a, T, F: Fn() -> T> FreshSource<'a> for &'a Make<F> {
    type Make = F;
    fn __hotbench_source(&self) -> Fresh<'a, F> {
        Fresh(&self.0)
    }
}

/// One value, copied for each call.
#[derive(Debug)]
pub struct Once<T>(T);

/// A value made for each call.
#[derive(Debug)]
pub struct Fresh<'a, F>(&'a F);

/// What is lent to a call is made for it, `Copy` or not.
pub fn lent<F>(make: &Make<F>) -> Fresh<'_, F> {
    Fresh(&make.0)
}

/// Checks what the function returned, of what comes out with it.
pub fn check_first<O, L>(returned: &(O, L), check: impl FnOnce(&O)) {
    check(&returned.0);
}

/// Where the value of one argument comes from.
pub trait Source {
    /// The argument's type.
    type Value;
    /// Whether making a value is work that must not be timed.
    const FRESH: bool;
    /// The value for one call.
    fn make(&self) -> Self::Value;
}

impl<T: Copy> Source for Once<T> {
    type Value = T;
    const FRESH: bool = false;
    #[inline(always)]
    fn make(&self) -> T {
        self.0
    }
}

impl<T, F: Fn() -> T> Source for Fresh<'_, F> {
    type Value = T;
    const FRESH: bool = true;
    fn make(&self) -> T {
        (self.0)()
    }
}

/// The sources of all arguments that are passed by value.
pub trait Inputs {
    /// A tuple of the arguments.
    type Values;
    /// Whether any of them is made for each call.
    const FRESH: bool;
    /// The values for one call.
    fn make(&self) -> Self::Values;
}

macro_rules! inputs {
    ($($name:ident)+) => {
        impl<$($name: Source),+> Inputs for ($($name,)+) {
            type Values = ($($name::Value,)+);
            const FRESH: bool = false $(|| $name::FRESH)+;
            #[inline(always)]
            fn make(&self) -> Self::Values {
                #[allow(non_snake_case, reason = "one name serves for the type and its value")]
                let ($($name,)+) = self;
                ($($name.make(),)+)
            }
        }
    };
}

// No argument, or references alone.
impl Inputs for () {
    type Values = ();
    const FRESH: bool = false;
    fn make(&self) {}
}

inputs!(A);
inputs!(A B);
inputs!(A B C);
inputs!(A B C D);
inputs!(A B C D E);
inputs!(A B C D E F);
inputs!(A B C D E F G);
inputs!(A B C D E F G H);
inputs!(A B C D E F G H I);
inputs!(A B C D E F G H I J);
inputs!(A B C D E F G H I J K);
inputs!(A B C D E F G H I J K L);

/// Measures `routine`, a call of the case's function with `inputs`. Where calls are not timed, `check`
/// gets the output of the first.
///
/// What must be made for each call, and an output that needs to be dropped, go through batches,
/// which keep both out of the timed part; where there is neither, the plain loop measures.
pub fn call_case<I: Inputs, O>(
    bencher: &mut Bencher<'_>,
    inputs: I,
    mut routine: impl FnMut(I::Values) -> O,
    check: impl FnOnce(&O),
) {
    if I::FRESH || std::mem::needs_drop::<O>() {
        let setup = || inputs.make();
        bencher.drive(&mut Batched::new(
            setup,
            routine,
            check,
            BatchSize::SmallInput,
        ));
    } else {
        bencher.drive(&mut Plain::new(|| routine(inputs.make()), check));
    }
}

/// [`call_case`] of a routine that works on what `keep` makes: for a batch, then anew.
pub fn call_kept<S, I: Inputs, O>(
    bencher: &mut Bencher<'_>,
    keep: impl Fn() -> S,
    inputs: I,
    routine: impl FnMut(&mut S, I::Values) -> O,
    check: impl FnOnce(&O),
) {
    bencher.drive(&mut Kept::new(keep, inputs, routine, check));
}

/// [`call_kept`] of an async function.
pub fn call_async<S, I: Inputs, O>(
    bencher: &mut Bencher<'_>,
    keep: impl Fn() -> S,
    inputs: I,
    routine: impl AsyncFnMut(&mut S, I::Values) -> O,
    check: impl FnOnce(&O),
) {
    let executor = bencher.executor();
    bencher.drive(&mut Async::new(executor, keep, inputs, routine, check));
}

/// [`call_kept`] on so many threads at once, each with what `keep` makes there.
pub fn call_on_threads<S, I: Inputs + Sync, O>(
    bencher: &mut Bencher<'_>,
    threads: usize,
    keep: impl Fn() -> S + Sync,
    inputs: I,
    routine: impl Fn(&mut S, I::Values) -> O + Sync,
    check: impl FnOnce(&O) + Send,
) {
    on_threads(threads, keep, inputs, routine, check, |routine| {
        bencher.drive(routine);
    });
}
