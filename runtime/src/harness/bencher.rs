//! `Bencher`: what a case calls to be measured, whatever measures it.

use std::time::Duration;

use super::declared::Declared;
use super::engine::{Engine, Observation};
use super::routine::{Batched, BatchedRef, Custom, Plain, Routine};

/// Measures one routine: by Criterion in a timed run, by a call or two in a test, by counted calls for
/// its allocations.
///
/// The case's function runs once for each of these, and calls one method, once. What it sets up
/// before is not measured.
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
    engine: &'a mut dyn Engine,
    declared: Declared,
    observed: Option<Observation>,
}

impl std::fmt::Debug for Bencher<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bencher").finish_non_exhaustive()
    }
}

/// The case asked for a second measurement, or for none.
const NOT_ONCE: &str = "a case measures one routine: call one method of its `Bencher`, once";

impl<'a> Bencher<'a> {
    pub(crate) fn new(engine: &'a mut dyn Engine) -> Self {
        Self {
            engine,
            declared: Declared::NOTHING,
            observed: None,
        }
    }

    /// What the engine saw.
    pub(crate) fn finish(self) -> Result<Observation, String> {
        self.observed.ok_or_else(|| NOT_ONCE.to_owned())
    }

    #[track_caller]
    pub(crate) fn drive(&mut self, routine: &mut dyn Routine) {
        assert!(self.observed.is_none(), "{NOT_ONCE}");
        self.observed = Some(self.engine.drive(routine, &self.declared));
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
    /// consumes. Its output is dropped outside. Criterion's `iter_batched`, with small inputs.
    ///
    /// ```
    /// # use hotbench::{Bencher, bench_case};
    /// #[bench_case]
    /// fn joining(bencher: &mut Bencher) {
    ///     let words = vec!["a".to_owned(), "b".to_owned()];
    ///     bencher.iter_batched(|| words.clone(), |words| words.concat());
    /// }
    /// # fn main() {}
    /// ```
    #[track_caller]
    pub fn iter_batched<I, O>(&mut self, setup: impl FnMut() -> I, routine: impl FnMut(I) -> O) {
        self.drive(&mut Batched::new(setup, routine, |_| ()));
    }

    /// Measures `routine` on inputs that `setup` makes outside the timed part; they are dropped
    /// outside too. Criterion's `iter_batched_ref`, with small inputs.
    ///
    /// ```
    /// # use hotbench::{Bencher, bench_case};
    /// #[bench_case]
    /// fn sorting(bencher: &mut Bencher) {
    ///     bencher.iter_batched_ref(|| vec![3, 1, 2], |numbers| numbers.sort_unstable());
    /// }
    /// # fn main() {}
    /// ```
    #[track_caller]
    pub fn iter_batched_ref<I, O>(
        &mut self,
        setup: impl FnMut() -> I,
        routine: impl FnMut(&mut I) -> O,
    ) {
        self.drive(&mut BatchedRef::new(setup, routine));
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
}
