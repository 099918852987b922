//! What a run meets that is none of its doing: a case that never ends, Ctrl-C, a pipe that is closed, a full
//! disk, files that something else has written.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{QUICK, Said, bench_executable, cargo, folder, run, timed};

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn ids(document: &Value) -> Vec<&str> {
    let cases = document["cases"].as_array().expect("a list").iter();
    cases
        .map(|case| case["id"].as_str().expect("text"))
        .collect()
}

fn notes(said: &Said) -> Vec<&str> {
    let lines = said.stderr.lines();
    // The machine may be noisy at any time.
    let is_note = |line: &&str| line.starts_with("note: ") && !line.starts_with("note: noise ");
    lines.filter(is_note).collect()
}

#[test]
fn a_case_that_never_ends_is_given_up_and_the_others_are_measured() {
    let arguments = format!("bench -p hanging --bench hot -- --timeout 2 {QUICK}");
    let said = cargo(&arguments).failed();
    assert_eq!(said.target_code(), Some(1), "{said}");
    assert_eq!(said.row("b_hangs"), ["b_hangs", "FAILED"]);
    for quick in ["a_quick", "c_quick"] {
        assert_eq!(said.row(quick)[3..5], ["0", "0 B"]);
    }
    said.says("---- hanging::b_hangs ----\ndid not end within the 2 s of `--timeout`\nprocess ");
}

#[test]
fn a_test_that_never_ends_is_given_up_and_the_others_are_run() {
    let said = cargo("test -p hanging --bench hot -- --timeout 2").failed();
    assert_eq!(said.target_code(), Some(1), "{said}");
    said.says("test hanging::a_quick ... ok")
        .says("test hanging::b_hangs ... FAILED")
        .says("test hanging::c_quick ... ok")
        .says("---- hanging::b_hangs ----\ndid not end within the 2 s of `--timeout`\nprocess ");
    let said = cargo("test -q -p hanging --bench hot -- --timeout 2 --format json").failed();
    let failures = &document(&said.stdout)["cases"];
    assert_eq!(failures[1]["failure"]["kind"], "timed_out");
    assert_eq!(failures[2]["failure"], Value::Null);
}

#[test]
fn a_time_beyond_all_clocks_is_no_limit() {
    let beyond = format!("quick --timeout 1e19 --time-budget 1e19 {QUICK}");
    let said = run(&mut timed(&bench_executable("hanging"), &beyond)).passed();
    said.row("a_quick");
    said.row("c_quick");
    let compared = "a_quick --compare self --timeout 1e19";
    run(&mut timed(&bench_executable("hanging"), compared)).row("a_quick");
}

/// Who hears a signal.
#[derive(Clone, Copy)]
enum To {
    Harness,
    /// The process that measures, too: so do terminals and nextest.
    Group,
}

/// Sends a signal to a run in its second case, which never ends.
fn signalled(signal: &str, to: To, arguments: &str) -> Said {
    let mut harness = timed(
        &bench_executable("hanging"),
        &format!("--nocapture {arguments}"),
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .process_group(0)
    .spawn()
    .expect("it can be started");
    let mut heard = BufReader::new(harness.stderr.take().expect("it is piped"));
    let mut line = String::new();
    let (process, started) = loop {
        line.clear();
        let read = heard.read_line(&mut line).expect("text");
        assert_ne!(read, 0, "it ended too soon");
        let text = line.trim_end().strip_prefix("process ");
        if let Some(both) = text.and_then(|text| text.split_once(" hangs, and has started ")) {
            break (both.0.to_owned(), both.1.to_owned());
        }
    };
    let command = PathBuf::from("/proc").join(process).join("cmdline");
    let is_there = || fs::read_to_string(&command).is_ok_and(|it| it.contains("--hotbench-child"));
    assert!(is_there());
    let id = harness.id();
    let whom = match to {
        To::Harness => id.to_string(),
        To::Group => format!("-{id}"),
    };
    run(Command::new("kill").args(["-s", signal, "--", &whom])).passed();
    if signal == "KILL" {
        run(Command::new("kill").args(["-s", "KILL", &started])).passed();
    }
    // To the end: until the case's process has closed it, too.
    let mut stderr = String::new();
    heard.read_to_string(&mut stderr).expect("text");
    let output = harness.wait_with_output().expect("it ends");
    assert!(!is_there());
    // Nobody is left to end it where the harness was killed.
    assert!(signal == "KILL" || !is_running(&started), "{started}");
    Said {
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr,
        code: output.status.code(),
    }
}

/// Whether a process is there, and no zombie.
fn is_running(process: &str) -> bool {
    let stat = fs::read_to_string(Path::new("/proc").join(process).join("stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn ctrl_c_shows_what_there_is_and_leaves_no_process_behind() {
    // The last is how nextest begins, and a service whose job takes too long.
    for (signal, to) in [
        ("INT", To::Harness),
        ("INT", To::Group),
        ("TERM", To::Harness),
        ("HUP", To::Harness),
        ("QUIT", To::Group),
    ] {
        let said = signalled(signal, to, QUICK);
        assert_eq!(said.code, Some(130), "{said}");
        assert_eq!(said.row("a_quick")[3..5], ["0", "0 B"]);
        said.says("note: interrupted: 1 of 3 cases ran to their end\n")
            .never_says("b_hangs");
    }
}

#[test]
fn a_hang_up_that_nohup_ignores_ends_no_run() {
    let executable = bench_executable("hanging");
    let script = "trap '' HUP; \"$@\" & kill -s HUP $!; sleep 0.3; kill -s HUP $!; wait $!";
    let said = run(Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(&executable)
        .args(["--bench", "quick"])
        .args(QUICK.split(' ')));
    said.passed().row("c_quick");
}

#[test]
fn what_a_case_has_started_ends_with_it() {
    let mut command = timed(
        &bench_executable("hanging"),
        &format!("leaves_a_process --ignored --nocapture {QUICK}"),
    );
    let said = run(&mut command).passed();
    let started: Vec<&str> = said
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("starts "))
        .collect();
    assert!(!started.is_empty(), "{said}");
    assert!(started.iter().all(|process| !is_running(process)), "{said}");
}

#[test]
fn the_folder_of_a_run_that_was_killed_is_swept_by_the_next() {
    let target = Target::new("swept");
    let criterion = target.directory.join("hotbench/criterion");
    let folders = || fs::read_dir(&criterion).expect("a folder").count();
    let mut killed = timed(&target.executable, "hangs")
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("it can be started");
    while !criterion.exists() || folders() < 2 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    // A run beside it leaves it alone.
    target.run();
    assert_eq!(folders(), 2);
    killed.kill().expect("it can be killed");
    killed.wait().expect("it ends");
    target.run();
    assert_eq!(folders(), 0);
}

#[test]
fn the_document_of_an_interrupted_run_says_so() {
    let said = signalled("INT", To::Harness, &format!("{QUICK} --format json"));
    assert_eq!(said.code, Some(130), "{said}");
    let document = document(&said.stdout);
    assert_eq!(document["runs"][0]["partial"], true);
    assert_eq!(ids(&document), ["hanging::a_quick"]);
}

#[test]
fn an_interrupted_test_run_is_never_ok() {
    let said = signalled("TERM", To::Harness, "--test");
    assert_eq!(said.code, Some(130), "{said}");
    said.says("test result: INTERRUPTED. 1 passed; 0 failed;")
        .never_says("test result: ok");
}

#[test]
fn the_events_of_an_interrupted_test_run_name_the_test_that_has_not_ended() {
    let events = "--test -Z unstable-options --format json";
    let said = signalled("TERM", To::Harness, events);
    assert_eq!(said.code, Some(130), "{said}");
    said.says("\"name\": \"hanging::b_hangs\", \"event\": \"failed\", \"stdout\": \"interrupted\"")
        .says("\"event\": \"failed\", \"passed\": 1, \"failed\": 1,");
}

/// As nextest does it where a test takes too long and does not end when it is told to.
#[test]
fn a_run_that_is_killed_leaves_no_process_behind() {
    let said = signalled("KILL", To::Harness, QUICK);
    assert_eq!(said.code, None, "{said}");
}

#[test]
fn who_has_read_enough_is_no_failure() {
    let executable = bench_executable("hanging");
    for arguments in [
        "--list".to_owned(),
        "--help".to_owned(),
        "--test quick".to_owned(),
        format!("quick {QUICK}"),
        format!("quick {QUICK} --format json"),
    ] {
        let mut harness = timed(&executable, &arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it can be started");
        drop(harness.stdout.take());
        let output = harness.wait_with_output().expect("it ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments}\n{stderr}");
        assert!(!stderr.contains("panicked"), "{arguments}\n{stderr}");
    }
}

#[test]
fn a_report_that_can_not_be_written_is_an_error() {
    let executable = bench_executable("hanging");
    for arguments in [
        "--test quick".to_owned(),
        format!("quick {QUICK} --format json"),
    ] {
        let full = File::options().write(true).open("/dev/full");
        let output = timed(&executable, &arguments)
            .stdout(full.expect("the device is there"))
            .stderr(Stdio::piped())
            .output()
            .expect("it can be started");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments}\n{stderr}");
        let error = "error: standard output can't be written to: ";
        assert!(stderr.contains(error), "{arguments}\n{stderr}");
    }
}

/// The executable in a target directory of its own.
struct Target {
    directory: PathBuf,
    executable: PathBuf,
}

impl Target {
    fn new(name: &str) -> Self {
        let directory = folder(name);
        File::create(directory.join("CACHEDIR.TAG")).expect("a file");
        let deps = directory.join("release/deps");
        fs::create_dir_all(&deps).expect("a folder");
        let copy = deps.join("hot");
        // Not copied: what another thread still writes can't be executed.
        fs::hard_link(bench_executable("hanging"), &copy).expect("a link");
        Self {
            directory,
            executable: copy,
        }
    }

    fn history(&self) -> PathBuf {
        self.directory.join("hotbench/history.jsonl")
    }

    /// What was to become the history.
    fn left_over(&self) -> Vec<String> {
        let files = fs::read_dir(self.directory.join("hotbench")).expect("a folder");
        files
            .filter_map(|file| file.ok()?.file_name().into_string().ok())
            .filter(|name| name.starts_with("history.jsonl."))
            .collect()
    }

    fn run(&self) -> Said {
        let said = run(&mut timed(&self.executable, &format!("quick {QUICK}"))).passed();
        assert_eq!(said.row("c_quick")[3..5], ["0", "0 B"]);
        said
    }
}

#[test]
fn where_nothing_can_be_kept_one_note_says_so() {
    let target = Target::new("unwritable");
    // Root may write to any folder, but not to a folder that is a file.
    File::create(target.directory.join("hotbench")).expect("a file");
    let said = target.run();
    let [note] = notes(&said)[..] else {
        panic!("{said}");
    };
    let start = format!("note: {} can't be written to: ", target.directory.display());
    assert!(note.starts_with(&start), "{said}");
    assert!(note.ends_with(". No history of runs is kept"), "{said}");
}

/// Each line as the run that it is.
fn lines(history: &Path) -> Vec<Value> {
    let text = fs::read_to_string(history).expect("text");
    text.lines().map(document).collect()
}

#[test]
fn a_history_that_was_cut_off_is_mended() {
    let target = Target::new("cut-off");
    let history = target.history();
    assert_eq!(notes(&target.run()), [""; 0]);
    let line = fs::read_to_string(&history).expect("text");
    let cut = &line[..line.len() / 2];
    fs::write(&history, format!("{line}not of a run\n{{}}\n{cut}")).expect("written");
    let said = target.run();
    said.row("c_quick");
    let [note] = notes(&said)[..] else {
        panic!("{said}");
    };
    assert!(note.starts_with("note: 3 lines of "), "{said}");
    // The run that was whole is compared with, and kept.
    assert!(said.row("case").contains(&"since last"), "{said}");
    assert_eq!(lines(&history).len(), 2);
    assert_eq!(notes(&target.run()), [""; 0]);
    assert_eq!(lines(&history).len(), 3);
    assert_eq!(target.left_over(), [""; 0]);
}

/// The clock was set back since: the last run is the one that was written last.
#[test]
fn a_clock_that_jumps_loses_no_run() {
    let target = Target::new("clock");
    let history = target.history();
    target.run();
    let mut run = lines(&history).remove(0);
    run["run"]["started_at_unix_s"] = 9_999_999_999_u64.into();
    fs::write(&history, format!("{run}\n")).expect("written");
    let said = target.run();
    assert_eq!(notes(&said), [""; 0]);
    assert!(said.row("case").contains(&"since last"), "{said}");
    assert_eq!(lines(&history).len(), 2);
}

/// As on a full disk, which ends a file where it has grown too long.
#[test]
fn a_history_that_can_not_grow_is_told_of() {
    let target = Target::new("full");
    let history = target.history();
    target.run();
    let mut run_of_another = lines(&history).remove(0);
    run_of_another["run"]["package"] = "other".into();
    let mut text = String::new();
    while text.len() < 512 * 1024 {
        text.push_str(&format!("{run_of_another}\n"));
    }
    fs::write(&history, &text).expect("written");
    // In blocks, of 512 bytes or of 1,024.
    let script = "trap '' XFSZ; ulimit -f 256; exec \"$@\"";
    let run = || {
        run(Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(&target.executable)
            .args(["--bench", "quick"])
            .args(QUICK.split(' ')))
        .passed()
    };
    let said = run();
    said.row("c_quick");
    let note = format!("note: {} can't be written to: ", history.display());
    assert!(
        matches!(notes(&said)[..], [it] if it.starts_with(&note)),
        "{said}"
    );
    assert_eq!(fs::read_to_string(&history).expect("text"), text);
    // Nor can it be made anew, without what is no line of it.
    text.push_str("cut");
    fs::write(&history, &text).expect("written");
    run().says(&note);
    assert_eq!(fs::read_to_string(&history).expect("text"), text);
    assert_eq!(target.left_over(), [""; 0]);
}

/// Starts a run of a copy of the executable, and calls `meanwhile` with its path while the second case, which never
/// ends, is measured.
fn run_while(name: &str, arguments: &str, meanwhile: impl FnOnce(&Path)) -> Said {
    let target = Target::new(name);
    let mut harness = timed(&target.executable, &format!("--nocapture {arguments}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it can be started");
    let mut heard = BufReader::new(harness.stderr.take().expect("it is piped"));
    let mut stderr = String::new();
    while !stderr.contains(" hangs") {
        assert_ne!(heard.read_line(&mut stderr).expect("text"), 0, "{stderr}");
    }
    meanwhile(&target.executable);
    heard.read_to_string(&mut stderr).expect("text");
    let output = harness.wait_with_output().expect("it ends");
    Said {
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr,
        code: output.status.code(),
    }
}

#[test]
fn a_rebuild_during_the_run_changes_nothing_of_what_is_measured() {
    // Another program, which has no such case.
    let other = bench_executable("declared");
    let arguments = format!("--timeout 2 {QUICK}");
    let said = run_while("replaced", &arguments, |executable| {
        fs::remove_file(executable).expect("removed");
        fs::hard_link(&other, executable).expect("a link");
    });
    assert_eq!(said.row("c_quick")[3..5], ["0", "0 B"]);
    assert_eq!(said.row("b_hangs"), ["b_hangs", "FAILED"]);
    assert_eq!(said.code, Some(1), "{said}");
}

#[test]
fn a_rebuild_during_a_comparison_changes_nothing_of_what_is_compared() {
    let other = bench_executable("declared");
    let older = folder("replaced-older").join("older");
    fs::hard_link(bench_executable("hanging"), &older).expect("a link");
    let arguments = format!("--compare {} --timeout 2", older.display());
    let said = run_while("replaced-compared", &arguments, |executable| {
        for replaced in [executable, &older] {
            fs::remove_file(replaced).expect("removed");
            fs::hard_link(&other, replaced).expect("a link");
        }
    });
    assert!(said.row("c_quick").len() > 3, "{said}");
    assert_eq!(said.code, Some(1), "{said}");
}

#[test]
fn an_executable_that_is_removed_during_the_run_is_measured_to_its_end() {
    for mode in ["", "--test ", "--check ", "--instructions "] {
        let arguments = format!("{mode}--timeout 2 {QUICK}");
        let said = run_while("removed", &arguments, |executable| {
            fs::remove_file(executable).expect("removed");
        });
        match mode {
            "--test " => {
                said.says("test hanging::c_quick ... ok");
            }
            _ => {
                said.row("a_quick");
                said.row("c_quick");
            }
        }
        assert_eq!(said.code, Some(1), "{said}");
    }
}

/// Stands for any runner that loads the program into its own process, as emulators do.
#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
fn a_runner_that_loads_the_program_starts_its_workers_too() {
    let loader = "/lib64/ld-linux-x86-64.so.2";
    for arguments in ["test", "bench"] {
        let arguments = format!("{arguments} -p hanging --bench hot -- quick {QUICK}");
        let said = crate::support::cargo_with(
            &arguments,
            &[("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER", loader)],
        );
        let said = said.passed();
        if arguments.starts_with("test") {
            said.says("2 passed; 0 failed;");
        } else {
            said.row("c_quick");
        }
    }
    let mut by_hand = Command::new(loader);
    let executable = bench_executable("hanging");
    by_hand
        .args(["--library-path", "/nowhere"])
        .arg(&executable);
    run(by_hand.args(["--test", "quick"]))
        .passed()
        .says("2 passed; 0 failed;");
}

/// An executable of an older hotbench, kept for a comparison.
#[test]
fn a_worker_of_another_version_of_the_protocol_is_refused_in_one_sentence() {
    use std::os::unix::fs::PermissionsExt;

    let older = folder("other-protocol").join("older");
    fs::write(
        &older,
        "#!/bin/sh\necho '{\"Hello\":{\"protocol\":99}}' >&0\nsleep 5\n",
    )
    .expect("written");
    fs::set_permissions(&older, fs::Permissions::from_mode(0o755)).expect("set");
    let arguments = format!("quick --compare {}", older.display());
    let said = run(&mut timed(&bench_executable("hanging"), &arguments)).failed();
    assert_eq!(said.code, Some(2), "{said}");
    said.says("speaks version 99 of the protocol, this harness version ");
}

#[test]
fn with_a_build_directory_of_its_own_cargo_has_reports_in_the_target_directory() {
    let target = folder("apart-from-build");
    let variables = [
        ("CARGO_TARGET_DIR", target.to_str().expect("UTF-8")),
        (
            "CARGO_BUILD_BUILD_DIR",
            crate::support::target().to_str().expect("UTF-8"),
        ),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    let variables = variables
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let arguments = format!("test -p hanging --bench hot -- --bench --allow-debug quick {QUICK}");
    crate::support::cargo_with(&arguments, &variables).passed();
    assert!(target.join("hotbench/history.jsonl").exists());
}

/// A run of the case that lasts so many milliseconds.
fn lasting(milliseconds: &str, flags: &str) -> Command {
    let flags = format!("e_lasts --ignored {flags}");
    let mut command = timed(&bench_executable("hanging"), &flags);
    command.env("LASTS", milliseconds);
    command
}

#[test]
fn a_handful_of_calls_is_shown_as_such_and_judged_by_nobody() {
    let said = run(&mut lasting("20", "--calls 3")).passed();
    let header = said.row("case");
    assert_eq!(
        header[1..5],
        ["median call", "fastest … slowest", "calls", "allocs"]
    );
    let row = said.row("e_lasts");
    assert!(row[1].ends_with(" ms") && row[3] == "3", "{said}");
    said.says("each call: 2")
        .never_says("95 %")
        .never_says(" ± ");
    let said = run(&mut lasting("20", "--calls 2 --format json")).passed();
    let case = &document(&said.stdout)["cases"][0];
    let calls = &case["single_calls"];
    assert_eq!(calls["each_ns"].as_array().map(Vec::len), Some(2), "{said}");
    assert!(calls["min_ns"].as_f64() >= Some(20e6), "{said}");
    assert_eq!(case["timing"], Value::Null);
    let quick = run(&mut timed(
        &bench_executable("hanging"),
        "a_quick --calls 3",
    ))
    .passed();
    quick.says("note: calls of less than 10 µs are too short to be timed one by one");
    for flag in [
        "--sample-size 10",
        "--compare self",
        "--format bencher",
        "--calls 0",
    ] {
        let said = run(&mut lasting("20", &format!("--calls 3 {flag}")));
        assert_eq!(said.code, Some(2), "{said}");
    }
}

#[test]
fn a_case_that_will_take_minutes_says_so_before_it_is_timed() {
    let mut harness = lasting("3000", "")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it can be started");
    let heard = BufReader::new(harness.stderr.take().expect("it is piped"));
    let note = heard
        .lines()
        .map_while(Result::ok)
        .find(|line| line.contains("e_lasts"))
        .expect("a note");
    let id = harness.id().to_string();
    run(Command::new("kill").args(["-s", "INT", &id])).passed();
    assert_eq!(harness.wait().expect("it ends").code(), Some(130));
    assert!(
        note.starts_with("note: `hanging::e_lasts` takes about 33 s: 10 samples, each of 3.00"),
        "{note}"
    );
    assert!(
        note.ends_with("`--calls 3` times 3 calls instead"),
        "{note}"
    );
}
