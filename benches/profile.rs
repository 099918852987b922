//! What the profile costs a call, beside its peers.
//!
//! ```console
//! $ RUSTFLAGS="-C llvm-args=-align-all-functions=6 -C llvm-args=-align-loops=64" \
//!     cargo bench -p hotbench-benches --bench profile --features profile
//! ```
//!
//! prints the tables, in about a minute. `tracing` has a layer here that keeps the durations of each
//! thread in a histogram, as light as such a layer can be. `hotpath` hands its measurements to a thread
//! of its own: what that takes, on another core, is not in its rows.

use std::cell::RefCell;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use hdrhistogram::Histogram;
use hotbench_benches::side_by_side::{Bar, Pair, Run, main as run};
use tracing::span::{Attributes, Id};
use tracing::{Subscriber, instrument};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

fn main() -> ExitCode {
    // The program that starts the launches calls nothing.
    if std::env::args().any(|argument| argument == "--bench") {
        return run(&pairs());
    }
    let _hotbench = hotbench::profile();
    let hotpath = hotpath::HotpathGuardBuilder::new("main").format(hotpath::Format::None);
    let _hotpath = hotpath.build();
    let subscriber = tracing_subscriber::registry().with(Durations);
    tracing::subscriber::set_global_default(subscriber).expect("there is none yet");
    run(&pairs())
}

fn pairs() -> Vec<Pair> {
    let calls = [hotbench_calls as Run, hotpath_calls, tracing_calls];
    let mut pairs = Vec::new();
    pairs.extend(beside_peers(
        "A call; against a plain one",
        plain_calls,
        calls,
    ));
    pairs.extend(ratios("The same, against peers", calls, 1));
    pairs.extend(ratios("The same on two threads at once", calls, 2));
    let nested = [hotbench_nested as Run, hotpath_nested, tracing_nested];
    pairs.extend(beside_peers(
        "A call with ten in it; against plain ones",
        plain_nested,
        nested,
    ));
    pairs.extend(ratios("The same, against peers", nested, 1));
    pairs.push(Pair {
        table: "A call that makes a box; against a plain one",
        name: "hotbench",
        subject: hotbench_boxes,
        reference: plain_boxes,
        threads: 1,
        bar: Bar::Extra,
    });
    pairs
}

fn beside_peers(table: &'static str, reference: Run, subjects: [Run; 3]) -> Vec<Pair> {
    let names = ["hotbench", "hotpath", "tracing"];
    let rows = names.into_iter().zip(subjects);
    rows.map(|(name, subject)| Pair {
        table,
        name,
        subject,
        reference,
        threads: 1,
        bar: Bar::Extra,
    })
    .collect()
}

fn ratios(
    table: &'static str,
    [hotbench, hotpath, tracing]: [Run; 3],
    threads: usize,
) -> [Pair; 2] {
    let rows = [
        ("hotbench, by hotpath", hotpath, Bar::Ratio(0.5)),
        ("hotbench, by tracing", tracing, Bar::None),
    ];
    rows.map(|(name, reference, bar)| Pair {
        table,
        name,
        subject: hotbench,
        reference,
        threads,
        bar,
    })
}

/// The same function, as each of them has it.
macro_rules! routines {
    ($(
        $(#[$attribute:meta])*
        $leaf:ident $outer:ident $calls:ident $nested:ident;
    )*) => {$(
        $(#[$attribute])*
        #[inline(never)]
        fn $leaf(n: u64) -> u64 {
            black_box(n) + 1
        }

        $(#[$attribute])*
        #[inline(never)]
        fn $outer(n: u64) -> u64 {
            (0..10).map(|i| $leaf(n + i)).sum()
        }

        fn $calls(n: u32) {
            for i in 0..n {
                black_box($leaf(u64::from(i)));
            }
        }

        fn $nested(n: u32) {
            for i in 0..n {
                black_box($outer(u64::from(i)));
            }
        }
    )*};
}

routines! {
    plain plain_outer plain_calls plain_nested;
    #[hotbench::hot]
    in_hotbench in_hotbench_outer hotbench_calls hotbench_nested;
    #[hotpath::measure]
    in_hotpath in_hotpath_outer hotpath_calls hotpath_nested;
    #[instrument(skip_all)]
    in_tracing in_tracing_outer tracing_calls tracing_nested;
}

#[inline(never)]
fn plain_box(n: u64) -> Box<u64> {
    black_box(Box::new(n))
}

#[hotbench::hot]
#[inline(never)]
fn hot_box(n: u64) -> Box<u64> {
    black_box(Box::new(n))
}

fn plain_boxes(n: u32) {
    for i in 0..n {
        drop(black_box(plain_box(u64::from(i))));
    }
}

fn hotbench_boxes(n: u32) {
    for i in 0..n {
        drop(black_box(hot_box(u64::from(i))));
    }
}

/// Keeps how long spans were open.
struct Durations;

struct Start(Instant);

thread_local! {
    static SEEN: RefCell<Histogram<u64>> =
        RefCell::new(Histogram::new(2).expect("so many digits may be"));
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Durations {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).expect("it is new");
        span.extensions_mut().insert(Start(Instant::now()));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).expect("it closes");
        if let Some(Start(start)) = span.extensions().get::<Start>() {
            let ns = start.elapsed().as_nanos() as u64;
            let _ = SEEN.with_borrow_mut(|seen| seen.record(ns));
        }
    }
}
