//! Times pairs of routines side by side, and prints their ratios with intervals.
//!
//! The two of a pair take turns in blocks of 100 µs, for on a shared machine the same loop varies by
//! half within a minute; which is first alternates, for the second place costs up to 1 %. A launch
//! of the program gives one figure for each pair, the median over its blocks. The variance sits
//! between launches (layout, frequency, neighbours), so these are what the interval is over: the
//! median of all launches' figures, and the order statistics around it (a sign test inverted; Conover,
//! *Practical Nonparametric Statistics*, 3.2).

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints its results"
)]

use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::ScopedJoinHandle;
use std::time::Instant;

use crate::{held, time};

/// Launches of the program; the 4th and the 12th smallest figure of 15 bound the median with
/// 96.5 % confidence.
const LAUNCHES: usize = 15;
const INTERVAL: [usize; 2] = [3, 11];
/// Blocks of each side in a launch; fewer where an iteration takes longer than a block.
const BLOCKS: f64 = 300.0;
const FEWEST_BLOCKS: f64 = 5.0;
const BLOCK_NS: f64 = 1e5;

/// What a pair is held to.
#[derive(Debug, Clone, Copy)]
pub enum Bar {
    /// The subject's time, in units of the reference's.
    Ratio(f64),
    /// What the subject takes more than the reference, in nanoseconds an iteration.
    ExtraNs(f64),
    /// Shown, and held to nothing: a ratio.
    None,
    /// The same of a difference.
    Extra,
}

/// A routine, given a number of iterations.
pub type Run = fn(u32);

/// A routine and what it is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    /// Under which heading it stands.
    pub table: &'static str,
    /// Its row's name.
    pub name: &'static str,
    /// What is timed.
    pub subject: Run,
    /// What it is held against.
    pub reference: Run,
    /// Threads that run each side at the same time.
    pub threads: usize,
    /// What the figure must keep to.
    pub bar: Bar,
}

/// The figures of one pair in one launch, in nanoseconds an iteration.
#[derive(Debug, Clone, Copy)]
struct Figures {
    subject_ns: f64,
    reference_ns: f64,
    /// The median of the pairs of blocks: a ratio, or a difference.
    compared: f64,
}

/// The whole of a bench program: times `pairs` with `--bench`; else, as in `cargo test`, runs each
/// once. Arguments without a dash choose those in whose table or name they occur.
pub fn main(pairs: &[Pair]) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let filters: Vec<&String> = arguments.iter().filter(|a| !a.starts_with('-')).collect();
    let is_chosen = |pair: &&Pair| {
        let occurs = |filter: &&String| {
            pair.name.contains(filter.as_str()) || pair.table.contains(filter.as_str())
        };
        filters.is_empty() || filters.iter().any(occurs)
    };
    let pairs: Vec<Pair> = pairs.iter().filter(is_chosen).copied().collect();
    if has("--launch") {
        for pair in &pairs {
            let [subject, reference, compared] = launch(pair).to_fields();
            println!("{subject} {reference} {compared}");
        }
    } else if has("--bench") {
        report(&pairs, &filters);
    } else {
        for pair in &pairs {
            (pair.subject)(1);
            (pair.reference)(1);
        }
        println!("{} pairs run once, untimed", pairs.len());
    }
    ExitCode::SUCCESS
}

/// What this program prints as `--launch`, once for each launch.
pub fn launches(arguments: &[&String]) -> Vec<String> {
    let launch = |n| {
        eprint!("\rlaunch {n} of {LAUNCHES}");
        let output = Command::new(std::env::current_exe().expect("this program"))
            .arg("--launch")
            .args(arguments)
            .output()
            .expect("this program starts");
        assert!(output.status.success(), "a launch failed: {output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    let launches = (1..=LAUNCHES).map(launch).collect();
    eprintln!();
    launches
}

/// The median of the launches' figures, and the bounds of its interval.
pub fn median_and_interval(mut figures: Vec<f64>) -> (f64, [f64; 2]) {
    figures.sort_by(f64::total_cmp);
    (
        figures[figures.len() / 2],
        INTERVAL.map(|rank| figures[rank]),
    )
}

fn report(pairs: &[Pair], filters: &[&String]) {
    let launches: Vec<Vec<Figures>> = launches(filters)
        .iter()
        .map(|text| text.lines().map(Figures::parse).collect())
        .collect();
    let mut table = "";
    for (index, pair) in pairs.iter().enumerate() {
        if pair.table != table {
            table = pair.table;
            println!(
                "\n{table}\n  {:<34} {:>10} {:>10} {:>9} {:>20}  held to",
                "", "time", "reference", "", "96.5 % interval"
            );
        }
        let figures: Vec<Figures> = launches.iter().map(|launch| launch[index]).collect();
        println!("  {}", row(pair, &figures));
    }
}

fn row(pair: &Pair, figures: &[Figures]) -> String {
    let of = |field: fn(&Figures) -> f64| median_and_interval(figures.iter().map(field).collect());
    let (compared, [low, high]) = of(|figures| figures.compared);
    let show = |value: f64| match pair.bar {
        Bar::ExtraNs(_) | Bar::Extra => format!("{value:+.2} ns"),
        _ if value < 100.0 => format!("{value:.4}"),
        _ => format!("{value:.0}"),
    };
    let verdict = match pair.bar {
        Bar::None | Bar::Extra => String::new(),
        Bar::Ratio(bar) | Bar::ExtraNs(bar) => {
            format!("{} {}", show(bar), held([low, high], bar))
        }
    };
    format!(
        "{:<34} {:>10} {:>10} {:>9} {:>20}  {verdict}",
        pair.name,
        time(of(|figures| figures.subject_ns).0),
        time(of(|figures| figures.reference_ns).0),
        show(compared),
        format!("{} to {}", show(low), show(high)),
    )
}

/// One launch's figures for a pair.
fn launch(pair: &Pair) -> Figures {
    let iterations = calibrate(pair.reference);
    let longest = time_block(pair.subject, iterations) * f64::from(iterations);
    let blocks = (BLOCKS * BLOCK_NS / longest).clamp(FEWEST_BLOCKS, BLOCKS) as usize;
    let turnstile = Turnstile::new(pair.threads);
    let of_thread = || {
        (0..blocks)
            .map(|block| {
                let mut times = [0.0; 2];
                for side in [block % 2, 1 - block % 2] {
                    // Threads meet, so that they are on the same side at the same time.
                    turnstile.meet();
                    let routine = [pair.subject, pair.reference][side];
                    times[side] = time_block(routine, iterations);
                }
                times
            })
            .collect::<Vec<_>>()
    };
    let blocks: Vec<[f64; 2]> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..pair.threads).map(|_| scope.spawn(of_thread)).collect();
        let blocks = threads.into_iter().map(ScopedJoinHandle::join);
        blocks
            .flat_map(|blocks| blocks.expect("no panic"))
            .collect()
    });
    let median = |figure: &dyn Fn(&[f64; 2]) -> f64| {
        let mut values: Vec<f64> = blocks.iter().map(figure).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Figures {
        subject_ns: median(&|times| times[0]),
        reference_ns: median(&|times| times[1]),
        compared: match pair.bar {
            Bar::ExtraNs(_) | Bar::Extra => median(&|times| times[0] - times[1]),
            _ => median(&|times| times[0] / times[1]),
        },
    }
}

/// Nanoseconds an iteration.
#[inline(never)]
fn time_block(routine: Run, iterations: u32) -> f64 {
    let start = Instant::now();
    black_box(routine)(black_box(iterations));
    start.elapsed().as_secs_f64() * 1e9 / f64::from(iterations)
}

/// Iterations that take a block.
fn calibrate(routine: Run) -> u32 {
    let mut iterations = 1;
    while time_block(routine, iterations) * f64::from(iterations) < BLOCK_NS {
        iterations *= 2;
    }
    iterations
}

impl Figures {
    fn to_fields(self) -> [f64; 3] {
        [self.subject_ns, self.reference_ns, self.compared]
    }

    fn parse(line: &str) -> Self {
        let mut fields = line
            .split(' ')
            .map(|field| field.parse().expect("a number"));
        let mut next = || fields.next().expect("three numbers");
        Self {
            subject_ns: next(),
            reference_ns: next(),
            compared: next(),
        }
    }
}

/// Where threads wait for each other, spinning: a sleeping thread wakes up half a block late.
struct Turnstile {
    threads: usize,
    arrived: AtomicUsize,
}

impl Turnstile {
    fn new(threads: usize) -> Self {
        let arrived = AtomicUsize::new(0);
        Self { threads, arrived }
    }

    fn meet(&self) {
        let ticket = self.arrived.fetch_add(1, Ordering::AcqRel);
        let all_of_this_round = (ticket / self.threads + 1) * self.threads;
        while self.arrived.load(Ordering::Acquire) < all_of_this_round {
            std::hint::spin_loop();
        }
    }
}
