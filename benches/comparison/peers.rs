//! The same comparisons by peers, as their users make them: of the same copies, with their own defaults.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;
use std::{env, fs};

use criterion::Criterion;
use tango_bench::{Benchmark, benchmark_fn};

use crate::functions::{self, MORE, Visitor};
use crate::tally::{Tally, Verdict};

/// Tells a copy of this program which peer it is to be.
const PEER: &str = "HOTBENCH_BENCHES_PEER";
/// What Tango is promised to take: "1 second, 1 percent, 1 error", which is more than its default.
const TANGO_SECONDS: &str = "1";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    Criterion,
    Tango,
}

impl Peer {
    pub(crate) const ALL: [Self; 2] = [Self::Criterion, Self::Tango];

    /// Which one this process was started as.
    pub(crate) fn of_this_process() -> Option<Self> {
        let name = env::var(PEER).ok()?;
        Self::ALL.into_iter().find(|peer| peer.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Criterion => "Criterion's --baseline",
            Self::Tango => "tango-bench",
        }
    }

    /// Is the peer.
    pub(crate) fn run(self) -> ExitCode {
        match self {
            Self::Criterion => {
                let mut criterion = Criterion::default().without_plots().configure_from_args();
                functions::each(&mut criterion);
                criterion.final_summary();
                ExitCode::SUCCESS
            }
            Self::Tango => {
                let mut benchmarks: Vec<Benchmark> = Vec::new();
                functions::each(&mut benchmarks);
                tango_bench::cli::run(benchmarks).expect("Tango's")
            }
        }
    }

    /// Compares two copies, of which the newer does more, and adds what the peer tells.
    pub(crate) fn compare(self, copies: &Copies, more: usize, tally: &mut Tally) {
        let start = Instant::now();
        let told = match self {
            Self::Criterion => self.criterion(copies, more),
            Self::Tango => self.tango(copies, more),
        };
        let seconds = start.elapsed().as_secs_f64() / told.len().max(1) as f64;
        for (function, verdict) in told {
            tally.add(&function, verdict, seconds);
        }
    }

    fn criterion(self, copies: &Copies, more: usize) -> Vec<(String, Verdict)> {
        let home = copies.folder.join("criterion");
        // A baseline of another comparison is none of this one's.
        let _ = fs::remove_dir_all(&home);
        let criterion = |copy: &Path, baseline: &str| {
            let mut command = self.command(copy, more);
            command
                .args(["--bench", "--noplot", baseline, "older"])
                .env("CRITERION_HOME", &home);
            printed(command)
        };
        criterion(&copies.older(), "--save-baseline");
        told_by_criterion(&criterion(&copies.newer(), "--baseline"))
    }

    fn tango(self, copies: &Copies, more: usize) -> Vec<(String, Verdict)> {
        let mut command = self.command(&copies.newer(), more);
        command
            .args(["--color", "never", "compare", "-q", "-t", TANGO_SECONDS])
            .arg(copies.older());
        told_by_tango(&printed(command))
    }

    fn command(self, copy: &Path, more: usize) -> Command {
        let mut command = Command::new(copy);
        command
            .env(PEER, self.name())
            .env(MORE, more.to_string())
            .env_remove("CARGO");
        command
    }
}

/// Copies of this executable, known by their names.
pub(crate) struct Copies {
    folder: PathBuf,
}

impl Copies {
    pub(crate) fn make() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("comparison");
        fs::create_dir_all(&folder).expect("a folder");
        let copies = Self { folder };
        for copy in [copies.older(), copies.newer()] {
            let this = env::current_exe().expect("this program");
            fs::copy(this, copy).expect("a copy");
        }
        copies
    }

    fn older(&self) -> PathBuf {
        self.folder.join("old")
    }

    fn newer(&self) -> PathBuf {
        self.folder.join("new")
    }
}

fn printed(mut command: Command) -> String {
    let output = command.output().expect("a copy of this program");
    let printed = String::from_utf8(output.stdout).expect("text");
    assert!(
        !printed.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    printed
}

/// A function's name stands before its time, by itself if it is long; what has come of it below.
fn told_by_criterion(printed: &str) -> Vec<(String, Verdict)> {
    let mut told = Vec::new();
    let mut name = "";
    for line in printed.lines() {
        if !line.starts_with(' ') && line.contains("time:") {
            name = line.split_whitespace().next().unwrap_or_default();
        } else if let Some(verdict) = match line.trim() {
            "Performance has regressed." => Some(Verdict::Slower),
            "Performance has improved." => Some(Verdict::Faster),
            "No change in performance detected." | "Change within noise threshold." => {
                Some(Verdict::Same)
            }
            _ => None,
        } {
            told.push((name.to_owned(), verdict));
        }
    }
    told
}

/// A line for each function: what is significant ends with a star.
fn told_by_tango(printed: &str) -> Vec<(String, Verdict)> {
    let mut told = Vec::new();
    for line in printed.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, .., change] = words[..] else {
            continue;
        };
        if !change.trim_end_matches('*').ends_with('%') {
            continue;
        }
        let verdict = match (change.ends_with('*'), change.starts_with('+')) {
            (false, _) => Verdict::Same,
            (true, true) => Verdict::Slower,
            (true, false) => Verdict::Faster,
        };
        told.push((name.to_owned(), verdict));
    }
    told
}

impl Visitor for Criterion {
    fn function<O: 'static, F: FnMut() -> O + 'static>(
        &mut self,
        name: &'static str,
        make: impl Fn() -> F + 'static,
    ) {
        self.bench_function(name, |bencher| bencher.iter(make()));
    }
}

impl Visitor for Vec<Benchmark> {
    fn function<O: 'static, F: FnMut() -> O + 'static>(
        &mut self,
        name: &'static str,
        make: impl Fn() -> F + 'static,
    ) {
        self.push(benchmark_fn(name, move |bencher| bencher.iter(make())));
    }
}
