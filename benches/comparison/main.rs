//! How often a comparison of two versions errs, and what it can see, beside its peers.
//!
//! `cargo bench -p hotbench-benches --bench comparison` compares copies of this executable, of which the newer does
//! the same work, or 2 % or 5 % more, and executables that were built anew, of which the newer has a function more,
//! and prints what was told. `-- --rounds N` makes N comparisons of each function and kind; `--peers N` as many by
//! Criterion and by Tango; `--rebuilt` compares the last alone; `--neighbour` has another core at work meanwhile;
//! `--native-layout` builds without one layout. Without `--bench`, as in `cargo test`, there is one comparison of each
//! kind of some functions.

#![allow(clippy::print_stdout, reason = "a program that prints its results")]

mod functions;
mod peers;
mod rebuilt;
mod tally;

use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use hotbench_benches::{as_harness, harness_of, is_harness};
use serde_json::Value;

use functions::MORE;
use peers::{Copies, Peer};
use rebuilt::Repository;
use tally::{Tally, Verdict};

/// Comparisons of each function, where nothing is said: in all more than 300 where there is no change to be seen, for that
/// none of as many is told shows that at most 1 % are.
const ROUNDS: usize = 24;
/// And more than 100 where there is one.
const ROUNDS_OF_CHANGES: usize = 9;
/// Of the peers fewer, for Criterion takes long.
const PEER_ROUNDS: usize = 1;
/// And of small changes alone.
const MOST_OF_PEERS: usize = 2;
/// What copies do more, in per cent.
const MORE_WORK: [usize; 3] = [0, 2, 5];

mod suite {
    hotbench::harness!(crate);

    pub(super) fn run() -> std::process::ExitCode {
        main()
    }
}

fn main() -> ExitCode {
    if let Some(peer) = Peer::of_this_process() {
        return peer.run();
    }
    if is_harness() {
        return suite::run();
    }
    let arguments: Vec<String> = std::env::args().collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let number = |flag: &str| {
        let at = arguments.iter().position(|argument| argument == flag)?;
        arguments.get(at + 1)?.parse().ok()
    };
    if !has("--bench") {
        in_short();
        return ExitCode::SUCCESS;
    }
    static IS_OVER: AtomicBool = AtomicBool::new(false);
    let neighbour = has("--neighbour").then(|| thread::spawn(make_noise_until(&IS_OVER)));
    // Beside a neighbour it is asked for false alarms only.
    let more_work = if neighbour.is_some() {
        &MORE_WORK[..1]
    } else {
        &MORE_WORK
    };
    let rounds = number("--rounds");
    if has("--rebuilt") {
        of_rebuilt(rounds.unwrap_or(ROUNDS), !has("--native-layout"));
        return ExitCode::SUCCESS;
    }
    of_copies(more_work, rounds, number("--peers").unwrap_or(PEER_ROUNDS));
    of_rebuilt(rounds.unwrap_or(ROUNDS), !has("--native-layout"));
    IS_OVER.store(true, Ordering::Relaxed);
    if let Some(neighbour) = neighbour {
        neighbour.join().expect("noise");
    }
    ExitCode::SUCCESS
}

/// The same of a few functions, once each.
fn in_short() {
    for more in MORE_WORK {
        println!("\n{more} % more work");
        let mut tally = Tally::default();
        let mut command = without_valgrind();
        command.args(["arithmetic", "boxing", "branches"]);
        compare(command, "self", more, &mut tally);
        tally.print();
    }
}

/// The harness, which doesn't count the instructions of what has changed.
fn without_valgrind() -> Command {
    let mut command = as_harness();
    command.env("PATH", "");
    command
}

/// Work on another core, in memory of its own.
fn make_noise_until(is_over: &'static AtomicBool) -> impl FnOnce() + Send {
    move || {
        let mut memory = functions::numbers(1 << 22);
        while !is_over.load(Ordering::Relaxed) {
            for number in &mut memory {
                *number = number.wrapping_mul(3);
            }
            black_box(&mut memory);
        }
    }
}

/// Copies that are the same to the byte, by hotbench and by its peers.
fn of_copies(more_work: &[usize], rounds: Option<usize>, peer_rounds: usize) {
    let copies = Copies::make();
    for &more in more_work {
        println!("\n{more} % more work, in copies of one executable");
        let mut tally = Tally::default();
        let usual = if more == 0 { ROUNDS } else { ROUNDS_OF_CHANGES };
        for _ in 0..rounds.unwrap_or(usual) {
            compare(without_valgrind(), "self", more, &mut tally);
        }
        tally.print();
        tally.print_bars(more);
        let asks_peers = peer_rounds > 0 && more <= MOST_OF_PEERS;
        for peer in Peer::ALL.into_iter().filter(|_| asks_peers) {
            let mut tally = Tally::default();
            for _ in 0..peer_rounds {
                peer.compare(&copies, more, &mut tally);
            }
            let (told, all) = tally.told(more);
            let [median, _] = tally.seconds();
            println!(
                "{}: {told} of {all} told, {median:.1} s a case",
                peer.name()
            );
        }
    }
}

/// Executables that `--compare` builds of the same functions, the newer of which has another function, too.
fn of_rebuilt(rounds: usize, aligned: bool) {
    let [older, newer] = Repository::make().build(aligned);
    let layout = if aligned {
        "in one layout"
    } else {
        "in its own layout"
    };
    println!("\nno more work, in an executable built anew with an unrelated function ({layout})");
    let mut tally = Tally::default();
    for _ in 0..rounds {
        let mut command = harness_of(&newer);
        // Without Valgrind, which would count the instructions of what has changed.
        command
            .args(["--skip", "functions::unrelated"])
            .env("PATH", "");
        compare(command, &older, 0, &mut tally);
    }
    tally.print();
    tally.print_bars(0);
}

/// Has a harness compare its cases with an older version.
fn compare(mut harness: Command, older: impl AsRef<Path>, more: usize, tally: &mut Tally) {
    harness
        .args(["--bench", "--format", "json", "--allow-debug", "--quiet"])
        .arg("--compare")
        .arg(older.as_ref())
        .env(MORE, more.to_string());
    let output = harness.output().expect("the harness");
    let document: Value = serde_json::from_slice(&output.stdout).expect("a document");
    for case in document["cases"].as_array().expect("a list") {
        let id = case["id"].as_str().expect("an id");
        let function = id.rsplit("::").next().unwrap_or(id);
        let versus = &case["vs_revision"];
        let figure = |value: &Value| value.as_f64().expect("a number");
        let verdict = match versus["verdict"].as_str().expect("a verdict") {
            "slower" => Verdict::Slower,
            "faster" => Verdict::Faster,
            "same" => Verdict::Same,
            _ => Verdict::Inconclusive,
        };
        let change = &versus["change"];
        let half_width = (figure(&change["upper"]) - figure(&change["lower"])) / 2.0;
        tally.add(function, verdict, figure(&versus["duration_s"]));
        tally.add_details(function, half_width, figure(&versus["time_ns"]["old"]));
    }
}
