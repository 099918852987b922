//! A fixed number of calls, whose allocations are counted: the test run, and the counting pass.

use super::{Engine, Observation};
use crate::guard::AllocStats;
use crate::harness::routine::Routine;
use crate::report::measurement::Allocations;

pub(super) struct Calls {
    /// Calls before the count: what is initialised at first use is no cost per call.
    pub(super) warm_up: u32,
    pub(super) counted: u32,
}

impl Engine for Calls {
    fn drive(&mut self, routine: &mut dyn Routine) -> Observation {
        for _ in 0..self.warm_up {
            routine.call();
        }
        let mut total = AllocStats::default();
        let mut max_allocs = 0;
        let mut max_bytes = 0;
        for _ in 0..self.counted {
            let stats = routine.call();
            total += stats;
            max_allocs = max_allocs.max(stats.allocs);
            max_bytes = max_bytes.max(stats.bytes);
        }
        Observation::Calls(Allocations {
            calls: self.counted,
            total,
            max_allocs,
            max_bytes,
        })
    }
}
