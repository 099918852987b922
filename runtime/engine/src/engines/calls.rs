//! A fixed number of calls, whose allocations are counted: the test run, and the counting pass.

use std::time::Instant;

use super::{Call, Engine, Observation};
use crate::declared::Declared;
use crate::figures::{Allocations, Varies};
use crate::routine::{Calls, Counted, Extremes, Routine, SLOW};
use crate::settings::Defaults;
use hotbench_guard::{CaseBudget, elsewhere};

/// Calls that show whether they are alike.
const ENOUGH: u32 = 10;

/// Made before the case is set up: the threads that it starts are counted, too.
pub(super) struct Counting {
    calls: Calls,
    call: Call,
    defaults: Defaults,
}

impl Counting {
    pub(super) fn new(calls: Calls, call: Call, defaults: Defaults) -> Self {
        elsewhere::arm();
        Self {
            calls,
            call,
            defaults,
        }
    }
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
            no_alloc: declared.no_alloc,
        };
        let (start, waited) = (Instant::now(), elsewhere::waited());
        let mut counted = routine.count(self.calls, &budget);
        // What has been waited for threads that calls have started is not of a call.
        let elapsed = start.elapsed().saturating_sub(elsewhere::waited() - waited);
        // Of slow calls there are fewer.
        let made = self.calls.warm_up + counted.calls.min(self.calls.counted);
        let call = elapsed / made.max(1);
        let is_judged = self.calls.warm_up > 0 && counted.over_budget.is_none();
        if counted.elsewhere && is_judged && self.calls.counted < ENOUGH && call < SLOW {
            // Whether calls differ is seen of several.
            let calls = Calls {
                counted: ENOUGH,
                ..self.calls
            };
            counted = routine.count(calls, &budget);
        }
        let varies = varies(&counted);
        let Counted {
            calls,
            total,
            over_budget,
            ..
        } = counted;
        Observation::Calls {
            allocations: Allocations::of(total, calls, varies),
            budget: declared.limits(),
            throughput: declared.throughput(),
            over_budget,
            call,
            planned: Box::new(self.defaults.complete(declared.settings(), call)),
        }
    }
}

/// What the calls allocated that differ by what other threads did. Of what one thread does by itself, each run has
/// the same mean, whatever single calls take.
fn varies(counted: &Counted) -> Option<Varies> {
    if !counted.elsewhere {
        return None;
    }
    let per_call = |n: u64| n as f64 / f64::from(counted.calls);
    let Some(Extremes { allocs, bytes }) = counted.extremes else {
        // Side by side the mean alone is known.
        let [allocs, bytes] = [counted.total.allocs, counted.total.bytes].map(per_call);
        let is_whole = allocs.fract() == 0.0 && bytes.fract() == 0.0;
        let around = |mean: f64| [mean.floor(), mean.ceil()];
        return (!is_whole).then(|| Varies {
            allocs: around(allocs),
            bytes: around(bytes),
        });
    };
    let differ = allocs[0] != allocs[1] || bytes[0] != bytes[1];
    differ.then(|| Varies {
        allocs: allocs.map(|n| n as f64),
        bytes: bytes.map(|n| n as f64),
    })
}
