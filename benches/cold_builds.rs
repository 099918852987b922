//! What a cold build takes of whoever adopts hotbench, beside Criterion with its default features.
//!
//! `cargo bench -p hotbench-benches --bench cold_builds [-- ROUNDS]` prints the times of whole runs of
//! cargo, each into an empty target directory, in four minutes a round; what they build is fetched
//! before. Then it prints what it takes to build the bench target again after one file was touched: of the
//! user's, of the guard's, of a report's. Without `--bench`, as in `cargo test`, nothing is built.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints its results"
)]

use std::fs::File;
use std::path::Path;
use std::time::SystemTime;

use hotbench_benches::generated::Package;
use hotbench_benches::{held, median_and_range};

const ROUNDS: usize = 3;

/// What is held to a bar.
enum Bar {
    /// Its time, in units of Criterion's.
    Ratio(f64),
    Seconds(f64),
    /// It is what others are held against.
    Reference,
}

/// A package's dependencies, and what is run.
struct Side {
    name: &'static str,
    package: Package,
    command: &'static str,
    bar: Bar,
}

fn side(
    name: &'static str,
    package: &str,
    dependency: &str,
    bench: &str,
    command: &'static str,
    bar: Bar,
) -> Side {
    let manifest = match bench {
        "" => format!("[dependencies]\n{dependency}\n"),
        _ => format!("{TARGET}[dev-dependencies]\n{dependency}\n"),
    };
    let package = Package::new(env!("CARGO_TARGET_TMPDIR"), package, &manifest);
    let package = package.with_target_of_its_own();
    package.write("src/lib.rs", "pub fn one() -> u32 { 1 }\n");
    if !bench.is_empty() {
        package.write("benches/hot.rs", bench);
    }
    Side {
        name,
        package,
        command,
        bar,
    }
}

const TARGET: &str = "[[bench]]\nname = \"hot\"\nharness = false\n\n";
const CASE: &str = "#[hotbench::bench_case]\nfn one() -> u32 { 1 }\nhotbench::harness!(crate);\n";
const BY_HAND: &str = "use criterion::{Criterion, criterion_group, criterion_main};\n\
    fn one(c: &mut Criterion) { c.bench_function(\"one\", |b| b.iter(|| 1)); }\n\
    criterion_group!(benches, one);\ncriterion_main!(benches);\n";

fn sides() -> [Side; 5] {
    let hotbench =
        |features: &str| format!("hotbench = {{ path = \"HOTBENCH\", features = [{features}] }}");
    let build = "bench --no-run";
    [
        side(
            "Criterion with its default features",
            "cold-criterion",
            "criterion = \"0.8\"",
            BY_HAND,
            build,
            Bar::Reference,
        ),
        side(
            "`harness`",
            "cold-harness",
            &hotbench("\"harness\""),
            CASE,
            build,
            Bar::Ratio(1.3),
        ),
        side(
            "`full`",
            "cold-full",
            &hotbench("\"full\""),
            CASE,
            build,
            Bar::Ratio(1.7),
        ),
        side(
            "`guard`, `cargo test`",
            "cold-guard",
            &hotbench("\"guard\""),
            "",
            "test",
            Bar::Seconds(20.0),
        ),
        side(
            "no feature, `cargo build`",
            "cold-inert",
            "hotbench = { path = \"HOTBENCH\" }",
            "",
            "build",
            Bar::Seconds(1.0),
        ),
    ]
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("{} sides, not built", sides().len());
        return;
    }
    let rounds = arguments.iter().find_map(|argument| argument.parse().ok());
    let rounds = rounds.unwrap_or(ROUNDS);
    let sides = sides();
    for side in &sides {
        side.package.cargo("fetch");
    }
    let mut runs: Vec<Vec<f64>> = Vec::new();
    for round in 0..rounds {
        let mut seconds = vec![0.0; sides.len()];
        for turn in 0..sides.len() {
            // Each round begins with another.
            let index = (round + turn) % sides.len();
            eprintln!("round {} of {rounds}: {}", round + 1, sides[index].name);
            sides[index].package.empty_target();
            seconds[index] = sides[index]
                .package
                .cargo(sides[index].command)
                .0
                .as_secs_f64();
        }
        runs.push(seconds);
    }
    println!("{rounds} rounds; median, fastest to slowest\n");
    for (index, side) in sides.iter().enumerate() {
        let of =
            |figure: &dyn Fn(&Vec<f64>) -> f64| median_and_range(runs.iter().map(figure).collect());
        let (median, [fastest, slowest]) = of(&|run| run[index]);
        let verdict = match side.bar {
            Bar::Reference => String::new(),
            Bar::Seconds(bar) => {
                format!("at most {bar} s: {}", held([fastest, slowest], bar))
            }
            Bar::Ratio(bar) => {
                let (ratio, [low, high]) = of(&|run| run[index] / run[0]);
                let verdict = held([low, high], bar);
                format!("{ratio:.2} [{low:.2}, {high:.2}] of that, at most {bar}: {verdict}")
            }
        };
        println!(
            "{:<38} {median:>6.1} s   {fastest:.1} to {slowest:.1}   {verdict}",
            side.name
        );
    }
    rebuilds(&sides[HARNESS].package, rounds);
}

/// The side whose bench target is built again.
const HARNESS: usize = 1;

/// What building it again takes, after a file was touched.
fn rebuilds(package: &Package, rounds: usize) {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime");
    let files = [
        ("the user's", package.path("src/lib.rs")),
        ("a report's", runtime.join("harness/src/report/table.rs")),
        ("an engine's", runtime.join("engine/src/engines/handful.rs")),
        ("the guard's", runtime.join("guard/src/ledger.rs")),
    ];
    let build = "bench --no-run";
    package.cargo(build);
    println!("\n`harness`, built again after a file was touched\n");
    for (whose, file) in files {
        let seconds = (0..rounds).map(|_| {
            let touched = File::options()
                .append(true)
                .open(&file)
                .expect("it is there");
            touched
                .set_modified(SystemTime::now())
                .expect("it can be touched");
            package.cargo(build).0.as_secs_f64()
        });
        let (median, [fastest, slowest]) = median_and_range(seconds.collect());
        println!("{whose:<38} {median:>6.1} s   {fastest:.1} to {slowest:.1}");
    }
}
