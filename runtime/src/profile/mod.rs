//! The profile: what the `#[hot]` functions of a running program do, told when it ends.
//!
//! `frame` times a call, `future` the polls of an async one; `figures` is what a thread has seen of a
//! function, `histogram` how often it took how long. `session` knows whether there is a profile, and
//! what the threads have seen. `summary` puts that together, `table` shows it, and `destination` says
//! where.

#[cfg(feature = "profile")]
mod destination;
#[cfg(feature = "profile")]
mod figures;
#[cfg(feature = "profile")]
mod frame;
#[cfg(feature = "profile")]
mod future;
#[cfg(feature = "profile")]
mod histogram;
#[cfg(feature = "profile")]
mod session;
#[cfg(feature = "profile")]
mod summary;
#[cfg(feature = "profile")]
mod table;

#[cfg(feature = "profile")]
pub use frame::Frame;
#[cfg(feature = "profile")]
pub use future::profile_future;

/// The profile of a program, from [`profile()`] to its drop.
#[derive(Debug)]
#[must_use = "the profile ends where this is dropped: `let _profile = hotbench::profile();`"]
pub struct Profile {
    #[cfg(feature = "profile")]
    session: Option<session::Id>,
}

/// Profiles the [`hot`](macro@crate::hot) functions of the program until what it returns is dropped,
/// and writes then what they have done: how often each was called, how long that took, in all and
/// without the hot functions that it called, quantiles, and allocations.
///
/// It does so with the feature `profile`, in every build; without, this is nothing.
///
/// ```
/// use hotbench::hot;
///
/// #[hot]
/// fn checksum(bytes: &[u8]) -> u32 {
///     bytes.iter().fold(0, |sum, byte| sum.rotate_left(5) ^ u32::from(*byte))
/// }
///
/// fn main() {
///     let _profile = hotbench::profile();
///     for n in 0..100 {
///         checksum(&[n; 64]);
///     }
/// }
/// ```
///
/// ```console
/// $ cargo run --release --features hotbench/profile
/// ```
///
/// One profile runs at a time: while it does, this returns what does nothing when it is dropped. What
/// is still running when the profile ends is in the figures of what it called, and not in its own.
///
/// # Environment
///
/// `HOTBENCH_PROFILE` says where the profile goes: `table`, to standard error, the default; `json`, the
/// same; or the path of a file, `profile.json` or `profile.txt`, which is written anew. Where it is set,
/// a program is profiled without a line in it, too: from the first call of a hot function on, until the
/// program ends by itself.
#[inline(always)]
pub fn profile() -> Profile {
    Profile {
        #[cfg(feature = "profile")]
        session: session::start(),
    }
}

#[cfg(feature = "profile")]
impl Drop for Profile {
    fn drop(&mut self) {
        if let Some(session) = self.session {
            session::finish(session);
        }
    }
}
