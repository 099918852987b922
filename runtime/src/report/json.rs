//! A run with a table as one JSON document, for programs: every figure of that, and those behind it.

use serde::Serialize;
use serde_json::json;

use super::console::Console;
use super::measurement::{
    Allocations, Elision, Estimate, Failure, Ratio, Summary, ThreadTimes, Verdict,
};
use super::rows::{Row, arrange};

/// Raised whenever a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

/// Prints the document.
pub(crate) fn print(console: &mut Console, summary: &Summary) {
    let cases: Vec<Case<'_>> = arrange(&summary.cases).iter().map(Case::of).collect();
    let guard = summary.guard;
    console.line(json!({
        "schema": SCHEMA,
        "timed": summary.is_timed,
        "profile": summary.profile,
        "filtered_out": summary.filtered_out,
        "ignored": summary.ignored,
        "guard": {
            "guarded": guard.guarded,
            "live": guard.live,
            "allocator_installed": guard.allocator_installed,
            "switched_off": guard.switched_off,
        },
        "cases": cases,
    }));
}

#[derive(Serialize)]
struct Case<'a> {
    id: &'a str,
    package: Option<&'a str>,
    group: Option<&'a str>,
    baseline: bool,
    value: Option<&'a str>,
    time: Option<Time<'a>>,
    allocations: Option<PerCall>,
    throughput: Option<Rates>,
    vs_baseline: Option<Comparison<'a>>,
    failure: Option<Failed<'a>>,
}

/// Nanoseconds of one call.
#[derive(Serialize)]
struct Time<'a> {
    #[serde(flatten)]
    time: &'a Estimate,
    mean: &'a Estimate,
    median: &'a Estimate,
    standard_deviation: &'a Estimate,
    confidence_level: f64,
    samples: usize,
    iterations: u64,
    threads: Option<ThreadTimes>,
    optimised_away: Option<Elision>,
}

/// What was counted, by the calls.
#[derive(Serialize)]
struct PerCall {
    calls: u32,
    allocs: f64,
    reallocs: f64,
    deallocs: f64,
    bytes: f64,
}

#[derive(Serialize)]
struct Rates {
    bytes_per_call: Option<u64>,
    elements_per_call: Option<u64>,
    bytes_per_second: Option<f64>,
    elements_per_second: Option<f64>,
}

#[derive(Serialize)]
struct Comparison<'a> {
    baseline: &'a str,
    ratio: Ratio,
    verdict: Verdict,
}

#[derive(Serialize)]
struct Failed<'a> {
    message: &'a str,
    output: &'a str,
}

impl<'a> Case<'a> {
    fn of(row: &Row<'a>) -> Self {
        let case = row.case;
        let timing = case.timing.as_ref();
        let throughput = case.throughput;
        let ratio = row.baseline.zip(row.ratio());
        Self {
            id: &case.id,
            package: case.package,
            group: case.group,
            baseline: case.is_baseline,
            value: case.value.as_deref(),
            time: timing.map(|timing| Time {
                time: &timing.time,
                mean: &timing.mean,
                median: &timing.median,
                standard_deviation: &timing.standard_deviation,
                confidence_level: timing.confidence_level,
                samples: timing.samples,
                iterations: timing.iterations,
                threads: timing.threads,
                optimised_away: timing.elision,
            }),
            allocations: case.allocations.as_ref().map(PerCall::of),
            throughput: timing
                .map(|timing| timing.rates(throughput))
                .filter(|rates| rates.bytes.or(rates.elements).is_some())
                .map(|rates| Rates {
                    bytes_per_call: throughput.bytes,
                    elements_per_call: throughput.elements,
                    bytes_per_second: rates.bytes,
                    elements_per_second: rates.elements,
                }),
            vs_baseline: ratio.map(|(baseline, ratio)| Comparison {
                baseline: &baseline.id,
                verdict: ratio.verdict(),
                ratio,
            }),
            failure: case.failure.as_ref().map(Failed::of),
        }
    }
}

impl PerCall {
    fn of(allocations: &Allocations) -> Self {
        Self {
            calls: allocations.calls,
            allocs: allocations.per_call(|total| total.allocs),
            reallocs: allocations.per_call(|total| total.reallocs),
            deallocs: allocations.per_call(|total| total.deallocs),
            bytes: allocations.per_call(|total| total.bytes),
        }
    }
}

impl<'a> Failed<'a> {
    fn of(failure: &'a Failure) -> Self {
        Self {
            message: failure.cause.message(),
            output: &failure.output,
        }
    }
}
