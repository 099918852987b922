//! An echo.

use crate::audible;

/// A delay line with feedback, whose memory is there from the start.
#[derive(Debug, Clone)]
pub struct Delay {
    line: Box<[f32]>,
    at: usize,
    feedback: f32,
}

impl Delay {
    /// An echo after so many samples, at least one.
    #[must_use]
    pub fn new(samples: usize) -> Self {
        Self {
            line: vec![0.0; samples.max(1)].into_boxed_slice(),
            at: 0,
            feedback: 0.0,
        }
    }

    /// How much of each echo is heard again; below 1, or it would only grow.
    pub fn set(&mut self, feedback: f32) {
        self.feedback = feedback.clamp(0.0, 0.95);
    }

    /// The sample with its echo.
    #[inline]
    pub fn tick(&mut self, sample: f32) -> f32 {
        let echoed = audible(sample + self.line[self.at] * self.feedback);
        self.line[self.at] = echoed;
        self.at += 1;
        if self.at == self.line.len() {
            self.at = 0;
        }
        echoed
    }
}

#[cfg(test)]
mod tests {
    use super::Delay;

    #[test]
    fn an_echo_dies_away() {
        let mut delay = Delay::new(1);
        delay.set(0.5);
        delay.tick(1.0);
        assert_eq!((0..60).map(|_| delay.tick(0.0)).last(), Some(0.0));
    }

    #[test]
    fn each_echo_is_softer_by_the_feedback() {
        let mut delay = Delay::new(3);
        delay.set(0.5);
        let heard: Vec<f32> = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
            .map(|sample| delay.tick(sample))
            .into();
        assert_eq!(heard, [1.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.25]);
    }
}
