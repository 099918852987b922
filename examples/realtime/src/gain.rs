//! A gain that never jumps, for a jump is heard as a click.

use crate::audible;

/// A gain on its way to where it should be.
#[derive(Debug, Clone, Copy)]
pub struct Gain {
    now: f32,
    target: f32,
    /// The part of the way that is gone with each sample.
    step: f32,
}

impl Gain {
    /// A gain of 1 that reaches two thirds of any change within `seconds`.
    #[must_use]
    pub fn new(sample_rate: f32, seconds: f32) -> Self {
        Self {
            now: 1.0,
            target: 1.0,
            step: 1.0 - (-1.0 / (sample_rate * seconds)).exp(),
        }
    }

    /// Where it should go.
    pub fn set(&mut self, target: f32) {
        self.target = target;
    }

    /// The gain of the next sample.
    #[inline]
    pub fn tick(&mut self) -> f32 {
        self.now = self.target + audible((self.now - self.target) * (1.0 - self.step));
        self.now
    }
}

#[cfg(test)]
mod tests {
    use super::Gain;

    #[test]
    fn it_goes_where_it_should_and_never_jumps() {
        let mut gain = Gain::new(48_000.0, 0.01);
        gain.set(0.0);
        let mut last = 1.0;
        for _ in 0..4_800 {
            let next = gain.tick();
            assert!(next < last && last - next < 0.01);
            last = next;
        }
        assert!(last < 0.001, "{last}");
        // And there it is in the end, not nearly there for ever.
        assert_eq!((0..48_000).map(|_| gain.tick()).last(), Some(0.0));
    }
}
