//! A run as a JUnit document, the XML that CI servers show: a suite for each bench target, named as nextest
//! names it, and in it a test for each case.

use std::collections::HashMap;
use std::time::Duration;

use chrono::DateTime;
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite, XmlString};

use super::arrange::split_id;
use super::console::Console;
use super::document::{Report, Run};
use super::hot_paths::HotPaths;
use super::json;
use super::measurement::{Estimate, Measurement, Objection};
use super::plain::plain;
use super::ratchet::{Gone, Ratchet};

/// Prints the document.
pub(crate) fn print(console: &mut Console, report: &Report) {
    match document(report).to_string() {
        Ok(text) => console.print(&text),
        // It is made in memory, where nothing can be in the way.
        Err(error) => unreachable!("the report has a form that XML has not: {error}"),
    }
}

fn document(report: &Report) -> quick_junit::Report {
    let mut suites: Vec<TestSuite> = Vec::new();
    let mut of_target: HashMap<(&str, &str), usize> = HashMap::new();
    // Several runs of one target are shares of it.
    let of_run: Vec<usize> = report
        .runs
        .iter()
        .map(|run| {
            let place = of_target.entry((&run.package, &run.bench));
            let index = *place.or_insert_with(|| {
                suites.push(suite(run));
                suites.len() - 1
            });
            let time = suites[index].time.unwrap_or_default() + seconds(run.duration_s);
            suites[index].set_time(time);
            index
        })
        .collect();
    for (run, &suite) in report.runs.iter().zip(&of_run) {
        suites[suite].add_test_cases(
            run.hot_paths
                .as_ref()
                .filter(|paths| paths.required)
                .map(covered),
        );
        let ratchet = run.ratchet.iter();
        suites[suite].add_test_cases(
            ratchet.flat_map(|ratchet| ratchet.gone.iter().map(|gone| missing(ratchet, gone))),
        );
    }
    for case in &report.cases {
        let status = status(case, report.objection(case));
        suites[of_run[case.run]].add_test_case(test_case(case, status));
    }
    let mut document = quick_junit::Report::new("hotbench");
    document
        .set_time(suites.iter().filter_map(|suite| suite.time).sum())
        .add_test_suites(suites);
    document
}

fn suite(run: &Run) -> TestSuite {
    let mut suite = TestSuite::new(format!("{}::bench/{}", run.package, run.bench));
    let started = i64::try_from(run.started_at_unix_s).unwrap_or_default();
    if let Some(started) = DateTime::from_timestamp(started, 0) {
        suite.set_timestamp(started);
    }
    suite.add_property(("measured", json::name(&run.measured).as_str()));
    suite.add_property(("profile", run.profile.as_str()));
    suite.add_property(("rustc", run.toolchain.rustc.as_str()));
    suite.add_property(("target", run.toolchain.target.as_str()));
    suite
}

/// `time` is what all that was done with the case took, as it is for a test, so that a server which adds up or
/// shares out by it is right. What a call takes is a property.
fn test_case(case: &Measurement, status: TestCaseStatus) -> TestCase {
    let (module, name) = split_id(&case.id);
    let mut test = TestCase::new(xml(name), status);
    test.set_classname(xml(module))
        .set_time(seconds(case.duration_s));
    // No part of the format, but those who can show a place look for it here.
    let place = [("file", case.file.clone()), ("line", case.line.to_string())];
    test.extra
        .extend(place.map(|(name, value)| (name.into(), xml(&value))));
    for (name, value) in properties(case) {
        test.add_property((name, value.as_str()));
    }
    if let Some(failure) = &case.failure
        && !failure.output.is_empty()
    {
        test.set_system_out(xml(&failure.output));
    }
    test
}

/// That all hot paths are reached is a test where it is required.
fn covered(paths: &HotPaths) -> TestCase {
    let mut status = TestCaseStatus::success();
    if !paths.holds() {
        status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let reached = format!("{} of {} reached", paths.reached, paths.total);
        status
            .set_type("not_reached")
            .set_message(reached)
            .set_description(xml(&paths.to_string()));
    }
    TestCase::new("hot paths", status)
}

/// A case that was blessed fails where it is gone.
fn missing(ratchet: &Ratchet, gone: &Gone) -> TestCase {
    let (module, name) = split_id(&gone.id);
    let message = format!("was blessed in {}, and is gone", ratchet.file);
    let mut test = TestCase::new(xml(name), failed("gone", &message, &message));
    test.set_classname(xml(module));
    let place = [
        ("file", ratchet.file.clone()),
        ("line", gone.line.to_string()),
    ];
    test.extra
        .extend(place.map(|(name, value)| (name.into(), xml(&value))));
    test
}

fn status(case: &Measurement, objection: Option<Objection>) -> TestCaseStatus {
    if let Some(failure) = &case.failure {
        let kind = json::name(&failure.kind);
        return failed(&kind, failure.summary(), failure.message.trim_end());
    }
    match objection {
        Some(Objection::Worse(what)) => failed("regression", &what, &what),
        Some(Objection::Inconclusive(what)) => failed("inconclusive", &what, &what),
        None => TestCaseStatus::success(),
    }
}

fn failed(kind: &str, message: &str, description: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status
        .set_type(kind)
        .set_message(xml(message))
        .set_description(xml(description));
    status
}

/// The figures, by their names in the JSON document.
fn properties(case: &Measurement) -> Vec<(&'static str, String)> {
    let mut properties = Vec::new();
    if let Some(timing) = &case.timing {
        let Estimate {
            point,
            lower,
            upper,
        } = timing.time_ns;
        properties.push(("time_ns", point.to_string()));
        properties.push(("time_ns_lower", lower.to_string()));
        properties.push(("time_ns_upper", upper.to_string()));
        let doubt = timing.optimised_away.as_ref();
        properties.extend(doubt.map(|doubt| ("optimised_away", json::name(doubt))));
    }
    if let Some(allocations) = &case.allocations {
        properties.push(("allocs", allocations.allocs.to_string()));
        properties.push(("bytes", allocations.bytes.to_string()));
    }
    if let Some(throughput) = &case.throughput {
        let bytes = throughput.bytes_per_second;
        properties.extend(bytes.map(|rate| ("bytes_per_second", rate.to_string())));
        let elements = throughput.elements_per_second;
        properties.extend(elements.map(|rate| ("elements_per_second", rate.to_string())));
    }
    if let Some(compared) = &case.vs_baseline {
        properties.push(("baseline_id", plain(&compared.baseline_id)));
        let speedup = compared.speedup.as_ref();
        properties.extend(speedup.map(|speedup| ("speedup", speedup.point.to_string())));
        properties.push(("verdict", json::name(&compared.verdict)));
    }
    properties
}

fn seconds(seconds: f64) -> Duration {
    // Of a document that was read, it may be anything.
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

fn xml(text: &str) -> XmlString {
    // The crate drops tabs.
    XmlString::new(plain(text).replace('\t', "    "))
}

#[cfg(test)]
mod tests {
    use super::document;
    use crate::report::comparison::VersusVerdict;
    use crate::report::document::{Compared, Report, Run};
    use crate::report::measurement::Measurement;
    use crate::report::samples::{case, run, versus};

    #[test]
    fn what_is_inconclusive_fails_where_it_fails_the_run() {
        let compared = |strict, verdict| {
            let compared = Compared {
                with: "main".to_owned(),
                margin: 0.01,
                strict,
                new: Vec::new(),
                gone: Vec::new(),
            };
            let run = Run {
                compared: Some(compared),
                ..run()
            };
            let case = Measurement {
                vs_revision: Some(versus(verdict)),
                ..case("app::parse")
            };
            let report = Report::new(run, vec![case]);
            let text = document(&report).to_string().expect("XML");
            (report.passed(), text.contains("type=\"inconclusive\""))
        };
        assert_eq!(compared(true, VersusVerdict::Inconclusive), (false, true));
        assert_eq!(compared(false, VersusVerdict::Inconclusive), (true, false));
        assert_eq!(compared(true, VersusVerdict::Same), (true, false));
    }
}
