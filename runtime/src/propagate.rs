//! Regions that go along to other threads and tasks. Where the guard is off, nothing goes.

#[cfg(feature = "guard")]
use std::panic::Location;

#[cfg(feature = "guard")]
use hotbench_guard::{Carried, carried_future, run_carried};

/// Carries the current region into another thread: what `f` allocates there counts as if it were
/// allocated here.
///
/// Regions are per thread. A guarded function that hands work to another thread answers for it only
/// if the work is carried along: through [`std::thread::scope`], `rayon::join`, `spawn_blocking`. A
/// violation fails the function whose region it is, at its exit, with the place that allocated and
/// the place of this call; a guarded function inside the work fails by itself. Work that ends after its
/// region has ended is judged by what that has left of its budget, panics where it runs, and counts
/// against the region that was around.
///
/// Threads and tasks are allocated themselves, where they are started: say so with
/// [`allow_alloc()`](fn@crate::allow_alloc), but call `propagate` outside of it, since what is carried is the
/// innermost region, exemptions included. Where no region is active `f` is as it was.
///
/// ```
/// use hotbench::{allow_alloc, no_alloc, propagate};
///
/// #[no_alloc]
/// fn sum(left: &[u64], right: &[u64]) -> u64 {
///     let left = propagate(|| left.iter().sum::<u64>());
///     let right = propagate(|| right.iter().sum::<u64>());
///     allow_alloc(|| {
///         std::thread::scope(|scope| {
///             let right = scope.spawn(right);
///             left() + right.join().expect("no panic")
///         })
///     })
/// }
///
/// assert_eq!(sum(&[1, 2], &[3, 4]), 10);
/// ```
#[inline(always)]
#[track_caller]
pub fn propagate<R>(f: impl FnOnce() -> R) -> impl FnOnce() -> R {
    #[cfg(feature = "guard")]
    {
        let carried = Carried::here(Location::caller());
        move || run_carried(carried.as_ref(), f)
    }
    #[cfg(not(feature = "guard"))]
    f
}

/// [`propagate`] for a closure that is called many times, on any thread: a parallel iterator's.
///
/// ```
/// # mod rayon { pub fn for_each<'a>(items: &'a [u64], f: impl Fn(&'a u64) + Sync) { items.iter().for_each(f) } }
/// # use std::sync::atomic::{AtomicU64, Ordering};
/// #[hotbench::no_alloc]
/// fn total(numbers: &[u64]) -> u64 {
///     let total = AtomicU64::new(0);
///     let add = hotbench::propagate_fn(|n: &u64| _ = total.fetch_add(*n, Ordering::Relaxed));
///     // With rayon: `hotbench::allow_alloc(|| numbers.par_iter().for_each(add));`
///     hotbench::allow_alloc(|| rayon::for_each(numbers, add));
///     total.into_inner()
/// }
///
/// assert_eq!(total(&[1, 2, 3]), 6);
/// ```
#[inline(always)]
#[track_caller]
pub fn propagate_fn<A, R>(f: impl Fn(A) -> R) -> impl Fn(A) -> R {
    #[cfg(feature = "guard")]
    {
        let carried = Carried::here(Location::caller());
        move |argument| run_carried(carried.as_ref(), || f(argument))
    }
    #[cfg(not(feature = "guard"))]
    f
}

/// [`propagate`] for a future that is to run as a task of its own: each of its polls is part of the
/// region that is current here, on whatever thread.
///
/// ```
/// #[hotbench::no_alloc]
/// async fn handle(request: &'static str) -> usize {
///     let parsed = hotbench::propagate_future(async { request.len() });
///     // With tokio: `hotbench::allow_alloc(|| tokio::spawn(parsed)).await.expect("no panic")`
///     parsed.await
/// }
/// # let mut handled = std::pin::pin!(handle("GET /"));
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # assert_eq!(handled.as_mut().poll(&mut context), std::task::Poll::Ready(5));
/// ```
#[inline(always)]
#[track_caller]
pub fn propagate_future<F: Future>(future: F) -> impl Future<Output = F::Output> {
    #[cfg(feature = "guard")]
    {
        let carried = Carried::here(Location::caller());
        carried_future(carried, future)
    }
    #[cfg(not(feature = "guard"))]
    future
}
