//! What a generated routine takes beside the Criterion method that would be written by hand.
//!
//! `cargo bench -p hotbench-benches --bench routines` prints the times of ten workloads, in half a
//! minute. Without `--bench`, as in `cargo test`, each runs a few times, untimed.
//!
//! One Criterion measures both sides, and what it takes for the samples of one routine alternates
//! between the two, so that its figures are of the timed part alone and both see the same machine. As
//! in `side_by_side.rs`, which of them is first alternates, a launch of the program gives one figure
//! for each workload, and the interval is over launches.

#![allow(clippy::print_stdout, reason = "a program that prints its results")]

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use criterion::{BatchSize, Bencher, Criterion, SamplingMode};
use hotbench::__private::{Case, inventory, lend};
use hotbench::bench_case;
use hotbench_benches::side_by_side::{launches, median_and_interval};
use hotbench_benches::{held, time};

/// Of each side, in a launch.
const SAMPLES: usize = 200;
const SAMPLE: Duration = Duration::from_micros(100);
const WARM_UP: Duration = Duration::from_millis(20);
/// Of the generated routine's time, in units of the other's.
const MOST: f64 = 1.02;
const SIZE: BatchSize = BatchSize::SmallInput;
/// Before the lines that are read back, for Criterion prints too.
const MARK: &str = "figures:";

/// A case by its function's name, and the same by hand.
type Workload = (&'static str, fn(&mut Bencher<'_>));

const TEXT: &str = "the quick brown fox jumps over the lazy dog";
const NUMBERS: [u64; 64] = [3; 64];

#[bench_case(args(7))]
fn square(n: u64) -> u64 {
    n.wrapping_mul(n)
}

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

#[bench_case(args([[1.5; 8]; 8], [[0.5; 8]; 8]))]
fn product(left: [[f64; 8]; 8], right: [[f64; 8]; 8]) -> [[f64; 8]; 8] {
    let mut product = [[0.0; 8]; 8];
    for (row, left) in product.iter_mut().zip(left) {
        for (column, cell) in row.iter_mut().enumerate() {
            *cell = left.iter().zip(right).map(|(x, row)| x * row[column]).sum();
        }
    }
    product
}

#[bench_case(args(TEXT))]
fn words(text: &str) -> usize {
    text.split(' ').count()
}

#[bench_case(args(TEXT))]
fn hash(text: &str) -> u64 {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

#[bench_case(args(&NUMBERS))]
fn sum(numbers: &[u64]) -> u64 {
    numbers.iter().sum()
}

#[bench_case(args(&NUMBERS))]
fn doubled(numbers: &[u64]) -> Vec<u64> {
    numbers.iter().map(|n| n * 2).collect()
}

#[bench_case(args(1_234_567))]
fn shown(n: u64) -> String {
    n.to_string()
}

#[bench_case(args(TEXT.to_owned()))]
fn shouted(mut text: String) -> String {
    text.make_ascii_uppercase();
    text
}

#[bench_case(args(&mut mixed()))]
fn sort(numbers: &mut [u64]) {
    numbers.sort_unstable();
}

fn mixed() -> Vec<u64> {
    (0..100).map(|n| n * 7_919 % 101).collect()
}

/// What a user of Criterion writes for each of them.
const WORKLOADS: [Workload; 10] = [
    ("square", |bencher| {
        let n = 7;
        bencher.iter(|| square(black_box(n)));
    }),
    ("collatz", |bencher| {
        let n = 27;
        bencher.iter(|| collatz(black_box(n)));
    }),
    ("product", |bencher| {
        let (left, right) = ([[1.5; 8]; 8], [[0.5; 8]; 8]);
        bencher.iter(|| product(black_box(left), black_box(right)));
    }),
    ("words", |bencher| bencher.iter(|| words(black_box(TEXT)))),
    ("hash", |bencher| bencher.iter(|| hash(black_box(TEXT)))),
    // Slices, for of an array behind its reference the compiler knows the length.
    ("sum", |bencher| {
        let numbers = NUMBERS.as_slice();
        bencher.iter(|| sum(black_box(numbers)));
    }),
    ("doubled", |bencher| {
        let numbers = NUMBERS.as_slice();
        bencher.iter_batched(|| (), |()| doubled(black_box(numbers)), SIZE);
    }),
    ("shown", |bencher| {
        let n = 1_234_567;
        bencher.iter_batched(|| (), |()| shown(black_box(n)), SIZE);
    }),
    ("shouted", |bencher| {
        let text = || TEXT.to_owned();
        bencher.iter_batched(text, |text| shouted(black_box(text)), SIZE);
    }),
    ("sort", |bencher| {
        let call = |mut numbers: Vec<u64>| {
            sort(black_box(&mut numbers));
            numbers
        };
        bencher.iter_batched(mixed, call, SIZE);
    }),
];

fn main() {
    let has = |flag: &str| std::env::args().any(|argument| argument == flag);
    if has("--launch") {
        for workload in WORKLOADS {
            let [generated, written, ratio] = measure(workload, SAMPLES, SAMPLE);
            println!("{MARK} {generated} {written} {ratio}");
        }
    } else if has("--bench") {
        report();
    } else {
        for workload in WORKLOADS {
            measure(workload, 6, Duration::from_nanos(1));
        }
        println!("{} workloads run, untimed", WORKLOADS.len());
    }
}

fn report() {
    let launches: Vec<Vec<[f64; 3]>> = launches(&[])
        .iter()
        .map(|text| {
            let lines = text.lines().filter_map(|line| line.strip_prefix(MARK));
            lines.map(figures).collect()
        })
        .collect();
    println!(
        "{:<10} {:>10} {:>10} {:>8} {:>18}  at most",
        "", "generated", "by hand", "", "96.5 % interval"
    );
    for (index, (name, _)) in WORKLOADS.iter().enumerate() {
        let of = |field: usize| {
            let figures = launches.iter().map(|launch| launch[index][field]);
            median_and_interval(figures.collect())
        };
        let (ratio, [low, high]) = of(2);
        println!(
            "{name:<10} {:>10} {:>10} {ratio:>8.4} {:>18}  {MOST} {}",
            time(of(0).0),
            time(of(1).0),
            format!("{low:.4} to {high:.4}"),
            held([low, high], MOST),
        );
    }
}

fn figures(line: &str) -> [f64; 3] {
    let mut fields = line.split_whitespace();
    [(); 3].map(|()| fields.next().expect("three").parse().expect("a number"))
}

/// Nanoseconds an iteration of the generated routine, and of the one by hand; and the median of the
/// ratios of a sample of the one to its neighbour of the other.
fn measure((name, written): Workload, samples: usize, sample: Duration) -> [f64; 3] {
    let mut cases = inventory::iter::<Case>();
    let case = cases.find(|case| case.function == name).expect("a case");
    let home =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("routines-{}", std::process::id()));
    // Whether each call was of the generated routine; the last are the samples.
    let mut sides = Vec::new();
    lend(case, |generated| {
        let mut criterion = Criterion::default()
            .without_plots()
            .nresamples(1_001)
            .output_directory(&home);
        let mut group = criterion.benchmark_group("routines");
        group
            .sampling_mode(SamplingMode::Flat)
            .sample_size(2 * samples)
            .warm_up_time(WARM_UP)
            .measurement_time(sample * 2 * samples as u32);
        group.bench_function(name, |bencher| {
            let is_generated = matches!(sides.len() % 4, 0 | 3);
            sides.push(is_generated);
            if is_generated {
                generated(bencher);
            } else {
                written(bencher);
            }
        });
        group.finish();
    });
    let path = home.join("routines").join(name).join("new/sample.json");
    let text = std::fs::read(path).expect("Criterion's samples");
    let _ = std::fs::remove_dir_all(&home);
    let read: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    let numbers = |field: &str| -> Vec<f64> {
        let numbers = read[field].as_array().expect("numbers").iter();
        numbers.map(|n| n.as_f64().expect("a number")).collect()
    };
    let per_iteration = numbers("times").into_iter().zip(numbers("iters"));
    let timed: Vec<(bool, f64)> = sides[sides.len() - 2 * samples..]
        .iter()
        .copied()
        .zip(per_iteration.map(|(time, iterations)| time / iterations))
        .collect();
    let of = |side: bool| -> Vec<f64> {
        let timed = timed.iter().filter(|(generated, _)| *generated == side);
        timed.map(|(_, ns)| *ns).collect()
    };
    let [generated, written] = [of(true), of(false)];
    let ratios = generated
        .iter()
        .zip(&written)
        .map(|(ours, theirs)| ours / theirs);
    let ratio = median(ratios.collect());
    [median(generated), median(written), ratio]
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
