//! Attributes on ordinary functions: `#[bench_case]` makes one a case of `cargo bench`,
//! `#[no_alloc]` and `#[hot]` hold it to its allocation budget in `cargo test`, and the binary that
//! ships carries nothing of either.
//!
//! ```toml
//! [dependencies]
//! hotbench = "0.1"                                            # inert: attributes vanish
//!
//! [dev-dependencies]
//! hotbench = { version = "0.1", features = ["harness"] }      # live in `cargo test`, `cargo bench`
//!
//! [lib]
//! bench = false
//!
//! [[bench]]
//! name = "hot"
//! harness = false
//! test = true
//! ```
//!
//! ```text
//! // benches/hot.rs, the whole file
//! hotbench::harness!(my_app);
//! ```
//!
//! # Features
//!
//! - `global-allocator` (default): with `guard`, the program's allocator is [`Alloc`].
//! - `own-allocator`: the application has an allocator of its own, which it wraps in [`Alloc`]; it goes
//!   before `global-allocator`.
//! - `guard`: the allocation guard, live in code compiled with `debug_assertions` or as a test.
//! - `guard-release`: the guard is live in every profile.
//! - `harness`: the registry of cases, [`harness!`] and Criterion; implies `guard`.
//! - `profile`: a table of the [`hot`](macro@hot) functions of a running program, see [`profile()`];
//!   implies `guard`.
//! - `tokio`: async cases run on tokio's runtime, not on a plain block-on; implies `harness`.
//! - `html`: each timed run writes a page; implies `harness`.
//! - `flamegraph`: `--flamegraph` shows where the time of cases goes; implies `harness`.
//! - `full`: `harness`, `tokio`, `html` and `flamegraph`.

// Shows, where documentation is built by a compiler that can, which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(feature = "guard"), no_std)]

mod alloc;
#[doc(hidden)]
pub mod private;
mod profile;
mod propagate;

#[cfg(not(feature = "guard"))]
use hotbench_inert as attributes;
#[cfg(feature = "guard")]
use hotbench_macros as attributes;

#[doc(hidden)]
pub use crate::private as __private;

// Its code is never taken for the user's.
#[cfg(feature = "guard")]
inventory::submit! {
    hotbench_guard::symbols::own::OwnPackage {
        krate: "hotbench",
        sources: concat!(env!("CARGO_MANIFEST_DIR"), "/src/"),
        calls_cases: false,
    }
}

/// The guide's code compiles.
#[cfg(doctest)]
#[doc = include_str!("../../docs/migration.md")]
struct Migration;

/// A global allocator that tells the guard of what passes through it, and is otherwise `A`.
///
/// With the feature `global-allocator`, which is on by default, there is nothing to do: wherever
/// `guard` is on, the program's allocator is `Alloc<System>`. An application with an allocator of
/// its own turns on the feature `own-allocator` and wraps its own. The application alone decides:
/// a library that it depends on can't bring a second allocator.
///
/// ```
/// # mod inner {
/// # use std::alloc::System as MiMalloc;
/// // hotbench = { version = "0.1", features = ["harness", "own-allocator"] }
/// # /*
/// #[global_allocator]
/// # */
/// static ALLOCATOR: hotbench::Alloc<MiMalloc> = hotbench::Alloc::new(MiMalloc);
/// # }
/// ```
///
/// While no region is active on a thread, each method is `A`'s own behind one load, one test and
/// one branch. Without the feature `guard` it is `A`'s own.
pub use crate::alloc::Alloc;

/// Runs `f`, in which nothing may be allocated.
///
/// Exists only with the feature `guard`, so that it can't pass by being inert; it holds in every
/// profile.
///
/// # Panics
///
/// If `f` allocates: with a report of where. If the program's allocator is not
/// [`hotbench::Alloc`](crate::Alloc).
///
/// ```
/// let mut line = String::with_capacity(16);
/// hotbench::assert_no_alloc(|| line.push_str("GET /"));
/// ```
#[cfg(feature = "guard")]
pub use hotbench_guard::assert_no_alloc;

/// Runs `f` and counts what it allocates, exempt or not: on this thread, and in work that it hands on
/// with [`propagate`](crate::propagate()).
///
/// # Panics
///
/// If the program's allocator is not [`hotbench::Alloc`](crate::Alloc).
///
/// ```
/// let (sum, stats) = hotbench::count_allocs(|| vec![1_u64, 2, 3].iter().sum::<u64>());
/// assert_eq!(sum, 6);
/// assert_eq!((stats.allocs, stats.bytes), (1, 24));
/// ```
#[cfg(feature = "guard")]
pub use hotbench_guard::count_allocs;

/// In how many of this program's guarded functions the guard is live.
///
/// It is live in code compiled with `debug_assertions` or as a test. In `cargo test --release` that
/// is the crate under test alone, but not the library that an integration test links, unless the
/// feature `guard-release` is on. A test can insist:
///
/// ```
/// let status = hotbench::guard_status();
/// assert!(!status.is_inert(), "{status}");
/// ```
#[cfg(feature = "guard")]
pub use hotbench_guard::guard_status;

pub use crate::profile::{Profile, profile};
pub use crate::propagate::{propagate, propagate_fn, propagate_future};
#[cfg(feature = "harness")]
pub use hotbench_engine::Bencher;
/// Criterion's: how many inputs a batch has, and Criterion as [`harness!`] takes it, `criterion = EXPR`.
#[cfg(feature = "harness")]
pub use hotbench_engine::{BatchSize, Criterion};
#[cfg(feature = "guard")]
pub use hotbench_guard::{AllocStats, GuardStatus};

/// Makes a function a case of `cargo bench`, where it stands, private or not.
///
/// Any number may be stacked on one function. The case's id is `package::module::function`, and
/// `/name` where a name is given.
///
/// ```
/// use hotbench::bench_case;
///
/// #[bench_case("get", args("GET / HTTP/1.1"))]
/// #[bench_case("post", args("POST /a?b=c HTTP/1.1"))]
/// fn method(line: &str) -> Option<&str> {
///     line.split_whitespace().next()
/// }
/// # fn main() { method(""); }
/// ```
///
/// # Arguments
///
/// All optional, in any order after the name.
///
/// | argument | means |
/// | --- | --- |
/// | `"name"` | first: the case's own name |
/// | `args(EXPR, …)` | what to call the function with, made outside the timed part |
/// | `types(A, B)`, `consts(1, 2)` | one case for each type, for each constant, of a generic function, which its id shows as it is written; tuples where it has several parameters. The other arguments may use the parameters' names |
/// | `for NAME in EXPR` | a sweep: one case for each value, which its id shows (by `Display`, else by `Debug`). `NAME` may be used in all other arguments. Several make the product, an inner one may depend on those before it |
/// | `threads(1, 2)` | one case for each number of threads that call it at once (`…/threads=2`) |
/// | `runtime = current_thread`, `runtime = multi_thread(2)` | what an `async fn`, and `async` blocks in `args`, run on; with the feature `tokio` |
/// | `with = EXPR`, `per_call` | how the receiver of a method is made; see [`bench_cases`] |
/// | `check = CLOSURE` | gets a reference to the output of the first call, before anything is timed and in every test run; a panic in it fails the case |
/// | `throughput = Bytes(N)`, `Elements(N)`, or `(Bytes(N), Elements(N))` | what one call works on, for a rate beside the time; `N` is any expression of any integer type |
/// | `group = "g"`, `baseline` | cases shown side by side, with their ratio to the baseline |
/// | `max_allocs = N`, `max_bytes = N`, `no_alloc` | what one call may allocate on all threads of its process, held in every run, whatever the profile; a first call is left out |
/// | `sample_size = N`, `warm_up_time = DURATION`, `measurement_time = DURATION` | Criterion's, for this case; flags of the command line go before |
/// | `ignore` | listed, and run only with `--ignored` or `--include-ignored` |
/// | `crate = path` | where `hotbench` is, if another crate re-exports it; a dependency that is renamed is found (by the compiler, not by an IDE) |
///
/// ```
/// # use hotbench::bench_case;
/// use std::time::Duration;
///
/// #[bench_case(args(40), sample_size = 20, measurement_time = Duration::from_secs(3))]
/// fn fibonacci(n: u64) -> u64 {
///     (0..n).fold((0_u64, 1_u64), |(a, b), _| (b, a.wrapping_add(b))).0
/// }
/// # fn main() { fibonacci(1); }
/// ```
///
/// Each expression in `args` is decided by itself. For a parameter written `&T` it is evaluated
/// once for a measurement, its temporaries kept alive. A `Copy` value is made once too. Any other value is
/// made afresh for each call; it is the function that drops it, so inside the timed part, as in production.
/// What the function returns is dropped outside the timed part, if it needs dropping at all. A
/// parameter written `&mut T` is lent a value of its own for each call, `&mut EXPR`, which is made and
/// dropped outside the timed part, too.
///
/// ```
/// # use hotbench::bench_case;
/// #[bench_case("words", args(&"one two three".repeat(100), ' '))]
/// fn count(text: &str, separator: char) -> usize {
///     text.split(separator).count()
/// }
///
/// #[bench_case("shuffled", args(&mut [3, 1, 2]))]
/// fn sort(numbers: &mut [u64]) {
///     numbers.sort_unstable();
/// }
///
/// #[bench_case("shouted", args(String::from("hot")), max_allocs = 1)]
/// fn shout(word: String) -> String {
///     word.to_uppercase()
/// }
/// # fn main() { count("", ' '); sort(&mut []); shout(String::new()); }
/// ```
///
/// ```
/// # use hotbench::bench_case;
/// # const TEXT: &str = "a=1\nb=2\n";
/// #[bench_case(
///     args(TEXT),
///     check = |lines| assert_eq!(*lines, 2),
///     throughput = (Bytes(TEXT.len()), Elements(2)),
/// )]
/// fn lines(text: &str) -> usize {
///     text.lines().count()
/// }
/// # fn main() { lines(""); }
/// ```
///
/// A sweep's `EXPR` makes the values, and `args` what is made of them. It is evaluated once in each process that lists or
/// measures its values, and not at all if the filters leave its case out. A value is found again by the text that its id
/// shows, so the values need no fixed order, but each process must have the same ones. If `EXPR` panics, its case has
/// failed, and the others run.
///
/// ```
/// # use hotbench::bench_case;
/// #[bench_case(
///     for size in [64, 1024, 16 * 1024],
///     args(&vec![1; size]),
///     check = |sum| assert_eq!(*sum, size as u64),
///     throughput = Elements(size),
/// )]
/// fn sum(numbers: &[u64]) -> u64 {
///     numbers.iter().sum()
/// }
/// # fn main() { sum(&[]); }
/// ```
///
/// A generic function is a case for each of its `types` and `consts`, and in their product with a
/// sweep.
///
/// What a case returns is dropped, an [`Err`] too: the case passes, and the way to the error is what is timed. Where
/// an error would be a mistake, `check = |output| assert!(output.is_ok())` says so.
///
/// ```
/// # use hotbench::bench_case;
/// #[bench_case(
///     types(u8, u64),
///     consts(4, 64),
///     args(&[T::default(); N]),
///     throughput = Bytes(N * size_of::<T>()),
/// )]
/// fn largest<T: Copy + Default + Ord, const N: usize>(values: &[T; N]) -> Option<T> {
///     values.iter().copied().max()
/// }
/// # fn main() { largest(&[1]); }
/// ```
///
/// Methods are cases of an `impl` with [`bench_cases`]. An `unsafe` function is called from a free
/// function that is the case.
///
/// # Threads
///
/// With `threads(…)` the function is called from so many threads, which start together. The time is that
/// from when the first of them begins until the last has ended, by the calls of one; the mean of what each
/// takes stands beside it. A rate is that of all together. Threads that outnumber the cores take turns, in
/// slices of milliseconds: give such a case a `measurement_time` of a second or more. References
/// are shared, so they must be [`Sync`]; any other argument is made on each thread. Allocations are counted
/// on all of them, and shown for a call.
///
/// ```
/// # use hotbench::bench_case;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// #[bench_case(threads(1, 2, 4), args(&AtomicU64::new(0)), throughput = Elements(1))]
/// fn count(counter: &AtomicU64) -> u64 {
///     counter.fetch_add(1, Ordering::Relaxed)
/// }
/// # fn main() { count(&AtomicU64::new(0)); }
/// ```
///
/// # Async functions
///
/// An `async fn` is run to its end for each call, inside of the runtime, which is built before anything is
/// timed: tokio's with the feature `tokio`, on the calling thread unless `runtime` says otherwise; a plain
/// block-on without. An `async` block in `args`, or behind its `&`, is awaited for its value, outside the
/// timed part. What tasks allocate while the call waits for them counts as well, on whatever thread they run.
/// The runtime is dropped without waiting for tasks that are left.
///
/// ```
/// # use hotbench::bench_case;
/// # async fn load() -> Vec<u64> { vec![1, 2] }
/// #[bench_case(args(&async { load().await }), check = |sum| assert_eq!(*sum, 3))]
/// #[bench_case("threads", args(&[1, 2]), runtime = multi_thread(2))]
/// async fn sum(numbers: &[u64]) -> u64 {
///     numbers.iter().sum()
/// }
/// # fn main() { drop(sum(&[])); }
/// ```
///
/// # Functions that measure for themselves
///
/// A function whose one parameter is `&mut hotbench::Bencher` sets up what it likes and calls one
/// of the [`Bencher`]'s methods. It exists only where the harness does.
///
/// ```
/// # use hotbench::bench_case;
/// #[bench_case]
/// fn sorting(bencher: &mut hotbench::Bencher) {
///     let shuffled = [5, 3, 9, 1];
///     let sort = |numbers: &mut [u64; 4]| numbers.sort_unstable();
///     bencher.iter_batched_ref(|| shuffled, sort, hotbench::BatchSize::SmallInput);
/// }
/// # fn main() {}
/// ```
pub use attributes::bench_case;

/// Makes methods cases of `cargo bench`: on an `impl`, of a type or of a trait, whose methods have
/// [`bench_case`] on them.
///
/// ```
/// use hotbench::{bench_case, bench_cases};
///
/// struct Words {
///     text: String,
///     seen: usize,
/// }
///
/// #[bench_cases(with = Self { text: "one two three".to_owned(), seen: 0 })]
/// impl Words {
///     #[bench_case(check = |count| assert_eq!(*count, 3))]
///     fn count(&self) -> usize {
///         self.text.split(' ').count()
///     }
///
///     #[bench_case(args("four"), max_allocs = 1)]
///     fn push(&mut self, word: &str) {
///         self.seen += 1;
///         self.text.push_str(word);
///     }
///
///     #[bench_case]
///     fn into_boxed(self) -> Box<str> {
///         self.text.into_boxed_str()
///     }
/// }
/// # fn main() { let mut words = Words { text: String::new(), seen: 0 }; words.count(); words.push(""); words.into_boxed(); }
/// ```
///
/// `with = EXPR` makes what a method is called on, a `Self`; a method may have its own,
/// `#[bench_case(with = EXPR)]`. It is made, and dropped, outside the timed part:
///
/// | receiver | made |
/// | --- | --- |
/// | `&self`, `self: &Rc<Self>`, `self: Pin<&Self>` | once for a measurement |
/// | `&mut self`, `self: Pin<&mut Self>` | for each batch of calls, a tenth of a sample, so that a call finds what those before it have left; for each call with `per_call` |
/// | `self`, `self: Box<Self>`, `Rc`, `Arc`, `Pin<Box<Self>>` | for each call; once, if it is `Copy`. The method drops it, inside the timed part |
///
/// A result that borrows from `&mut self` must say so, `View<'_>`, not `View`; it is dropped inside the
/// timed part, and can't be checked.
///
/// All calls that are counted, and that a test makes, are one batch. The id is `package::module::Type::method`.
///
/// # Arguments
///
/// | argument | means |
/// | --- | --- |
/// | `with = EXPR` | how receivers are made, where a method does not say otherwise |
/// | `types(A, B)`, `consts(1, 2)` | what a generic `impl` is measured with, as of a generic function |
/// | `crate = path` | where `hotbench` is, if another crate re-exports it; for its cases too |
///
/// ```
/// # use hotbench::{bench_case, bench_cases};
/// struct Ring<T, const N: usize> {
///     items: [T; N],
///     next: usize,
/// }
///
/// #[bench_cases(types(u8, u64), consts(16), with = Ring { items: [T::default(); N], next: 0 })]
/// impl<T: Copy + Default, const N: usize> Ring<T, N> {
///     #[bench_case("one", args(T::default()), per_call)]
///     #[bench_case("many", args(T::default()))]
///     fn push(&mut self, item: T) -> T {
///         self.next = (self.next + 1) % N;
///         std::mem::replace(&mut self.items[self.next], item)
///     }
/// }
/// # fn main() { Ring { items: [1], next: 0 }.push(1); }
/// ```
pub use attributes::bench_cases;

/// Makes a program without a library its own bench target: on its `main`.
///
/// In the program it does nothing. In a bench target that is compiled from the same file, it puts the
/// harness in the place of `main`. That target's file, `benches/hot.rs`, is two lines:
///
/// ```text
/// #![allow(unused)]
/// include!("../src/main.rs");
/// ```
///
/// The first is for a program with tests. A bench target is compiled with `cfg(test)`, but without its
/// `#[test]` functions, so that what only these use is unused.
///
/// ```no_run
/// # mod program {
/// #[hotbench::bench_case(args("1,2,3"))]
/// fn sum(text: &str) -> u64 {
///     text.split(',').flat_map(str::parse::<u64>).sum()
/// }
///
/// #[hotbench::main]
/// fn main() {
///     println!("{}", sum("4,5"));
/// }
/// # }
/// # fn main() {}
/// ```
///
/// A file that begins with `//!` or `#![…]` can't be included. Then the bench target is the file itself,
/// `path = "src/main.rs"`, of which Cargo warns that it is in two targets; or a link to it, `src/hot.rs`,
/// of which it does not; and `#[allow(unused)]` goes on the `mod tests`. Over or under `#[tokio::main]` it
/// does the same.
///
/// It takes what [`harness!`] takes after the first crate: other crates whose cases are to run, and
/// settings. `crate = path` comes first, if another crate re-exports `hotbench`.
pub use attributes::main;

/// Keeps an item out of every build in which the harness is off: fixtures, helpers, `use`s that
/// only cases need.
///
/// ```
/// use hotbench::bench_only;
///
/// #[bench_only]
/// use hotbench::Bencher;
///
/// #[bench_only]
/// mod fixtures {
///     pub const LINE: &str = "GET / HTTP/1.1";
/// }
/// # fn main() {}
/// ```
///
/// A module in a file of its own can't carry an attribute macro on stable Rust: write
/// `#[bench_only] mod fixtures { … }`, or put it on the items inside.
pub use attributes::bench_only;

/// Fails the test that reaches an allocation, or a reallocation, between the function's entry and
/// its exit, the drops of its parameters included.
///
/// The test fails at the function's exit, with a report that names each place that allocated. It
/// is live where `guard` is on, in code compiled with `debug_assertions` or as a test. Counts are
/// per thread; [`propagate`] carries the region to another.
///
/// ```should_panic
/// use hotbench::no_alloc;
///
/// #[no_alloc]
/// fn greet(name: &str) -> usize {
///     format!("Hello, {name}!").len() // fails here
/// }
///
/// greet("Ferris");
/// ```
///
/// # Arguments
///
/// | argument | means |
/// | --- | --- |
/// | `warmup = N` | the first N calls of the process are free: what is initialised at first use |
/// | `deny_dealloc` | nor may memory be given back |
/// | `forbid` | [`allow_alloc`](fn@allow_alloc) inside doesn't help |
/// | `crate = path` | where `hotbench` is, if another crate re-exports it; a dependency that is renamed is found (by the compiler, not by an IDE) |
///
/// # Functions
///
/// On functions with a body: free functions and methods, `unsafe`, `extern` and generic ones. An
/// `async fn` is guarded while it is polled, on whatever thread, with one budget for the whole call;
/// a future that is dropped half-way is not judged. A `const fn` runs at compile time too, where
/// there is no region to enter: that is a compile error.
///
/// # Caveats
///
/// - A plain function that returns an iterator, a closure or a future is guarded while it makes that,
///   not while that runs. Such is what `#[async_trait]` makes of an `async fn`, with the box of its
///   future in it, which is an allocation: guard an `async fn` of your own that the method calls.
/// - A failure is a panic at the function's exit. An `extern "C"` function can't unwind: there it
///   ends the process, after the report.
/// - In a method that takes `self` by value, `#[track_caller]` sees the method itself as the caller.
///
/// # Environment
///
/// `HOTBENCH_GUARD` says what becomes of a failure, in the whole process: `panic`, the default;
/// `warn`, the report alone on standard error; `abort`; or `off`, and no function is judged. It goes
/// for [`hot`] and [`assert_no_alloc()`](fn@crate::assert_no_alloc) too. `HOTBENCH_REPORT=json` writes
/// reports as JSON.
pub use attributes::no_alloc;

/// Registers the function as a hot path, and holds each call to a budget.
///
/// `max_allocs = N` is the number of allocations and reallocations, `max_bytes = N` the bytes asked
/// for, that one call may make on its thread; the first `warmup = N` calls of the process are free.
/// `N` is a constant expression, which may name `Self` and generic parameters.
/// Live where [`no_alloc`] is, and with its caveats; there a test run ends with the hot paths that no case and no
/// test has reached. In a running program [`profile()`] tells what it does.
///
/// ```
/// use hotbench::hot;
///
/// #[hot(max_allocs = 1)]
/// fn squares(n: u64) -> Vec<u64> {
///     (0..n).map(|i| i * i).collect()
/// }
///
/// assert_eq!(squares(3), [0, 1, 4]);
/// ```
pub use attributes::hot;

/// Exempts what the function allocates from the regions around it; see
/// [`allow_alloc()`](fn@allow_alloc) for a closure.
///
/// ```
/// use hotbench::{allow_alloc, no_alloc};
///
/// #[allow_alloc]
/// fn log(message: &str) {
///     println!("{}", message.to_owned());
/// }
///
/// #[no_alloc]
/// fn step() {
///     log("a slow path, seldom taken");
/// }
///
/// step();
/// ```
pub use attributes::allow_alloc;

/// Runs `f`, what it allocates exempt from the regions around it.
///
/// Where `guard` is off this is a call of `f`.
///
/// ```
/// #[hotbench::no_alloc]
/// fn lookup(found: Option<u32>) -> Result<u32, String> {
///     found.ok_or_else(|| hotbench::allow_alloc(|| "not found".to_owned()))
/// }
///
/// assert!(lookup(None).is_err());
/// ```
#[inline(always)]
pub fn allow_alloc<R>(f: impl FnOnce() -> R) -> R {
    // Where no region is active, as in a timed run, this is one load and one branch.
    #[cfg(feature = "guard")]
    if hotbench_guard::ledger::is_watched() {
        return hotbench_guard::exempt(f);
    }
    f()
}
