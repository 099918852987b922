//! How often a comparison of two versions errs, and what it can see.
//!
//! `cargo bench -p hotbench-benches --bench comparison` compares this executable with copies of itself, of which
//! the newer does the same work, or 2 % or 5 % more, and prints the verdicts: some half an hour, alone or beside a
//! noisy neighbour, `-- --neighbour`. `-- --rounds N` makes N comparisons of each function; without `--bench`, as in
//! `cargo test`, there is one of one.
//!
//! What a function does more is decided when it runs, by the name of the copy, so that the copies are the same to
//! the byte, and nothing but the work differs.

#![allow(clippy::print_stdout, reason = "a program that prints its results")]

use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use hotbench::bench_case;
use hotbench_benches::{as_harness, is_harness};
use serde_json::Value;

/// Comparisons of each function and of each amount of work, where nothing is said.
const ROUNDS: usize = 20;
/// Of all that are told, those that are false: at most.
const MOST_FALSE: f64 = 0.01;
/// Of the changes of 2 % in functions under 100 µs, those that are told; and of 5 %.
const LEAST_TOLD_OF_TWO: f64 = 0.95;
const LEAST_TOLD_OF_FIVE: f64 = 1.0;
/// Seconds for a case, at most and in the middle.
const LONGEST_S: f64 = 5.0;
const MEDIAN_S: f64 = 2.0;
/// By how many per cent the newer copy does more.
const MORE: &str = "HOTBENCH_BENCHES_MORE";

/// So many turns in the older copy, and more of them in the newer.
fn turns(old: usize) -> usize {
    static MORE_PERCENT: LazyLock<usize> = LazyLock::new(|| {
        let executable = std::env::current_exe().unwrap_or_default();
        let is_newer = executable.file_name().is_some_and(|name| name == "new");
        let more = std::env::var(MORE).ok().filter(|_| is_newer);
        more.and_then(|percent| percent.parse().ok()).unwrap_or(0)
    });
    old + old * *MORE_PERCENT / 100
}

fn mixed(mut state: u64) -> u64 {
    state ^= state << 13;
    state ^= state >> 7;
    state ^ (state << 17)
}

fn numbers(count: usize) -> Vec<u32> {
    let mut state = 88_172_645_463_325_252;
    let mut next = || {
        state = mixed(state);
        state as u32
    };
    (0..count).map(|_| next()).collect()
}

#[bench_case(args(&turns(200)))]
fn arithmetic(turns: &usize) -> u64 {
    (0..*turns).fold(1, |state, turn| mixed(black_box(state) ^ turn as u64))
}

#[bench_case(args(&numbers(100), &turns(100)))]
fn sorting(numbers: &[u32], turns: &usize) -> u32 {
    let mut buffer = [0; 100];
    (0..*turns).fold(0, |sum, _| {
        buffer.copy_from_slice(black_box(numbers));
        buffer.sort_unstable();
        sum ^ buffer[7]
    })
}

#[bench_case(args(&numbers(1 << 10).into_iter().map(|n| (n, n)).collect(), &numbers(1 << 10), &turns(1_000)))]
fn hashing(map: &HashMap<u32, u32>, keys: &[u32], turns: &usize) -> u32 {
    let keys = keys.iter().cycle().take(*turns);
    keys.fold(0, |sum, key| {
        sum ^ map.get(black_box(key)).copied().unwrap_or(1)
    })
}

#[bench_case(args(&numbers(1 << 10).into_iter().map(|n| (n, n)).collect(), &numbers(1 << 10), &turns(500)))]
fn tree(map: &BTreeMap<u32, u32>, keys: &[u32], turns: &usize) -> u32 {
    let keys = keys.iter().cycle().take(*turns);
    keys.fold(0, |sum, key| {
        sum ^ map.get(black_box(key)).copied().unwrap_or(1)
    })
}

#[bench_case(args(&turns(2_000)))]
fn growing(turns: &usize) -> Vec<usize> {
    let mut grown = Vec::new();
    for turn in 0..*turns {
        grown.push(black_box(turn));
    }
    grown
}

#[bench_case(args(&turns(100)))]
fn boxing(turns: &usize) -> usize {
    (0..*turns).map(|turn| *black_box(Box::new(turn))).sum()
}

#[bench_case(args(&turns(100)))]
fn formatting(turns: &usize) -> String {
    use std::fmt::Write as _;

    let mut text = String::new();
    for turn in 0..*turns {
        let _ = write!(text, "{turn},");
    }
    text
}

#[bench_case(args(&text(), &turns(400)))]
fn parsing(lines: &[String], turns: &usize) -> u64 {
    let lines = lines.iter().cycle().take(*turns);
    lines
        .map(|line| {
            line.split(' ')
                .filter_map(|word| word.parse::<u64>().ok())
                .sum::<u64>()
        })
        .sum()
}

fn text() -> Vec<String> {
    numbers(64)
        .into_iter()
        .map(|n| format!("{} and {} or {}", n % 97, n % 7, n))
        .collect()
}

#[bench_case(args(&chain(), &turns(4_000)))]
fn pointer_chase(chain: &[u32], turns: &usize) -> u32 {
    (0..*turns).fold(0, |at, _| chain[at as usize])
}

/// One cycle through 16 MiB, in no order.
fn chain() -> Vec<u32> {
    const LENGTH: u32 = 1 << 22;
    (0..LENGTH)
        .map(|at| (at.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)) % LENGTH)
        .collect()
}

#[bench_case(args(&numbers(256), &turns(100)))]
fn branches(numbers: &[u32], turns: &usize) -> u32 {
    (0..*turns).fold(0_u32, |sum, turn| {
        let number = black_box(numbers[turn % numbers.len()]);
        match number % 5 {
            0 => sum.wrapping_add(number),
            1 => sum ^ number,
            2 => sum.rotate_left(3),
            3 => sum.wrapping_mul(number | 1),
            _ => sum.wrapping_sub(number),
        }
    })
}

#[bench_case(args(&floats(), &turns(1 << 14)))]
fn summing(numbers: &[f32], turns: &usize) -> f32 {
    let numbers = numbers.iter().cycle().take(*turns);
    numbers.fold(0.0, |sum, number| sum + black_box(*number))
}

fn floats() -> Vec<f32> {
    numbers(1 << 14).into_iter().map(|n| n as f32).collect()
}

#[bench_case(args(&turns(1_500)))]
fn copying(turns: &usize) -> Vec<u8> {
    let mut bytes = vec![1_u8; 4_096];
    for turn in 0..*turns {
        let at = turn % 4_000;
        bytes.copy_within(at..at + 64, 4_000 - at);
        black_box(&mut bytes);
    }
    bytes
}

mod suite {
    hotbench::harness!(crate);

    pub(super) fn run() -> std::process::ExitCode {
        main()
    }
}

/// What comparisons of one function say.
#[derive(Default)]
struct Told {
    slower: usize,
    faster: usize,
    same: usize,
    inconclusive: usize,
    half_widths: Vec<f64>,
    seconds: Vec<f64>,
    time_ns: f64,
}

impl Told {
    fn add(&mut self, versus: &Value) {
        match versus["verdict"].as_str().expect("a verdict") {
            "slower" => self.slower += 1,
            "faster" => self.faster += 1,
            "same" => self.same += 1,
            _ => self.inconclusive += 1,
        }
        let figure = |value: &Value| value.as_f64().expect("a number");
        let change = &versus["change"];
        let half_width = (figure(&change["upper"]) - figure(&change["lower"])) / 2.0;
        self.half_widths.push(half_width);
        self.seconds.push(figure(&versus["duration_s"]));
        self.time_ns = figure(&versus["time_ns"]["old"]);
    }

    fn comparisons(&self) -> usize {
        self.slower + self.faster + self.same + self.inconclusive
    }
}

fn main() -> ExitCode {
    if is_harness() {
        return suite::run();
    }
    let arguments: Vec<String> = std::env::args().collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    if !has("--bench") {
        let told = compare(0, 1, &["--exact", "hotbench-benches::arithmetic"]);
        println!("{} comparison of a function with itself", told.len());
        return ExitCode::SUCCESS;
    }
    let rounds = arguments.iter().position(|argument| argument == "--rounds");
    let rounds = rounds
        .and_then(|at| arguments.get(at + 1)?.parse().ok())
        .unwrap_or(ROUNDS);
    static IS_OVER: AtomicBool = AtomicBool::new(false);
    let neighbour = has("--neighbour").then(|| thread::spawn(make_noise_until(&IS_OVER)));
    for more in [0, 2, 5] {
        let told = compare(more, rounds, &[]);
        print(more, &told);
    }
    IS_OVER.store(true, Ordering::Relaxed);
    if let Some(neighbour) = neighbour {
        neighbour.join().expect("noise");
    }
    ExitCode::SUCCESS
}

/// Work on another core, in memory of its own.
fn make_noise_until(is_over: &'static AtomicBool) -> impl FnOnce() + Send {
    move || {
        let mut memory = numbers(1 << 22);
        while !is_over.load(Ordering::Relaxed) {
            for number in &mut memory {
                *number = number.wrapping_mul(3);
            }
            black_box(&mut memory);
        }
    }
}

/// By function.
fn compare(more: usize, rounds: usize, flags: &[&str]) -> BTreeMap<String, Told> {
    let mut told: BTreeMap<String, Told> = BTreeMap::new();
    for _ in 0..rounds {
        let mut command = as_harness();
        command
            .args([
                "--bench",
                "--compare",
                "self",
                "--format",
                "json",
                "--allow-debug",
                "--quiet",
            ])
            .args(flags)
            .env(MORE, more.to_string());
        let output = command.output().expect("the harness");
        let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
        for case in document["cases"].as_array().expect("a list") {
            let id = case["id"].as_str().expect("an id").to_owned();
            told.entry(id).or_default().add(&case["vs_revision"]);
        }
    }
    told
}

fn print(more: usize, told: &BTreeMap<String, Told>) {
    println!("\n{more} % more work");
    println!(
        "{:<36} {:>10} {:>7} {:>7} {:>5} {:>13} {:>11} {:>8}",
        "function", "a call", "slower", "faster", "same", "inconclusive", "half-width", "seconds"
    );
    for (id, told) in told {
        println!(
            "{id:<36} {:>10} {:>7} {:>7} {:>5} {:>13} {:>9.2} % {:>8.2}",
            hotbench_benches::time(told.time_ns),
            told.slower,
            told.faster,
            told.same,
            told.inconclusive,
            percentile(&told.half_widths, 0.5) * 100.0,
            percentile(&told.seconds, 0.5),
        );
    }
    let sum = |count: fn(&Told) -> usize| told.values().map(count).sum::<usize>();
    let all = sum(Told::comparisons);
    let share = |n: usize| n as f64 / all as f64;
    match more {
        0 => {
            let alarms = sum(|told| told.slower + told.faster);
            verdict("false alarms", alarms, all, share(alarms) <= MOST_FALSE);
        }
        more => {
            let told_slower = sum(|told| told.slower);
            let least = if more == 2 {
                LEAST_TOLD_OF_TWO
            } else {
                LEAST_TOLD_OF_FIVE
            };
            verdict("told", told_slower, all, share(told_slower) >= least);
        }
    }
    let seconds: Vec<f64> = told
        .values()
        .flat_map(|told| told.seconds.clone())
        .collect();
    let (median, longest) = (percentile(&seconds, 0.5), percentile(&seconds, 1.0));
    let is_held = median <= MEDIAN_S && longest <= LONGEST_S;
    println!(
        "seconds a case: median {median:.2}, at most {MEDIAN_S}; longest {longest:.2}, at most {LONGEST_S}: {}",
        if is_held { "held" } else { "not held" }
    );
    let widths: Vec<f64> = told
        .values()
        .flat_map(|told| told.half_widths.clone())
        .collect();
    println!(
        "half-width: median {:.2} %, 90th percentile {:.2} %",
        percentile(&widths, 0.5) * 100.0,
        percentile(&widths, 0.9) * 100.0
    );
}

fn verdict(what: &str, n: usize, all: usize, is_held: bool) {
    let held = if is_held { "held" } else { "not held" };
    println!(
        "{what}: {n} of {all}, {:.1} %: {held}",
        n as f64 / all as f64 * 100.0
    );
}

fn percentile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    sorted
        .get((last as f64 * part).round() as usize)
        .copied()
        .unwrap_or(0.0)
}
