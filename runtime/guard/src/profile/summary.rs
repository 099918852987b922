//! What all threads have seen, put together; as it is here it is the profile's JSON.

use hdrhistogram::Histogram;
use serde::Serialize;

use super::figures::{Durations, Figures};
use crate::Site;

/// Grows when a field goes or changes its meaning.
const SCHEMA: u32 = 1;
/// Digits that quantiles keep, besides the half percent of a thread's buckets.
const DIGITS: u8 = 3;

#[derive(Debug, Serialize)]
pub(super) struct Summary {
    schema: u32,
    kind: &'static str,
    /// From the profile's beginning to its end.
    pub(super) elapsed_ns: u64,
    /// By their own time, the longest first.
    pub(super) functions: Vec<Function>,
    pub(super) not_called: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Function {
    pub(super) function: String,
    file: &'static str,
    line: u32,
    column: u32,
    pub(super) calls: u64,
    pub(super) total_ns: u64,
    pub(super) self_ns: u64,
    /// Of the elapsed time; more than 1 where several threads were in it.
    total_share: f64,
    pub(super) self_share: f64,
    #[serde(flatten)]
    pub(super) call: Spread,
    /// Nothing where they can't be counted.
    allocs: Option<u64>,
    bytes: Option<u64>,
    pub(super) allocs_per_call: Option<f64>,
    pub(super) bytes_per_call: Option<f64>,
    pub(super) panicked: u64,
    /// Of an async function.
    #[serde(rename = "async")]
    pub(super) asynchronous: Option<Async>,
}

/// What the calls of an async function did besides.
#[derive(Debug, Serialize)]
pub(super) struct Async {
    pub(super) polls: u64,
    /// Calls that were dropped before they were ready.
    pub(super) dropped: u64,
    /// From the first poll on, of the calls that were ready.
    pub(super) until_ready: UntilReady,
}

#[derive(Debug, Serialize)]
pub(super) struct UntilReady {
    pub(super) calls: u64,
    pub(super) total_ns: u64,
    #[serde(flatten)]
    pub(super) call: Spread,
}

/// Of one call; nothing where there was none.
#[derive(Debug, Serialize)]
pub(super) struct Spread {
    pub(super) mean_ns: Option<f64>,
    pub(super) p50_ns: Option<f64>,
    pub(super) p95_ns: Option<f64>,
    pub(super) p99_ns: Option<f64>,
    pub(super) max_ns: Option<f64>,
}

/// Of one function, from all threads, in ticks.
#[derive(Debug)]
pub(super) struct Totals {
    pub(super) site: &'static Site,
    calls: Merged,
    until_ready: Merged,
    total: u64,
    own: u64,
    allocs: u64,
    bytes: u64,
    polls: u64,
    panicked: u64,
    dropped: u64,
}

#[derive(Debug)]
struct Merged {
    count: u64,
    sum: u64,
    max: u64,
    histogram: Histogram<u64>,
}

impl Totals {
    pub(super) fn new(site: &'static Site) -> Self {
        Self {
            site,
            calls: Merged::new(),
            until_ready: Merged::new(),
            total: 0,
            own: 0,
            allocs: 0,
            bytes: 0,
            polls: 0,
            panicked: 0,
            dropped: 0,
        }
    }

    pub(super) fn add(&mut self, figures: &Figures) {
        self.calls.add(&figures.calls);
        if let Some(until_ready) = figures.until_ready.get() {
            self.until_ready.add(until_ready);
        }
        self.total += figures.total.get();
        self.own += figures.own.get();
        self.allocs += figures.allocs.get();
        self.bytes += figures.bytes.get();
        self.polls += figures.polls.get();
        self.panicked += figures.panicked.get();
        self.dropped += figures.dropped.get();
    }

    fn is_called(&self) -> bool {
        self.calls.count > 0 || self.polls > 0
    }
}

impl Merged {
    fn new() -> Self {
        Self {
            count: 0,
            sum: 0,
            max: 0,
            histogram: Histogram::new(DIGITS).expect("there may be so many digits"),
        }
    }

    fn add(&mut self, durations: &Durations) {
        self.count += durations.count.get();
        self.sum += durations.sum.get();
        self.max = self.max.max(durations.max.get());
        for (ticks, count) in durations.histogram.seen() {
            // It grows to hold them all, but for durations of centuries.
            let _ = self.histogram.record_n(ticks, count);
        }
    }

    fn spread(&self, tick_ns: f64) -> Spread {
        let of_calls = |ticks: f64| (self.count > 0).then_some(ticks * tick_ns);
        // A bucket goes past the longest of its values.
        let quantile = |q| of_calls(self.histogram.value_at_quantile(q).min(self.max) as f64);
        Spread {
            mean_ns: of_calls(self.sum as f64 / self.count as f64),
            p50_ns: quantile(0.5),
            p95_ns: quantile(0.95),
            p99_ns: quantile(0.99),
            max_ns: of_calls(self.max as f64),
        }
    }
}

impl Summary {
    pub(super) fn new(
        totals: Vec<Totals>,
        elapsed: u64,
        tick_ns: f64,
        counts_allocs: bool,
    ) -> Self {
        let (called, not_called): (Vec<Totals>, Vec<Totals>) =
            totals.into_iter().partition(Totals::is_called);
        let elapsed_ns = elapsed as f64 * tick_ns;
        let function = |totals| Function::new(totals, elapsed_ns, tick_ns, counts_allocs);
        let mut functions: Vec<Function> = called.iter().map(function).collect();
        functions.sort_by(|a, b| {
            let by_time = b.self_ns.cmp(&a.self_ns);
            by_time.then_with(|| a.function.cmp(&b.function))
        });
        let mut not_called: Vec<String> = not_called.iter().map(|t| t.site.path()).collect();
        not_called.sort();
        Self {
            schema: SCHEMA,
            kind: "profile",
            elapsed_ns: elapsed_ns as u64,
            functions,
            not_called,
        }
    }
}

impl Function {
    fn new(totals: &Totals, elapsed_ns: f64, tick_ns: f64, counts_allocs: bool) -> Self {
        let site = totals.site;
        let [total_ns, self_ns] = [totals.total, totals.own].map(|ticks| ticks as f64 * tick_ns);
        let counted = |n: u64| counts_allocs.then_some(n);
        let calls = totals.calls.count;
        let per_call = |n| (calls > 0).then(|| n as f64 / calls as f64);
        let asynchronous = (totals.polls > 0).then(|| Async {
            polls: totals.polls,
            dropped: totals.dropped,
            until_ready: UntilReady {
                calls: totals.until_ready.count,
                total_ns: (totals.until_ready.sum as f64 * tick_ns) as u64,
                call: totals.until_ready.spread(tick_ns),
            },
        });
        Self {
            function: site.path(),
            file: site.file,
            line: site.line,
            column: site.column,
            calls,
            total_ns: total_ns as u64,
            self_ns: self_ns as u64,
            total_share: total_ns / elapsed_ns,
            self_share: self_ns / elapsed_ns,
            call: totals.calls.spread(tick_ns),
            allocs: counted(totals.allocs),
            bytes: counted(totals.bytes),
            allocs_per_call: counted(totals.allocs).and_then(per_call),
            bytes_per_call: counted(totals.bytes).and_then(per_call),
            panicked: totals.panicked,
            asynchronous,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Merged;
    use crate::profile::figures::Durations;

    /// Durations from 3 ticks to a minute's, most of them short.
    fn durations() -> Vec<u64> {
        (0..100_000_u64)
            .map(|n| {
                let spread = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
                3 + (spread >> (27 + n % 33))
            })
            .collect()
    }

    #[test]
    fn quantiles_of_several_threads_are_within_one_percent() {
        const TICK_NS: f64 = 0.4;
        let mut all = durations();
        let threads = [Durations::new(), Durations::new(), Durations::new()];
        for (n, ticks) in all.iter().enumerate() {
            threads[n % 2].record(*ticks);
        }
        let mut merged = Merged::new();
        for durations in &threads {
            merged.add(durations);
        }
        all.sort_unstable();
        let exact = |q: f64| all[(all.len() as f64 * q).ceil() as usize - 1] as f64 * TICK_NS;
        let spread = merged.spread(TICK_NS);
        for (shown, q) in [
            (spread.p50_ns, 0.5),
            (spread.p95_ns, 0.95),
            (spread.p99_ns, 0.99),
        ] {
            let error = shown.expect("calls") / exact(q) - 1.0;
            assert!(error.abs() < 0.01, "{q}: {error}");
        }
        // These are exact.
        assert_eq!(spread.max_ns, Some(exact(1.0)));
        let sum: u64 = all.iter().sum();
        let mean = sum as f64 / all.len() as f64 * TICK_NS;
        assert!((spread.mean_ns.expect("calls") / mean - 1.0).abs() < 1e-9);
    }

    #[test]
    fn one_duration_is_all_of_its_quantiles() {
        let durations = Durations::new();
        durations.record(1_000_003);
        let mut merged = Merged::new();
        merged.add(&durations);
        let spread = merged.spread(1.0);
        let error = spread.p50_ns.expect("a call") / 1_000_003.0 - 1.0;
        assert!(error.abs() < 0.005, "{error}");
        assert_eq!(spread.p50_ns, spread.p99_ns);
        assert_eq!(spread.max_ns, Some(1_000_003.0));
    }

    #[test]
    fn without_calls_there_are_no_quantiles() {
        let spread = Merged::new().spread(1.0);
        assert_eq!(spread.mean_ns, None);
        assert_eq!(spread.p50_ns, None);
    }
}
