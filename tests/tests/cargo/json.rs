//! `--format json`: the figures of the table, for programs.

use serde_json::Value;

use crate::support::{QUICK, Said, cargo};

/// The document, which is all that standard output carries, and the case of this name in it.
fn document(said: &Said) -> Value {
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}\n{said}"))
}

fn case<'a>(document: &'a Value, id: &str) -> &'a Value {
    let cases = document["cases"].as_array().expect("a list");
    let case = cases.iter().find(|case| case["id"] == id);
    case.unwrap_or_else(|| panic!("no {id} in {document:#}"))
}

#[test]
fn a_ratio_has_its_baseline_its_interval_and_its_verdict() {
    let said = cargo(&format!("bench -p declared -- sum_ {QUICK} --format json")).passed();
    let document = document(&said);
    assert_eq!(document["schema"], 1);
    let run = &document["runs"][0];
    assert_eq!(run["measured"], "time");
    assert_eq!(run["profile"], "release");
    assert_eq!(run["guard"]["allocator_installed"], true);
    let baseline = case(&document, "declared::sum_in_a_loop/looped/16");
    assert_eq!(baseline["baseline"], true);
    assert_eq!(baseline["vs_baseline"], Value::Null);
    let formula = case(&document, "declared::sum_by_formula/formula/16");
    assert_eq!(formula["group"], "sums");
    assert_eq!(formula["sweep_value"], "16");
    let compared = &formula["vs_baseline"];
    // Like with like.
    assert_eq!(compared["baseline_id"], "declared::sum_in_a_loop/looped/16");
    let end = |name: &str| compared["speedup"][name].as_f64().expect("a number");
    let [lower, point, upper] = ["lower", "point", "upper"].map(end);
    assert!(lower <= point && point <= upper, "{compared}");
    let times =
        [baseline, formula].map(|case| case["timing"]["time_ns"]["point"].as_f64().unwrap());
    assert!(
        (times[0] / times[1] / point - 1.0).abs() < 1e-9,
        "{compared}"
    );
    let verdict = match () {
        () if lower >= 0.98 && upper <= 1.02 => "same",
        () if lower > 1.02 => "faster",
        () if upper < 0.98 => "slower",
        () => "inconclusive",
    };
    assert_eq!(compared["verdict"], verdict, "{compared}");
}

#[test]
fn what_a_call_works_on_and_allocates_is_there_and_what_failed() {
    let said = cargo(&format!(
        "bench -p declared -- words longest {QUICK} --format json"
    ))
    .failed();
    let document = document(&said);
    let both = case(&document, "declared::longest/both");
    let rates = &both["throughput"];
    assert_eq!(
        [&rates["bytes_per_call"], &rates["elements_per_call"]],
        [18, 4]
    );
    let time = both["timing"]["time_ns"]["point"].as_f64().unwrap();
    let rate = rates["elements_per_second"].as_f64().unwrap();
    assert!((rate * time / 4e9 - 1.0).abs() < 1e-9, "{both}");
    assert_eq!(both["failure"], Value::Null);
    let words = case(&document, "declared::words/right");
    assert_eq!(words["allocations"]["allocs"], 4.0);
    assert_eq!(words["throughput"], Value::Null);
    let wrong = case(&document, "declared::words/wrong");
    let message = wrong["failure"]["message"].as_str().unwrap();
    assert!(message.contains("three are wanted"), "{wrong}");
    assert_eq!(wrong["timing"], Value::Null);
}

#[test]
fn threads_and_doubts_are_told() {
    let options = format!("{QUICK} --format json");
    let said = cargo(&format!("bench -p threads -- contended {options}")).passed();
    let timed = document(&said);
    let threads = &case(&timed, "threads::contended/threads=2")["timing"]["threads"];
    assert_eq!(threads["count"], 2);
    assert!(threads["mean_ns"].is_f64(), "{threads}");
    let options = "--warm-up-time 0.02 --measurement-time 0.05 --sample-size 30 --format json";
    let said = cargo(&format!("bench -p elided -- hoisted slow {options}")).passed();
    let doubt = |id| case(&document(&said), id)["timing"]["optimised_away"].clone();
    assert_eq!(doubt("elided::hoisted"), "time_does_not_grow");
    assert_eq!(doubt("elided::slow"), Value::Null);
}

#[test]
fn a_list_is_no_run_and_has_the_events_of_libtest() {
    let said = cargo("bench -q -p declared -- --list --format json").passed();
    let lines: Vec<Value> = said
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}\n{said}")))
        .collect();
    assert_eq!(lines[0]["event"], "discovery");
    assert_eq!(lines[1]["name"], "declared::area/product/1/1");
    let last = lines.last().expect("an end");
    assert_eq!(last["benchmarks"], lines.len() - 2, "{last}");
    let said = cargo("bench -p declared -- --list --format github").failed();
    assert_eq!(said.target_code(), Some(2), "{said}");
    said.says("`--format github` is a format of runs, and `--list`, `--list-hot` and `--save` run nothing");
}

#[test]
fn a_test_run_has_a_document_too() {
    let said = cargo("test -q -p declared --bench hot -- words --format json").failed();
    let document = document(&said);
    assert_eq!(document["runs"][0]["measured"], "test");
    let wrong = case(&document, "declared::words/wrong");
    assert_eq!(wrong["failure"]["kind"], "panicked");
    let right = case(&document, "declared::words/right");
    assert_eq!(
        [&right["failure"], &right["timing"]],
        [&Value::Null, &Value::Null]
    );
}
