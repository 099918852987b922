//! Where a case's memory goes: its allocations, recorded in a child that does nothing else.

use std::time::Duration;

use super::error::Error;
use super::file_name::file_name;
use super::runner::Runner;
use super::stop::Stop;
use super::target;
use crate::plan::Instance;
use crate::report::measurement::Measurement;
use hotbench_engine::engines::{HeapSettings, Outcome};

/// Allocations that are enough for a picture.
const ENOUGH: f64 = 100_000.0;
/// And the time that calls may take, as long as nothing is recorded.
const BATCH: Duration = Duration::from_millis(500);
/// More calls show nothing more.
const MOST_CALLS: u64 = 1_000;

/// Why nothing is recorded where the program's allocator does not report.
pub(super) const NOT_INSTALLED: &str = "\
nothing is recorded: the program's allocator is not `hotbench::Alloc`. If it has one of its own, wrap it: \
`static ALLOCATOR: hotbench::Alloc<MiMalloc> = hotbench::Alloc::new(MiMalloc);`. If it has none, leave \
hotbench's default feature `global-allocator` on, and `own-allocator` off";

/// Records the allocations of a case, of which a call takes so long. It has a child of its own, whose heap no
/// other case has touched, and which no other case meets.
pub(super) fn record(
    runner: &mut Runner,
    instance: &Instance,
    measurement: &mut Measurement,
    call: Duration,
) -> Result<(), Stop<Error>> {
    let name = format!("{}.json", file_name(&instance.id));
    let file = target::directory().join("hotbench").join("dhat").join(name);
    let allocs = measurement
        .allocations
        .map_or(0.0, |counted| counted.allocs);
    let settings = HeapSettings {
        warm_up: 1,
        calls: calls(allocs, call),
        outcome: Outcome::File {
            shown: file.display().to_string(),
            file,
        },
    };
    runner.renew();
    runner.record_heap(instance, measurement, settings)?;
    runner.renew();
    Ok(())
}

/// A power of ten, so that it is the same in each run, whatever a call takes to the microsecond.
fn calls(allocs: f64, call: Duration) -> u64 {
    let enough = ENOUGH / allocs.max(1.0);
    let in_time = BATCH.as_secs_f64() / call.as_secs_f64().max(1e-9);
    let most = enough.min(in_time);
    let mut calls = MOST_CALLS;
    while calls > 1 && calls as f64 > most {
        calls /= 10;
    }
    calls
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::calls;

    #[test]
    fn calls_are_few_where_they_allocate_much_or_are_slow() {
        let quick = Duration::from_micros(1);
        assert_eq!(calls(0.0, quick), 1_000);
        assert_eq!(calls(100.0, quick), 1_000);
        assert_eq!(calls(101.0, quick), 100);
        assert_eq!(calls(1e8, quick), 1);
        assert_eq!(calls(1.0, Duration::from_millis(20)), 10);
        assert_eq!(calls(1.0, Duration::from_secs(10)), 1);
    }
}
