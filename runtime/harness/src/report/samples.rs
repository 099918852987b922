//! Measurements for the tests of reports.

use super::comparison::{Pair, SiteChange, SiteKind, Versus, VersusVerdict};
use super::document::{Guard, Machine, Measured, Report, Run, Toolchain};
use super::measurement::{Allocations, Estimate, Measurement, Timing};

/// A report of these.
pub(crate) fn report(cases: Vec<Measurement>) -> Report {
    Report::new(run(), cases)
}

/// A case of which nothing has been measured.
pub(crate) fn case(id: &str) -> Measurement {
    Measurement {
        id: id.to_owned(),
        run: 0,
        index: 0,
        package: Some("app".to_owned()),
        group: None,
        baseline: false,
        sweep_value: None,
        file: "src/lib.rs".to_owned(),
        line: 7,
        duration_s: 1.5,
        single_calls: None,
        timing: None,
        allocations: None,
        instructions: None,
        heap: None,
        sampled: None,
        budget: None,
        ratchet: None,
        program_share: None,
        throughput: None,
        vs_baseline: None,
        since_last: None,
        vs_revision: None,
        variants: Vec::new(),
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
            varies: None,
        }),
        ..case(id)
    }
}

/// A case beside an older version of it, of which nothing but the verdict says anything.
pub(crate) fn versus(verdict: VersusVerdict) -> Versus {
    let none = Estimate {
        point: 0.0,
        lower: 0.0,
        upper: 0.0,
    };
    Versus {
        time_ns: Pair {
            old: 100.0,
            new: 100.0,
        },
        change: none,
        verdict,
        margin: 0.01,
        change_of_means: None,
        smallest_visible: 0.01,
        launches: 12,
        one_core: true,
        allocs: None,
        bytes: None,
        sites: Vec::new(),
        instructions: None,
        duration_s: 1.0,
    }
}

/// A place where so many allocations were, and are, of 16 bytes each.
pub(crate) fn site_change(kind: SiteKind, line: usize, (old, new): (f64, f64)) -> SiteChange {
    SiteChange {
        kind,
        function: Some(format!("app::f{line}")),
        file: Some("src/lib.rs".to_owned()),
        line: Some(line),
        allocs: Pair { old, new },
        bytes: Pair {
            old: old * 16.0,
            new: new * 16.0,
        },
    }
}

/// A timed run of all cases of `hot` in `app`.
pub(crate) fn run() -> Run {
    Run {
        hotbench_version: "0.1.0".to_owned(),
        package: "app".to_owned(),
        bench: "hot".to_owned(),
        measured: Measured::Time,
        profile: "release".to_owned(),
        debug_assertions: false,
        started_at_unix_s: 0,
        duration_s: 1.0,
        partial: false,
        shard: None,
        filtered_out: 0,
        ignored: 0,
        guard: Guard {
            guarded: 0,
            live: 0,
            allocator_installed: true,
            switched_off: false,
        },
        hot_paths: None,
        machine: Machine {
            cpu: None,
            cores: 2,
            os: "linux".to_owned(),
            kernel: None,
            governor: None,
        },
        toolchain: Toolchain {
            rustc: "rustc 1.88.0".to_owned(),
            target: "x86_64-unknown-linux-gnu".to_owned(),
        },
        git: None,
        compared: None,
        variants: None,
        ratchet: None,
    }
}
