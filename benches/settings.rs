//! What the settings of a timed run are worth: how wide the intervals are, how far medians of separate runs
//! are apart, and what a case takes.
//!
//! `cargo bench -p hotbench-benches --bench settings [-- ROUNDS]` prints it for eight workloads, beside
//! Criterion's defaults, in twelve minutes. Without `--bench`, as in `cargo test`, the workloads run once.
//!
//! The program is a harness itself, of the workloads below, and launches itself as that: a launch for each
//! setting and round. In a round the settings take turns, and each round begins with another, so that what
//! else the machine does falls on all of them.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints its results"
)]

use std::collections::HashMap;
use std::process::ExitCode;

use hotbench::bench_case;
use hotbench_benches::generated::timed;
use hotbench_benches::{as_harness, is_harness};
use serde_json::Value;

/// Of each setting.
const ROUNDS: usize = 5;

/// Warm-up and measurement in seconds, samples, resamples.
type Setting = (f64, f64, usize, usize);

const SETTINGS: [Setting; 6] = [
    // Criterion's defaults.
    (3.0, 5.0, 100, 100_000),
    (0.3, 1.5, 100, 10_000),
    (0.3, 1.0, 100, 100_000),
    (0.3, 1.0, 100, 10_000),
    (0.3, 1.0, 50, 10_000),
    (0.1, 0.3, 30, 10_000),
];

#[bench_case(args(27))]
fn collatz(mut n: u64) -> u32 {
    let mut steps = 0;
    while n != 1 {
        n = if n.is_multiple_of(2) {
            n / 2
        } else {
            3 * n + 1
        };
        steps += 1;
    }
    steps
}

const TEXT: &str = "the quick brown fox jumps over the lazy dog";

#[bench_case(args(TEXT))]
fn hash(text: &str) -> u64 {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

#[bench_case(args(TEXT))]
fn words(text: &str) -> usize {
    text.split(' ').filter(|word| word.len() > 3).count()
}

fn pseudo_random(count: u32) -> Vec<u32> {
    (0..count).map(|n| n.wrapping_mul(2_654_435_761)).collect()
}

#[bench_case(args(&pseudo_random(1000).into_iter().map(|n| (n, n)).collect()))]
fn lookups(map: &HashMap<u32, u32>) -> u32 {
    let keys = (0..1000_u32).map(|n| n.wrapping_mul(2_654_435_761));
    keys.filter_map(|key| map.get(&key))
        .fold(0, |sum, n| sum ^ n)
}

#[bench_case(args(&mut pseudo_random(1000)))]
fn sort(numbers: &mut [u32]) {
    numbers.sort_unstable();
}

#[bench_case(args(&pseudo_random(500)))]
fn strings(numbers: &[u32]) -> Vec<String> {
    numbers.iter().map(u32::to_string).collect()
}

#[bench_case(args(&pseudo_random(1 << 20)))]
fn memory(numbers: &[u32]) -> u64 {
    numbers.iter().map(|&n| u64::from(n)).sum()
}

#[bench_case(args(2_000_000))]
fn sieve(limit: usize) -> usize {
    let mut composite = vec![false; limit];
    let mut primes = 0;
    for n in 2..limit {
        if !composite[n] {
            primes += 1;
            (n * n..limit).step_by(n).for_each(|n| composite[n] = true);
        }
    }
    primes
}

/// The harness of these.
mod suite {
    hotbench::harness!(crate);

    pub(super) fn run() -> std::process::ExitCode {
        main()
    }
}

fn main() -> ExitCode {
    if is_harness() {
        return suite::run();
    }
    let arguments: Vec<String> = std::env::args().collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        launch(&["--test"]);
        println!("the workloads run once, untimed");
        return ExitCode::SUCCESS;
    }
    let rounds = arguments.iter().find_map(|argument| argument.parse().ok());
    report(&measure(rounds.unwrap_or(ROUNDS)));
    ExitCode::SUCCESS
}

/// Seconds that a launch takes, and its document.
fn launch(arguments: &[&str]) -> (f64, Value) {
    let mut command = as_harness();
    let (elapsed, output) = timed(command.args(arguments).args(["--format", "json"]));
    let document = serde_json::from_slice(&output.stdout).expect("a document");
    (elapsed.as_secs_f64(), document)
}

/// What a workload was measured as, once.
#[derive(Debug, Clone, Copy)]
struct Figures {
    median_ns: f64,
    /// Of the time that the table shows: half the interval, as a part of it.
    half_width: f64,
    slow_outliers: f64,
}

/// What came of one setting.
#[derive(Debug, Default)]
struct Measured {
    /// Of a whole launch.
    seconds: Vec<f64>,
    /// By workload, in the order of the launches.
    workloads: HashMap<String, Vec<Figures>>,
}

fn measure(rounds: usize) -> Vec<Measured> {
    let mut all: Vec<Measured> = SETTINGS.iter().map(|_| Measured::default()).collect();
    for round in 0..rounds {
        for turn in 0..SETTINGS.len() {
            eprint!(
                "\rround {} of {rounds}, {} of {}",
                round + 1,
                turn + 1,
                SETTINGS.len()
            );
            let index = (round + turn) % SETTINGS.len();
            let (warm_up, measurement, samples, resamples) = SETTINGS[index];
            let flags = format!(
                "--bench --warm-up-time {warm_up} --measurement-time {measurement} \
                 --sample-size {samples} --nresamples {resamples}"
            );
            let (seconds, document) = launch(&flags.split(' ').collect::<Vec<_>>());
            let measured = &mut all[index];
            measured.seconds.push(seconds);
            for case in document["cases"].as_array().expect("cases") {
                let id = case["id"].as_str().expect("an id");
                let name = id.rsplit("::").next().unwrap_or(id).to_owned();
                let figures = measured.workloads.entry(name).or_default();
                figures.push(Figures::of(&case["timing"]));
            }
        }
    }
    eprintln!();
    all
}

impl Figures {
    fn of(timing: &Value) -> Self {
        let number = |value: &Value| value.as_f64().expect("a number");
        let time = &timing["time_ns"];
        let [point, lower, upper] = ["point", "lower", "upper"].map(|end| number(&time[end]));
        Self {
            median_ns: number(&timing["median_ns"]["point"]),
            half_width: (upper - lower) / 2.0 / point,
            slow_outliers: number(&timing["slow_outliers"]) / number(&timing["samples"]),
        }
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

impl Measured {
    /// The median over the launches of a workload.
    fn typical(&self, workload: &str, of: fn(&Figures) -> f64) -> f64 {
        median(self.workloads[workload].iter().map(of).collect())
    }

    /// How far the medians of launches are from their own median: the median of these distances (MAD), as a
    /// part of it.
    fn spread(&self, workload: &str) -> f64 {
        let medians = || self.workloads[workload].iter().map(|it| it.median_ns);
        let middle = median(medians().collect());
        median(medians().map(|it| (it - middle).abs() / middle).collect())
    }
}

fn report(all: &[Measured]) {
    let mut workloads: Vec<&String> = all[0].workloads.keys().collect();
    workloads.sort_by(|a, b| {
        let time = |name: &str| all[0].typical(name, |it| it.median_ns);
        time(a).total_cmp(&time(b))
    });
    let rounds = all[0].seconds.len();
    println!(
        "{} workloads, {rounds} launches of each setting\n",
        workloads.len()
    );
    println!(
        "{:<26} {:>8} {:>22} {:>22} {:>9}",
        "", "a case", "interval, ±", "run to run, ±", "outliers"
    );
    println!(
        "{:<26} {:>8} {:>11} {:>10} {:>11} {:>10} {:>9}",
        "warm-up, time, samples", "", "median", "widest", "median", "widest", "most"
    );
    for (setting, measured) in SETTINGS.iter().zip(all) {
        let of = |figure: &dyn Fn(&str) -> f64| {
            let mut figures: Vec<f64> = workloads.iter().map(|name| figure(name)).collect();
            figures.sort_by(f64::total_cmp);
            [figures[figures.len() / 2], figures[figures.len() - 1]]
        };
        let [width, widest] = of(&|name| measured.typical(name, |it| it.half_width));
        let [spread, most_spread] = of(&|name| measured.spread(name));
        let [_, outliers] = of(&|name| measured.typical(name, |it| it.slow_outliers));
        println!(
            "{:<26} {:>6.2} s {:>9.2} % {:>8.2} % {:>9.2} % {:>8.2} % {:>7.0} %",
            name(setting),
            median(measured.seconds.clone()) / workloads.len() as f64,
            width * 100.0,
            widest * 100.0,
            spread * 100.0,
            most_spread * 100.0,
            outliers * 100.0,
        );
    }
    println!("\ninterval, ± / run to run, ± (both in %)\n");
    print!("{:<26}", "");
    for workload in &workloads {
        print!(" {workload:>11}");
    }
    println!();
    for (setting, measured) in SETTINGS.iter().zip(all) {
        print!("{:<26}", name(setting));
        for workload in &workloads {
            let width = measured.typical(workload, |it| it.half_width) * 100.0;
            let spread = measured.spread(workload) * 100.0;
            print!(" {:>11}", format!("{width:.2} / {spread:.2}"));
        }
        println!();
    }
}

fn name(&(warm_up, measurement, samples, resamples): &Setting) -> String {
    format!(
        "{warm_up} s, {measurement} s, {samples}, {}k",
        resamples / 1000
    )
}
