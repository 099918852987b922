//! The entry points of generated code. Each chooses the routine for one way of calling.

use criterion::BatchSize;

use crate::arguments::Inputs;
use crate::bencher::Bencher;
use crate::routine::{Async, Batched, Kept, Plain, on_threads};

/// Measures `routine`, a call of the case's function with what is made of `inputs`. Where calls are
/// not timed, `check` gets the output of the first.
///
/// Inputs that are made for each call, and outputs that need a drop, go through batches, which keep
/// both out of the timed part. Without either, the plain loop measures.
pub fn call_case<I: Inputs, O>(
    bencher: &mut Bencher<'_>,
    inputs: I,
    mut routine: impl FnMut(I::Made) -> O,
    check: impl FnOnce(&O),
) {
    // The closures own what they use, as loops behind a reference load it anew in each iteration; and
    // `routine` goes into its loop as it is, for what LLVM inlines there hangs on each layer.
    if I::FRESH || std::mem::needs_drop::<O>() {
        let setup = move || inputs.make();
        bencher.drive(&mut Batched::new(
            setup,
            routine,
            check,
            BatchSize::SmallInput,
        ));
    } else {
        let routine = move || routine(inputs.make());
        bencher.drive(&mut Plain::new(routine, check));
    }
}

/// [`call_case`] of a routine that works on what `keep` makes: for a batch, then anew.
pub fn call_kept<S, I: Inputs, O>(
    bencher: &mut Bencher<'_>,
    keep: impl Fn() -> S,
    inputs: I,
    routine: impl FnMut(&mut S, I::Made) -> O,
    check: impl FnOnce(&O),
) {
    bencher.drive(&mut Kept::new(keep, inputs, routine, check));
}

/// [`call_kept`] of an async function.
pub fn call_async<S, I: Inputs, O>(
    bencher: &mut Bencher<'_>,
    keep: impl Fn() -> S,
    inputs: I,
    routine: impl AsyncFnMut(&mut S, I::Made) -> O,
    check: impl FnOnce(&O),
) {
    let executor = bencher.__hotbench_executor();
    bencher.drive(&mut Async::new(executor, keep, inputs, routine, check));
}

/// [`call_kept`] on so many threads at once, each with what `keep` makes there.
pub fn call_on_threads<S, I: Inputs + Send, O>(
    bencher: &mut Bencher<'_>,
    threads: usize,
    keep: impl Fn() -> S + Sync,
    inputs: I,
    routine: impl Fn(&mut S, I::Made) -> O + Sync,
    check: impl FnOnce(&O) + Send,
) {
    on_threads(threads, keep, inputs, routine, check, |routine| {
        bencher.drive(routine);
    });
}
