//! An async call: a frame for each poll, and what they make together.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::frame::{Open, with_figures};
use super::session::{self, Id};
use crate::Site;

/// The body of a hot async function.
///
/// A call begins with its first poll. It counts when it is ready, or is dropped before, on the thread
/// where that happens; its own time is that of its polls.
#[inline(always)]
pub fn profile_future<F: Future>(site: &'static Site, body: F) -> impl Future<Output = F::Output> {
    let call = Call {
        site,
        state: State::Unpolled,
    };
    Profiled { call, body }
}

struct Profiled<F> {
    call: Call,
    body: F,
}

struct Call {
    site: &'static Site,
    state: State,
}

enum State {
    Unpolled,
    /// Polled first where there was a profile, and not ready.
    Running(Running),
    /// Counted, or begun where there was no profile.
    Done,
}

struct Running {
    session: Id,
    first: u64,
    /// When the last poll ended.
    last: u64,
    /// In polls.
    busy: u64,
    panicked: bool,
}

/// Ends the frame of a poll, and hands it to the call.
struct InPoll<'a> {
    open: Open,
    call: &'a mut Call,
    session: Id,
}

impl<F: Future> Future for Profiled<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: `body` is not moved: it is reached through its pin alone, and dropped in place.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as above; it is pinned with all of `self`.
        let body = unsafe { Pin::new_unchecked(&mut this.body) };
        let Some(frame) = this.call.begin_poll() else {
            return body.poll(context);
        };
        let poll = body.poll(context);
        drop(frame);
        if poll.is_ready() {
            this.call.end(true);
        }
        poll
    }
}

impl Call {
    #[inline(always)]
    fn begin_poll(&mut self) -> Option<InPoll<'_>> {
        let Some(session) = session::current() else {
            if let State::Unpolled = self.state {
                self.state = State::Done;
            }
            return None;
        };
        let open = Open::begin(session, self.site)?;
        Some(InPoll {
            open,
            call: self,
            session,
        })
    }

    #[inline(never)]
    fn end(&mut self, is_ready: bool) {
        let State::Running(running) = std::mem::replace(&mut self.state, State::Done) else {
            return;
        };
        // One that a profile has not seen end is not in it.
        if session::current() != Some(running.session) {
            return;
        }
        with_figures(running.session, self.site, |figures| {
            figures.calls.record(running.busy);
            if is_ready {
                let ticks = running.last.saturating_sub(running.first);
                figures.until_ready().record(ticks);
            } else if running.panicked {
                figures.panicked.add(1);
            } else {
                figures.dropped.add(1);
            }
        });
    }
}

impl Drop for Call {
    #[inline]
    fn drop(&mut self) {
        if let State::Running(_) = self.state {
            self.end(false);
        }
    }
}

impl Drop for InPoll<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        let closed = self.open.end();
        self.open.figures.polls.add(1);
        if let State::Unpolled = self.call.state {
            self.call.state = State::Running(Running {
                session: self.session,
                first: self.open.start,
                last: 0,
                busy: 0,
                panicked: false,
            });
        }
        if let State::Running(running) = &mut self.call.state {
            running.last = closed.end;
            running.busy += closed.ticks;
            running.panicked |= closed.panicked;
        }
    }
}
