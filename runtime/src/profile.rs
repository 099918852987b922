//! The profile of a running program. Without its feature it is nothing.

/// The profile of a program, from [`profile()`] to its drop.
#[derive(Debug)]
#[must_use = "the profile ends where this is dropped: `let _profile = hotbench::profile();`"]
pub struct Profile {
    #[cfg(feature = "profile")]
    _session: hotbench_guard::profile::Session,
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
        _session: hotbench_guard::profile::Session::start(),
    }
}
