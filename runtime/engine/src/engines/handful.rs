//! A handful of calls, each timed by itself: for what takes so long that a sample of many calls is out of reach.

use super::{Engine, Observation};
use crate::declared::Declared;
use crate::figures::SingleCalls;
use crate::routine::{Routine, Stopwatch};

pub(super) struct Handful(pub(super) usize);

impl Engine for Handful {
    fn drive(&mut self, routine: &mut dyn Routine, _: &Declared) -> Observation {
        let each = (0..self.0).map(|_| Stopwatch::time(routine, 1).as_secs_f64() * 1e9);
        Observation::Handful(SingleCalls::of(each.collect()))
    }
}
