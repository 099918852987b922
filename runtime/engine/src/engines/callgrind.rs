//! Callgrind: what calls execute, counted exactly, in a process that runs under it.
//!
//! Three batches of calls, of n, 2 n and 3 n. What is not of a call, but of a batch, falls out of their
//! differences, of which there are two: what is deterministic has the same in both.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

use super::valgrind::{Request, ask};
use super::{Engine, Observation};
use crate::declared::Declared;
use crate::figures::{Caches, Instructions};
use crate::routine::{Meter, Off, Routine};

/// By what part of a call's instructions the two differences may differ.
const EXACT: f64 = 0.001;

/// How Callgrind counts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CallgrindSettings {
    /// Calls of the shortest batch.
    pub calls: u64,
    /// What its option `--callgrind-out-file` names, without the process's number.
    pub prefix: PathBuf,
}

pub(super) struct Callgrind(pub(super) CallgrindSettings);

impl Engine for Callgrind {
    fn drive(&mut self, routine: &mut dyn Routine, _: &Declared) -> Observation {
        if ask(Request::RunningOnValgrind) == 0 {
            return Observation::Failed("this process does not run under Valgrind".to_owned());
        }
        let CallgrindSettings { calls, prefix } = &self.0;
        // First use is no cost of a call.
        routine.batch(1, &mut Off);
        let batches = [*calls, calls * 2, calls * 3].map(|calls| {
            routine.batch(calls, &mut Counter);
            let file = next_file(prefix);
            let totals = read(&file);
            // It has been read; what can't be removed does no harm.
            let _ = std::fs::remove_file(file);
            totals
        });
        match differences(batches, *calls) {
            Ok(instructions) => Observation::Instructions(instructions),
            Err(message) => Observation::Failed(message),
        }
    }
}

struct Counter;

impl Meter for Counter {
    fn start(&mut self) {
        ask(Request::StartInstrumentation);
        ask(Request::ZeroStats);
    }

    fn stop(&mut self) {
        ask(Request::DumpStats);
        ask(Request::StopInstrumentation);
    }
}

/// Callgrind numbers the files of a process from 1.
fn next_file(prefix: &Path) -> PathBuf {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let number = FILES.fetch_add(1, Ordering::Relaxed) + 1;
    let mut name = prefix.as_os_str().to_owned();
    name.push(format!(".{}.{number}", std::process::id()));
    name.into()
}

/// Of each event, how often it was counted.
type Totals = HashMap<String, f64>;

fn read(file: &Path) -> Result<Totals, String> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("Callgrind's {} can't be read: {error}", file.display()))?;
    parse(&text).ok_or_else(|| format!("Callgrind's {} has no totals", file.display()))
}

/// The Callgrind Format Specification: `events:` names what `totals:` has.
fn parse(text: &str) -> Option<Totals> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
    let counts = field("totals:")?.split_whitespace();
    let counts = counts.map(|count| count.parse::<f64>().ok());
    field("events:")?
        .split_whitespace()
        .zip(counts)
        .map(|(event, count)| Some((event.to_owned(), count?)))
        .collect()
}

fn differences(batches: [Result<Totals, String>; 3], calls: u64) -> Result<Instructions, String> {
    let [first, second, third] = batches;
    let (first, second, third) = (first?, second?, third?);
    let per_call = |event: &str, more: &Totals, less: &Totals| {
        let count = |totals: &Totals| totals.get(event).copied().unwrap_or(0.0);
        (count(more) - count(less)) / calls as f64
    };
    let [early, late] = [
        per_call("Ir", &second, &first),
        per_call("Ir", &third, &second),
    ];
    let difference = (late - early).abs();
    let both = |event: &str| per_call(event, &third, &first) / 2.0;
    let has_caches = third.contains_key("I1mr");
    Ok(Instructions {
        calls: calls * 6,
        per_call: both("Ir"),
        spread: difference / both("Ir").max(1.0),
        exact: difference <= EXACT * both("Ir"),
        caches: has_caches.then(|| {
            let l1_misses = ["I1mr", "D1mr", "D1mw"].map(both).iter().sum();
            let ll_misses = ["ILmr", "DLmr", "DLmw"].map(both).iter().sum();
            let accesses: f64 = ["Ir", "Dr", "Dw"].map(both).iter().sum();
            Caches::new(accesses, l1_misses, ll_misses)
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::{Totals, differences, parse};

    fn totals(instructions: f64) -> Result<Totals, String> {
        Ok([("Ir".to_owned(), instructions)].into())
    }

    #[test]
    fn what_is_not_of_a_call_falls_out() {
        let counted = differences([totals(1_070.0), totals(2_070.0), totals(3_070.0)], 10);
        let counted = counted.expect("totals");
        assert_eq!(counted.per_call, 100.0);
        assert!(counted.exact);
        assert!(counted.caches.is_none());
    }

    #[test]
    fn what_differs_is_not_exact() {
        let counted = differences([totals(1_070.0), totals(2_070.0), totals(3_080.0)], 10);
        let counted = counted.expect("totals");
        assert!(!counted.exact);
        assert_eq!(counted.spread, 1.0 / 100.5);
    }

    #[test]
    fn totals_are_read_by_their_events() {
        let text = "version: 1\nevents: Ir I1mr\nfn=(1) f\n1 7 1\ntotals: 916 12\n";
        let totals = parse(text).expect("totals");
        assert_eq!((totals["Ir"], totals["I1mr"]), (916.0, 12.0));
        assert!(parse("events: Ir\n").is_none());
    }
}
