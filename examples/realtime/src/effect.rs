//! The callback.

use hotbench::{bench_case, bench_cases, no_alloc};

use crate::biquad::LowPass;
use crate::delay::Delay;
use crate::gain::Gain;
use crate::settings::Receiver;

/// A gain, a low-pass filter and an echo, one after the other.
pub struct Effect {
    settings: Receiver,
    gain: Gain,
    filter: LowPass,
    delay: Delay,
}

#[bench_cases(with = playing::effect())]
impl Effect {
    /// An effect for this many samples a second, with all the memory that it will ever need.
    #[must_use]
    pub fn new(sample_rate: f32, settings: Receiver) -> Self {
        Self {
            settings,
            gain: Gain::new(sample_rate, 0.02),
            filter: LowPass::new(sample_rate, 8_000.0),
            delay: Delay::new((sample_rate * 0.35) as usize),
        }
    }

    /// Fills a block of samples, as long as the shorter one of both.
    #[no_alloc(deny_dealloc, forbid)]
    #[bench_case(
        for samples in [64, 512],
        args(&playing::noise(samples), &mut vec![0.0; samples]),
        throughput = Elements(samples as u64),
        no_alloc
    )]
    pub fn process(&mut self, input: &[f32], output: &mut [f32]) {
        // As many as are there by now: whoever goes on sending does not keep the callback.
        for _ in 0..self.settings.waiting() {
            if let Some(change) = self.settings.receive() {
                self.apply(change);
            }
        }
        for (input, output) in input.iter().zip(output) {
            let filtered = self.filter.tick(input * self.gain.tick());
            *output = self.delay.tick(filtered);
        }
    }

    fn apply(&mut self, change: crate::Change) {
        match change {
            crate::Change::Gain(gain) => self.gain.set(gain),
            crate::Change::Cutoff(cutoff) => self.filter.set(cutoff),
            crate::Change::Feedback(feedback) => self.delay.set(feedback),
        }
    }
}

/// What is played in the cases.
#[hotbench::bench_only]
mod playing {
    use super::Effect;
    use crate::settings::{Change, channel};

    /// An effect to which changes are on their way.
    pub(super) fn effect() -> Effect {
        let (mut sender, receiver) = channel(8);
        for change in [Change::Gain(0.8), Change::Feedback(0.3)] {
            sender.send(change).expect("there is room for eight");
        }
        Effect::new(48_000.0, receiver)
    }

    /// Noise that is always the same.
    pub(super) fn noise(samples: usize) -> Vec<f32> {
        let mut state = 1_u32;
        let next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        std::iter::repeat_with(next).take(samples).collect()
    }
}
