//! The profile: what the `#[hot]` functions of a running program do, told when it ends.
//!
//! `frame` times a call, `future` the polls of an async one; `figures` is what a thread has seen of a
//! function, `histogram` how often it took how long. `session` knows whether there is a profile, and
//! what the threads have seen. `summary` puts that together, `table` shows it, and `destination` says
//! where.

mod destination;
mod figures;
mod frame;
mod future;
mod histogram;
mod session;
mod summary;
mod table;

pub use frame::Frame;
pub use future::profile_future;

/// A profile of this process, until it is dropped; nothing if another one runs.
#[derive(Debug)]
pub struct Session(Option<session::Id>);

impl Session {
    /// Starts a profile, if none runs.
    pub fn start() -> Self {
        Self(session::start())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(id) = self.0 {
            session::finish(id);
        }
    }
}
