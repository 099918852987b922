//! Measurements for the tests of reports.

use super::measurement::{Allocations, Estimate, Measurement, Timing};

/// A case of which nothing has been measured.
pub(crate) fn case(id: &str) -> Measurement {
    Measurement {
        id: id.to_owned(),
        run: 0,
        index: 0,
        package: Some("app".to_owned()),
        group: None,
        baseline: false,
        value: None,
        file: "src/lib.rs".to_owned(),
        line: 7,
        timing: None,
        allocations: None,
        budget: None,
        throughput: None,
        vs_baseline: None,
        since_last: None,
        failure: None,
    }
}

/// One of which a call takes so long, to 1 %.
pub(crate) fn timed(id: &str, time_ns: f64) -> Measurement {
    let estimate = Estimate {
        point: time_ns,
        lower: time_ns * 0.99,
        upper: time_ns * 1.01,
    };
    Measurement {
        timing: Some(Timing {
            time_ns: estimate,
            mean_ns: estimate,
            median_ns: estimate,
            standard_deviation_ns: estimate,
            confidence_level: 0.95,
            samples: 50,
            slow_outliers: 0,
            iterations: 1000,
            threads: None,
            optimised_away: None,
        }),
        allocations: Some(Allocations {
            calls: 10,
            allocs: 0.0,
            reallocs: 0.0,
            deallocs: 0.0,
            bytes: 0.0,
        }),
        ..case(id)
    }
}
