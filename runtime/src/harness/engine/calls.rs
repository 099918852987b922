//! A fixed number of calls, whose allocations are counted: the test run, and the counting pass.

use super::{Call, Engine, Observation};
use crate::guard::{AllocStats, CaseBudget};
use crate::harness::declared::Declared;
use crate::harness::routine::Routine;
use crate::report::measurement::Allocations;

pub(super) struct Calls<'a> {
    /// Calls before the count: what is initialised at first use is no cost per call.
    pub(super) warm_up: u32,
    pub(super) counted: u32,
    pub(super) call: Call<'a>,
}

impl Engine for Calls<'_> {
    fn drive(&mut self, routine: &mut dyn Routine, declared: &Declared) -> Observation {
        let Call { id, case, .. } = self.call;
        let budget = CaseBudget {
            id,
            function: case.function,
            file: case.file,
            line: case.line,
            column: case.column,
            budget: declared.budget(),
        };
        for _ in 0..self.warm_up {
            routine.call(&budget);
        }
        let mut total = AllocStats::default();
        let mut over_budget = None;
        for _ in 0..self.counted {
            let call = routine.call(&budget);
            total += call.stats;
            over_budget = over_budget.or(call.over_budget);
        }
        let calls = self.counted;
        Observation::Calls {
            allocations: Allocations { calls, total },
            throughput: declared.throughput(),
            over_budget,
        }
    }
}
