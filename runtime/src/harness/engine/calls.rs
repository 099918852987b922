//! A fixed number of calls, whose allocations are counted: the test run, and the counting pass.

use std::time::Instant;

use super::{Call, Engine, Observation};
use crate::guard::CaseBudget;
use crate::harness::declared::Declared;
use crate::harness::routine::{Calls, Counted, Routine};
use crate::report::measurement::Allocations;

pub(super) struct Counting {
    pub(super) calls: Calls,
    pub(super) call: Call,
}

impl Engine for Counting {
    fn drive(&mut self, routine: &mut dyn Routine, declared: &Declared) -> Observation {
        let Call { id, case, .. } = &self.call;
        let budget = CaseBudget {
            id,
            function: case.function,
            file: case.file,
            line: case.line,
            column: case.column,
            budget: declared.budget(),
        };
        let start = Instant::now();
        let Counted {
            calls,
            total,
            over_budget,
        } = routine.count(self.calls, &budget);
        let elapsed = start.elapsed();
        Observation::Calls {
            allocations: Allocations::of(total, calls),
            budget: declared.limits(),
            throughput: declared.throughput(),
            over_budget,
            call: elapsed / (self.calls.warm_up + self.calls.counted),
        }
    }
}
