//! The callback of an audio effect: what a sound card calls for each block of samples, and waits for.
//!
//! A callback that comes late is heard, so nothing in it may take a time that nobody knows: no
//! allocation, no free, no lock. `#[no_alloc(deny_dealloc, forbid)]` on [`Effect::process`] holds it to the
//! first two, with no exemption inside; settings come through a queue of atomics, so there is no third.
//!
//! ```console
//! $ cargo test -p realtime     # the callback keeps to it, and two that don't are caught
//! $ cargo bench -p realtime    # what it takes of the time that there is
//! ```

pub mod biquad;
pub mod delay;
pub mod effect;
pub mod gain;
pub mod settings;

/// The sample, or silence where nobody could hear it: numbers that small take a processor many cycles each, and a
/// filter or an echo that dies away would be full of them.
#[inline]
fn audible(sample: f32) -> f32 {
    if sample.abs() < 1e-15 { 0.0 } else { sample }
}

pub use effect::Effect;
pub use settings::{Change, Sender, channel};
