//! `Bencher`: what a case calls to be measured, whatever measures it.

use std::time::Duration;

use criterion::BatchSize;

use super::declared::Declared;
use super::entry::Visit;
use super::executor::Executor;
use super::routine::{Async, Batched, BatchedRef, Custom, Plain, Routine};

/// Measures one routine: by Criterion in a timed run, by a call or two in a test, by counted calls for
/// its allocations.
///
/// The case's function runs once in a process, and calls one method, once. All that is measured there is measured
/// inside this call, so what the function sets up before is not measured, and is set up once.
///
/// ```
/// # use hotbench::{Bencher, bench_case};
/// #[bench_case]
/// fn parsing(bencher: &mut Bencher) {
///     let text = "17,4,23".repeat(100);
///     bencher.iter(|| text.split(',').filter_map(|field| field.parse::<u32>().ok()).count());
/// }
/// # fn main() {}
/// ```
pub struct Bencher<'a> {
    visit: &'a mut dyn Visit,
    declared: Declared,
    /// Built when it is first asked for.
    executor: Option<Executor>,
    is_measured: bool,
}

impl std::fmt::Debug for Bencher<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bencher").finish_non_exhaustive()
    }
}

/// The case asked for a second measurement, or for none.
pub(super) const NOT_ONCE: &str =
    "a case measures one routine: call one method of its `Bencher`, once";

/// Criterion would divide by the number, in a timed run alone.
#[track_caller]
fn has_inputs(size: BatchSize) {
    let is_empty = matches!(size, BatchSize::NumBatches(0) | BatchSize::NumIterations(0));
    assert!(
        !is_empty,
        "`BatchSize::{size:?}`: in no batch, or in an empty one, nothing is measured"
    );
}

impl<'a> Bencher<'a> {
    pub(crate) fn new(visit: &'a mut dyn Visit) -> Self {
        Self {
            visit,
            declared: Declared::NOTHING,
            executor: None,
            is_measured: false,
        }
    }

    #[track_caller]
    pub(crate) fn drive(&mut self, routine: &mut dyn Routine) {
        assert!(!self.is_measured, "{NOT_ONCE}");
        self.is_measured = true;
        // What is made, called or dropped where nothing is awaited finds the runtime, too.
        let executor = self.executor.clone();
        let _inside = executor.as_ref().map(Executor::enter);
        self.visit.drive(routine, &self.declared);
    }

    /// For generated code, which runs the `async` blocks in arguments on it.
    #[doc(hidden)]
    pub fn __hotbench_executor(&mut self) -> Executor {
        let new = || Executor::new(self.declared.runtime);
        self.executor.get_or_insert_with(new).clone()
    }

    /// For generated code: what the attribute says of the calls.
    #[doc(hidden)]
    pub fn __hotbench_declare(&mut self, declared: Declared) {
        self.declared = declared;
    }

    /// Measures `routine`, the drop of its output included: Criterion's `iter`.
    ///
    /// # Panics
    ///
    /// If the case has measured something before; so do the other methods.
    #[track_caller]
    pub fn iter<O>(&mut self, routine: impl FnMut() -> O) {
        self.drive(&mut Plain::new(routine, |_| ()));
    }

    /// Measures `routine` on inputs that `setup` makes outside the timed part, and that the routine
    /// consumes. Its output is dropped outside. Criterion's `iter_batched`: `size` says how many
    /// inputs are in memory at a time.
    ///
    /// ```
    /// # use hotbench::{BatchSize, Bencher, bench_case};
    /// #[bench_case]
    /// fn joining(bencher: &mut Bencher) {
    ///     let words = vec!["a".to_owned(), "b".to_owned()];
    ///     bencher.iter_batched(|| words.clone(), |words| words.concat(), BatchSize::SmallInput);
    /// }
    /// # fn main() {}
    /// ```
    #[track_caller]
    pub fn iter_batched<I, O>(
        &mut self,
        setup: impl FnMut() -> I,
        routine: impl FnMut(I) -> O,
        size: BatchSize,
    ) {
        has_inputs(size);
        self.drive(&mut Batched::new(setup, routine, |_| (), size));
    }

    /// Measures `routine` on inputs that `setup` makes outside the timed part; they are dropped
    /// outside too. Criterion's `iter_batched_ref`.
    ///
    /// ```
    /// # use hotbench::{BatchSize, Bencher, bench_case};
    /// #[bench_case]
    /// fn sorting(bencher: &mut Bencher) {
    ///     let numbers = || vec![3, 1, 2];
    ///     bencher.iter_batched_ref(numbers, |numbers| numbers.sort_unstable(), BatchSize::SmallInput);
    /// }
    /// # fn main() {}
    /// ```
    #[track_caller]
    pub fn iter_batched_ref<I, O>(
        &mut self,
        setup: impl FnMut() -> I,
        routine: impl FnMut(&mut I) -> O,
        size: BatchSize,
    ) {
        has_inputs(size);
        self.drive(&mut BatchedRef::new(setup, routine, size));
    }

    /// Measures whatever `routine` says it took for the number of iterations that it is given:
    /// Criterion's `iter_custom`. In a test, and while allocations are counted, that number is 1.
    ///
    /// ```
    /// # use hotbench::{Bencher, bench_case};
    /// use std::time::Instant;
    ///
    /// #[bench_case]
    /// fn spinning(bencher: &mut Bencher) {
    ///     bencher.iter_custom(|iterations| {
    ///         let start = Instant::now();
    ///         for _ in 0..iterations {
    ///             std::hint::spin_loop();
    ///         }
    ///         start.elapsed()
    ///     });
    /// }
    /// # fn main() {}
    /// ```
    #[track_caller]
    pub fn iter_custom(&mut self, routine: impl FnMut(u64) -> Duration) {
        self.drive(&mut Custom(routine));
    }

    /// Measures the futures that `routine` makes, each awaited before the next is made, on the runtime
    /// that `runtime = …` of `bench_case` says: Criterion's `to_async`. Their
    /// outputs are dropped outside the timed part.
    ///
    /// ```
    /// # use hotbench::{Bencher, bench_case};
    /// # async fn connect() -> u64 { 1 }
    /// # async fn request(connection: u64) -> u64 { connection }
    /// #[bench_case]
    /// fn requests(bencher: &mut Bencher) {
    ///     let connection = bencher.block_on(connect());
    ///     bencher.iter_async(|| request(connection));
    /// }
    /// # fn main() {}
    /// ```
    #[track_caller]
    pub fn iter_async<F: Future>(&mut self, mut routine: impl FnMut() -> F) {
        let executor = self.__hotbench_executor();
        let routine = async |(): &mut (), ()| routine().await;
        self.drive(&mut Async::new(executor, || (), (), routine, |_| ()));
    }

    /// Runs `future` to its end on the case's runtime, which then is there: for what is set up before a
    /// measurement.
    pub fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        self.__hotbench_executor().block_on(future)
    }
}

#[cfg(test)]
mod tests {
    use criterion::BatchSize;

    use super::has_inputs;

    #[test]
    fn a_batch_has_inputs() {
        has_inputs(BatchSize::PerIteration);
        has_inputs(BatchSize::NumBatches(1));
        for size in [BatchSize::NumBatches(0), BatchSize::NumIterations(0)] {
            assert!(std::panic::catch_unwind(|| has_inputs(size)).is_err());
        }
    }
}
