//! Async functions: a region for each poll, one budget for the whole call.

use std::future::{Future, poll_fn};
use std::pin::pin;

use super::counts::Charge;
use super::region::{Owner, Region, unwatched};
use super::site::Site;
use super::{policy, report};

/// Runs the body of a guarded async function.
///
/// Each poll is a region on the thread that polls, with what the polls before it have left of the
/// budget, so a task that moves between threads keeps its account. Between two polls nothing is
/// counted, and a future that is dropped half-way is not judged.
pub async fn guard_future<F: Future<Output = R>, R>(site: &'static Site, body: F) -> R {
    let free = site.warmup > 0 && site.is_warming_up();
    let mut body = pin!(body);
    let mut used = Charge::NONE;
    poll_fn(move |context| {
        let owner = Owner::Poll(site, used);
        if free || !policy::is_on(&owner) {
            return body.as_mut().poll(context);
        }
        let region = pin!(Region::new(owner));
        region.as_ref().link();
        let poll = body.as_mut().poll(context);
        let closed = region.close();
        used = closed.used;
        if let Some(excess) = closed.excess {
            let message = unwatched(|| report::function(site, &excess));
            if policy::raises(&message) {
                (site.raise)(&message);
            }
        }
        poll
    })
    .await
}

/// Runs the body of an async function with `#[allow_alloc]`.
pub async fn exempt_future<F: Future<Output = R>, R>(body: F) -> R {
    let mut body = pin!(body);
    poll_fn(move |context| {
        let region = pin!(Region::exempt());
        region.as_ref().enter();
        body.as_mut().poll(context)
    })
    .await
}
