//! A filter of the second order.

use std::f32::consts::TAU;

use crate::audible;

/// A low-pass filter, in the transposed direct form II.
#[derive(Debug, Clone, Copy)]
pub struct LowPass {
    sample_rate: f32,
    input: [f32; 3],
    feedback: [f32; 2],
    state: [f32; 2],
}

impl LowPass {
    /// A filter that lets pass what is below `cutoff`, in hertz.
    #[must_use]
    pub fn new(sample_rate: f32, cutoff: f32) -> Self {
        let mut filter = Self {
            sample_rate,
            input: [0.0; 3],
            feedback: [0.0; 2],
            state: [0.0; 2],
        };
        filter.set(cutoff);
        filter
    }

    /// Moves the cutoff, to no more than what the sample rate can carry.
    pub fn set(&mut self, cutoff: f32) {
        let angle = TAU * cutoff.clamp(1.0, self.sample_rate * 0.49) / self.sample_rate;
        // As steep as it gets without a peak at the cutoff.
        let alpha = angle.sin() * std::f32::consts::FRAC_1_SQRT_2;
        let (cosine, scale) = (angle.cos(), 1.0 / (1.0 + alpha));
        let edge = (1.0 - cosine) * 0.5 * scale;
        self.input = [edge, 2.0 * edge, edge];
        self.feedback = [-2.0 * cosine * scale, (1.0 - alpha) * scale];
    }

    /// The filtered sample.
    #[inline]
    pub fn tick(&mut self, sample: f32) -> f32 {
        let filtered = self.input[0] * sample + self.state[0];
        self.state[0] =
            audible(self.input[1] * sample - self.feedback[0] * filtered + self.state[1]);
        self.state[1] = audible(self.input[2] * sample - self.feedback[1] * filtered);
        filtered
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use super::LowPass;

    /// The loudest sample of a second of a tone, once the filter has settled.
    fn loudness(hertz: f32) -> f32 {
        let mut filter = LowPass::new(48_000.0, 1_000.0);
        let tone = (0..48_000_u16).map(|at| (TAU * hertz * f32::from(at) / 48_000.0).sin());
        let filtered = tone.map(|sample| filter.tick(sample).abs());
        filtered.skip(4_800).fold(0.0, f32::max)
    }

    #[test]
    fn low_tones_pass_and_high_ones_do_not() {
        assert!((loudness(50.0) - 1.0).abs() < 0.02);
        // Three decibels less at the cutoff.
        assert!((loudness(1_000.0) - 0.707).abs() < 0.02);
        assert!(loudness(10_000.0) < 0.02);
    }
}
