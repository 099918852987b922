//! What 1,000 annotated functions take to compile.
//!
//! `cargo bench -p hotbench-benches --bench compile_time` generates packages and prints the times of
//! whole runs of cargo, in ten to twenty minutes. Without `--bench`, as in `cargo test`, there are ten
//! functions, compiled once, and no times.
//!
//! The two sides of a row take turns, which of them is first alternates, and dependencies are built
//! before: a run compiles the package alone, and nothing incrementally.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints its results"
)]

use hotbench_benches::generated::{
    Annotated, Package, functions, written_by_hand, written_for_divan,
};
use hotbench_benches::{held, median_and_range};

/// The smallest and the largest figure of 5 bound the median with 93.8 % confidence.
const RUNS: usize = 5;

/// A package, and the command that is timed.
struct Side {
    package: Package,
    source: String,
    command: &'static str,
}

/// What the first side is held to, beside the second.
enum Bar {
    ExtraSeconds(f64),
    Ratio(f64),
}

struct Row {
    name: &'static str,
    sides: [Side; 2],
    bar: Bar,
}

impl Side {
    fn new(
        name: &str,
        manifest: &str,
        source: String,
        bench: Option<&str>,
        command: &'static str,
    ) -> Self {
        let package = Package::new(env!("CARGO_TARGET_TMPDIR"), name, manifest);
        if let Some(bench) = bench {
            package.write("benches/hot.rs", bench);
        }
        Self {
            package,
            source,
            command,
        }
    }

    /// Seconds of a run, which finds the library changed.
    fn run(&self) -> f64 {
        self.package.write("src/lib.rs", &self.source);
        self.package.cargo(self.command).0.as_secs_f64()
    }
}

const INERT: &str = "[dependencies]\nhotbench = { path = \"HOTBENCH\" }\n";
const LIVE: &str = "[[bench]]\nname = \"hot\"\nharness = false\n\n\
                    [dependencies]\nhotbench = { path = \"HOTBENCH\" }\n\n\
                    [dev-dependencies]\n\
                    hotbench = { path = \"HOTBENCH\", features = [\"harness\"] }\n";
const BY_HAND: &str = "[[bench]]\nname = \"hot\"\nharness = false\n\n\
                       [dev-dependencies]\n\
                       criterion = { version = \"0.8\", default-features = false }\n";

const BY_DIVAN: &str = "[[bench]]\nname = \"hot\"\nharness = false\n\n\
                        [dev-dependencies]\n\
                        divan = \"0.1\"\n";

fn rows(count: usize, build: &'static str) -> Vec<Row> {
    let check = |name, annotated| {
        let source = functions(count, annotated);
        Side::new(name, INERT, source, None, "check")
    };
    let plain = || check("functions-plain", Annotated::No);
    vec![
        Row {
            name: "check, `#[bench_case]`, without features",
            sides: [check("functions-cases", Annotated::BenchCase), plain()],
            bar: Bar::ExtraSeconds(1.5),
        },
        Row {
            name: "check, `#[no_alloc]`, without features",
            sides: [check("functions-guarded", Annotated::NoAlloc), plain()],
            bar: Bar::ExtraSeconds(1.5),
        },
        Row {
            name: "build of the benches, against Criterion's",
            sides: [
                Side::new(
                    "benches-cases",
                    LIVE,
                    functions(count, Annotated::BenchCase),
                    Some("hotbench::harness!(benches_cases);\n"),
                    build,
                ),
                Side::new(
                    "benches-written",
                    BY_HAND,
                    functions(count, Annotated::No),
                    Some(&written_by_hand(count, "benches_written")),
                    build,
                ),
            ],
            bar: Bar::Ratio(1.0),
        },
        Row {
            name: "build of the benches, against Divan's",
            sides: [
                Side::new(
                    "benches-again",
                    LIVE,
                    functions(count, Annotated::BenchCase),
                    Some("hotbench::harness!(benches_again);\n"),
                    build,
                ),
                Side::new(
                    "benches-divan",
                    BY_DIVAN,
                    functions(count, Annotated::No),
                    Some(&written_for_divan(count, "benches_divan")),
                    build,
                ),
            ],
            bar: Bar::Ratio(1.2),
        },
    ]
}

fn main() {
    let is_timed = std::env::args().any(|argument| argument == "--bench");
    if !is_timed {
        let rows = rows(10, "test --bench hot --no-run");
        for side in rows.iter().flat_map(|row| &row.sides) {
            side.run();
        }
        println!("{} rows compiled once, untimed", rows.len());
        return;
    }
    println!(
        "{:<42} {:>8} {:>8} {:>8} {:>18}  at most",
        "1,000 functions", "hotbench", "without", "", "93.8 % interval"
    );
    for row in rows(1_000, "bench --no-run") {
        println!("{}", row.measure());
    }
}

impl Row {
    fn measure(&self) -> String {
        // Builds the dependencies.
        for side in &self.sides {
            side.run();
        }
        let runs: Vec<[f64; 2]> = (0..RUNS)
            .map(|run| {
                eprint!("\r{}: run {} of {RUNS}", self.name, run + 1);
                let mut seconds = [0.0; 2];
                for side in [run % 2, 1 - run % 2] {
                    seconds[side] = self.sides[side].run();
                }
                seconds
            })
            .collect();
        eprintln!();
        let of =
            |figure: &dyn Fn(&[f64; 2]) -> f64| median_and_range(runs.iter().map(figure).collect());
        let ((compared, [low, high]), bar, unit) = match self.bar {
            Bar::ExtraSeconds(bar) => (of(&|seconds| seconds[0] - seconds[1]), bar, " s"),
            Bar::Ratio(bar) => (of(&|seconds| seconds[0] / seconds[1]), bar, ""),
        };
        format!(
            "{:<42} {:>6.2} s {:>6.2} s {:>8} {:>18}  {bar}{unit} {}",
            self.name,
            of(&|seconds| seconds[0]).0,
            of(&|seconds| seconds[1]).0,
            format!("{compared:.2}{unit}"),
            format!("{low:.2} to {high:.2}"),
            held([low, high], bar),
        )
    }
}
