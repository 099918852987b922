//! Async functions: a region for each poll, one budget for the whole call.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use super::closures::run_carried;
use super::counts::Charge;
use super::ledger::{self, unwatched};
use super::region::{Owner, Region};
use super::settle;
use super::shared::{self, Carried, Failure, Handle};
use super::site::Site;

/// The body of a guarded async function.
///
/// Each poll is a region on the thread that polls, with what the polls before it have left of the
/// budget, so a task that moves between threads keeps its account. Between two polls nothing is
/// counted, and a future that is dropped half-way is not judged.
#[inline(always)]
pub fn guard_future<F: Future>(site: &'static Site, body: F) -> impl Future<Output = F::Output> {
    Guarded::<F, false>::new(site, body)
}

/// The same of a hot path, which is entered by its first poll.
#[inline(always)]
pub fn guard_hot_future<F: Future>(
    site: &'static Site,
    body: F,
) -> impl Future<Output = F::Output> {
    Guarded::<F, true>::new(site, body)
}

// A type of its own, not an `async` block: that would add a state machine to each poll.
struct Guarded<F, const IS_HOT: bool> {
    site: &'static Site,
    /// Whether the first poll of a hot path has left its mark: to ask the site in each poll takes more loads.
    is_marked: bool,
    free: bool,
    used: Charge,
    shared: SharedByPolls,
    body: F,
}

impl<F, const IS_HOT: bool> Guarded<F, IS_HOT> {
    #[inline(always)]
    fn new(site: &'static Site, body: F) -> Self {
        Self {
            site,
            is_marked: false,
            free: site.warmup > 0 && site.is_warming_up(),
            used: Charge::NONE,
            shared: SharedByPolls(None),
            body,
        }
    }
}

impl<F: Future, const IS_HOT: bool> Future for Guarded<F, IS_HOT> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: `body` is not moved: it is reached through its pin alone, and dropped in place.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as above; it is pinned with all of `self`.
        let body = unsafe { Pin::new_unchecked(&mut this.body) };
        if IS_HOT && !this.is_marked {
            this.is_marked = true;
            this.site.reach();
        }
        if this.free {
            return body.poll(context);
        }
        let (poll, settled) = {
            let region = pin!(Region::new(Owner::Poll(this.site, &this.used)));
            region.as_ref().enter();
            if let Some(shared) = this.shared.0.take() {
                region.as_ref().share(shared);
            }
            let poll = body.poll(context);
            let settled = region.close(|settled| {
                let captured = settle::judge(this.site, settled.excess);
                (settled.used.minus(captured), settled.shared)
            });
            (poll, settled)
        };
        if let Some((used, shared)) = settled {
            this.used = used;
            this.shared.0 = shared;
        }
        if poll.is_ready() {
            this.shared.end(this.used);
        }
        poll
    }
}

/// What the polls of one call have handed to other threads. Of a call that is dropped half-way, which
/// is not judged, that counts against the regions around alone.
struct SharedByPolls(Option<Handle>);

impl SharedByPolls {
    /// The call has ended, in a region or in none.
    #[inline(always)]
    fn end(&mut self, used: Charge) {
        if let Some(shared) = self.0.take()
            && let Some(failure) = end(&shared, Some(used))
        {
            unwatched(|| shared::fail(failure));
        }
    }
}

impl Drop for SharedByPolls {
    fn drop(&mut self) {
        if let Some(shared) = self.0.take() {
            // A destructor does not fail.
            unwatched(|| drop(end(&shared, None)));
        }
    }
}

#[cold]
fn end(shared: &Handle, used: Option<Charge>) -> Option<Failure> {
    let outer = ledger::share_innermost();
    unwatched(|| shared.end(used, outer))
}

/// Runs the body of an async function with `#[allow_alloc]`.
pub async fn exempt_future<F: Future>(body: F) -> F::Output {
    let mut body = pin!(body);
    poll_fn(move |context| {
        let region = pin!(Region::exempt());
        region.as_ref().enter();
        body.as_mut().poll(context)
    })
    .await
}

/// Polls `future` as part of the region that was handed on, if there was one.
pub async fn carried_future<F: Future>(carried: Option<Carried>, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(move |context| run_carried(carried.as_ref(), || future.as_mut().poll(context))).await
}
