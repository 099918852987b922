//! `--flamegraph`: where the time of calls goes, by samples. Shares are of samples, however fast the machine is.

use std::fs;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::support::{
    Said, UNOPTIMISED, cargo, cargo_with, copy_program, executable, folder, run, timed,
};

/// The harness's arguments, of the fixture with its line tables.
fn with_lines(arguments: &str) -> Said {
    cargo(&format!(
        "bench -q -p sampled {UNOPTIMISED} --bench hot --config profile.bench.package.sampled.debug=\"line-tables-only\" -- \
         --flamegraph {arguments}"
    ))
}

fn document(said: &Said) -> Value {
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}\n{said}"))
}

/// What was sampled of a case.
fn of<'a>(document: &'a Value, name: &str) -> &'a Value {
    let id = format!("sampled::{name}");
    let mut cases = document["cases"].as_array().expect("a list").iter();
    let case = cases.find(|case| case["id"] == id.as_str());
    &case.unwrap_or_else(|| panic!("no {id} in {document:#}"))["sampled"]
}

/// The function's share without what it calls of the user's other functions.
fn share(sampled: &Value, function: &str) -> f64 {
    let mut hottest = sampled["hottest"].as_array().expect("a list").iter();
    let function = format!("sampled::{function}");
    let found = hottest.find(|hot| hot["function"] == function.as_str());
    found.map_or(0.0, |hot| hot["self_share"].as_f64().expect("a number"))
}

/// The text of a file that the document names.
fn file(sampled: &Value, field: &str) -> String {
    let path = sampled[field].as_str().expect("a path");
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn is_four_to_one(sampled: &Value, most: &str, least: &str) {
    let [most, least] = [most, least].map(|function| share(sampled, function));
    assert!((most - 0.8).abs() < 0.05, "{most}: {sampled:#}");
    assert!((least - 0.2).abs() < 0.05, "{least}: {sampled:#}");
}

/// Runs of the same case write the same files.
static SPLIT: Mutex<()> = Mutex::new(());

#[test]
fn shares_are_those_of_the_work_inlined_or_not() {
    let _alone = SPLIT.lock().unwrap_or_else(PoisonError::into_inner);
    let said = with_lines("split --measurement-time 8 --format json");
    let document = document(&said.passed());
    assert_eq!(document["runs"][0]["measured"], "cause");
    let called = of(&document, "split");
    is_four_to_one(called, "four_fifths", "one_fifth");
    let inlined = of(&document, "split_inlined");
    is_four_to_one(inlined, "inlined_four_fifths", "inlined_one_fifth");
    for sampled in [called, inlined] {
        assert_eq!(sampled["symbols"], "lines");
        assert!(sampled["hottest"][0]["line"].as_u64() > Some(1));
        let file = &sampled["hottest"][0]["file"];
        assert_eq!(file, "tests/fixtures/sampled/src/lib.rs");
        assert_eq!(document["cases"][0]["timing"], Value::Null);
    }
    // All is in the case's function, and each sample in the file.
    let folded = file(called, "folded");
    let counts = folded.lines().map(|line| {
        let (stack, count) = line.rsplit_once(' ').expect("a count");
        assert_eq!(stack.split(';').next(), Some("sampled::split"), "{folded}");
        assert!(!stack.contains("hotbench"), "{folded}");
        count.parse::<u64>().expect("a number")
    });
    assert_eq!(counts.sum::<u64>(), called["samples"], "{folded}");
    let drawing = file(called, "flamegraph");
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..Default::default()
    };
    let drawing = roxmltree::Document::parse_with_options(&drawing, options).expect("XML");
    let texts: Vec<&str> = drawing
        .descendants()
        .filter_map(|node| node.text())
        .collect();
    assert!(texts.contains(&"sampled::split"), "{texts:?}");
    let is_box = |text: &&str| text.starts_with("sampled::four_fifths (");
    assert!(texts.iter().any(is_box), "{texts:?}");
}

#[test]
fn set_up_is_none_of_it_on_any_thread() {
    let said = with_lines("made_ --measurement-time 4 --format json");
    let document = document(&said.passed());
    for name in ["made_before", "made_on_threads/threads=2"] {
        let sampled = of(&document, name);
        assert!(sampled["samples"].as_u64() > Some(0), "{sampled:#}");
        // It takes twenty times as long as the calls.
        assert_eq!(share(sampled, "made"), 0.0, "{sampled:#}");
        let folded = file(sampled, "folded");
        assert!(!folded.contains("sampled::made;"), "{folded}");
    }
}

#[test]
fn what_is_called_of_the_library_is_the_callers_and_a_recursion_is_one_box() {
    let said = with_lines("in_the deep awaited count --measurement-time 1");
    let said = said.passed();
    said.says("where the time goes, by functions of your own")
        .says("sampled::sorted          tests/fixtures/sampled/src/lib.rs:")
        .says("100.0 %  100.0 %  sampled::deep")
        .says("100.0 %  100.0 %  sampled::awaited")
        .says("100.0 %  100.0 %  sampled::Counter::count")
        .never_says("line-tables-only");
    // As in the table, where nothing is timed.
    assert_eq!(said.row("deep").len(), 3, "{said}");
}

#[test]
fn what_gives_few_samples_says_why() {
    let said = cargo(&format!(
        "bench -q -p sampled {UNOPTIMISED} --bench hot -- sleeping own_handler --flamegraph --measurement-time 1"
    ));
    said.passed()
        .says("fewer than 100 samples: these shares say little.")
        .says("of their time: in the rest they waited, or other programs ran")
        .says("the program handles SIGPROF, the signal by which samples are taken");
}

#[test]
fn without_debug_info_stripped_and_without_unwinding_there_is_what_is_left() {
    let _alone = SPLIT.lock().unwrap_or_else(PoisonError::into_inner);
    let arguments = format!(
        "bench -q -p sampled {UNOPTIMISED} --bench hot -- split deep --flamegraph --measurement-time 2"
    );
    let said = cargo(&arguments).passed();
    said.says("sampled::four_fifths\n")
        .says("100.0 %  100.0 %  sampled::split_inlined")
        .says("100.0 %  100.0 %  sampled::deep")
        .says("note: there are no line tables:")
        .says("[profile.bench]\n    debug = \"line-tables-only\"");
    let bare = [
        ("CARGO_PROFILE_BENCH_STRIP", "symbols"),
        ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
    ];
    let said = cargo_with(&arguments, &bare).passed();
    said.says("100.0 %  100.0 %  sampled::split ")
        .says("100.0 %  100.0 %  sampled::deep")
        .says("note: the program is stripped:");
}

#[test]
fn it_goes_with_its_feature_and_alone() {
    let without = cargo("bench -q -p counted --bench hot -- --flamegraph").failed();
    assert_eq!(without.target_code(), Some(2), "{without}");
    without
        .says("`--flamegraph` needs the feature `flamegraph` of hotbench.")
        .says("features = [\"harness\", \"flamegraph\"]");
    let with = format!("bench -q -p sampled {UNOPTIMISED} --bench hot -- --flamegraph --check");
    let with = cargo(&with).failed();
    assert_eq!(with.target_code(), Some(2), "{with}");
}

#[test]
fn a_file_that_cannot_be_written_hides_no_shares_and_fails_no_case() {
    let program = executable(&format!(
        "bench -q -p sampled {UNOPTIMISED} --bench hot \
         --config profile.bench.package.sampled.debug=\"line-tables-only\" --no-run --message-format json"
    ));
    // It writes beside itself. A file where the folder would be stops root, too.
    let folder = folder("flamegraph-unwritable");
    fs::write(folder.join("CACHEDIR.TAG"), "").expect("a file");
    fs::create_dir(folder.join("hotbench")).expect("a folder");
    fs::write(folder.join("hotbench/flamegraph"), "").expect("a file");
    let copy = folder.join("program");
    copy_program(&program, &copy);
    let arguments = "--flamegraph --exact sampled::split --measurement-time 1";
    let said = run(&mut timed(&copy, arguments)).passed();
    said.says("where the time goes")
        .says("sampled::four_fifths")
        .says("sampled.split.folded could not be written: ")
        .never_says("FAILED");
    let document =
        document(&run(&mut timed(&copy, &format!("{arguments} --format json"))).passed());
    let sampled = of(&document, "split");
    assert_eq!(
        [&sampled["folded"], &sampled["flamegraph"]],
        [&Value::Null; 2]
    );
    assert!(sampled["not_written"].is_string(), "{sampled:#}");
}
