//! Each machine format, as it is read by a tool that was not made for it, or held against its schema.

use std::path::{Path, PathBuf};
use std::process::Command;

use junit_parser::{TestCase, TestSuites};
use serde_json::Value;

use crate::support::{QUICK, Said, cargo, cargo_with, run, target};

/// Why a document is not what the schema says, if so.
fn violation(document: &Value) -> Option<String> {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/report.schema.json");
    let mut schemas = boon::Schemas::new();
    let index = boon::Compiler::new()
        .compile(schema.to_str().expect("UTF-8"), &mut schemas)
        .unwrap_or_else(|error| panic!("{error:#}"));
    let error = schemas.validate(document, index).err()?;
    Some(format!("{error:#}"))
}

/// The document, which is all that standard output carries, and which is what the schema says.
#[track_caller]
pub(crate) fn document(said: &Said) -> Value {
    let document =
        serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}\n{said}"));
    if let Some(violation) = violation(&document) {
        panic!("{violation}\n{document:#}");
    }
    document
}

#[track_caller]
fn kinds(document: &Value) -> Vec<&str> {
    let cases = document["cases"].as_array().expect("a list");
    let mut kinds: Vec<&str> = cases
        .iter()
        .filter_map(|case| case["failure"]["kind"].as_str())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// A file in a folder of this test.
fn file(name: &str) -> PathBuf {
    let folder = target().join("formats");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    folder.join(name)
}

#[test]
fn the_document_of_each_kind_of_run_is_what_the_schema_says() {
    let skip = "--skip ::j_ --skip ::k_";
    let timed = cargo(&format!(
        "bench -p misbehaving -- {skip} {QUICK} --format json"
    ));
    let timed = document(&timed.failed());
    assert_eq!(
        kinds(&timed),
        ["died", "not_measured", "over_budget", "panicked"]
    );
    let checked = cargo("bench -p declared -- --check --format json").failed();
    let checked = document(&checked);
    assert!(
        checked["cases"]
            .as_array()
            .unwrap()
            .iter()
            .any(|case| case["budget"] != Value::Null)
    );
    let tested = cargo("test -q -p declared --bench hot -- --format json").failed();
    assert_eq!(document(&tested)["runs"][0]["ignored"], 1);
    let said = cargo(&format!(
        "bench -p threads -- contended {QUICK} --format json"
    ));
    let threads = &document(&said.passed())["cases"][1]["timing"]["threads"];
    assert_eq!(threads["count"], 2);
    // It sleeps, so that it is never taken for one of which nothing is left.
    let again = format!("bench -p odd-names -- told/SAME {QUICK} --format json");
    cargo(&again).passed();
    let since = &document(&cargo(&again).passed())["cases"][0]["since_last"];
    assert!(since["relative"].is_object(), "{since}");
}

#[test]
fn a_merged_document_is_what_the_schema_says_and_becomes_any_format() {
    let shares = ["1/2", "2/2"].map(|shard| {
        let options = format!("sum_ {QUICK} --format json --shard {shard}");
        let said = cargo(&format!("bench -p declared -- {options}")).passed();
        let share = file(&format!("share-{}.json", &shard[..1]));
        std::fs::write(&share, &said.stdout).expect("it can be written");
        share.to_str().expect("UTF-8").to_owned()
    });
    let merge = |format: &str| {
        let [first, second] = &shares;
        cargo(&format!(
            "bench -p declared -- --merge {first} {second} --format {format}"
        ))
        .passed()
    };
    let merged = document(&merge("json"));
    assert_eq!(merged["runs"].as_array().map(Vec::len), Some(2));
    assert_eq!(merged["cases"].as_array().map(Vec::len), Some(4));
    assert_eq!(
        merged["cases"][1]["vs_baseline"]["baseline_id"],
        merged["cases"][0]["id"]
    );
    // Two shares of one target.
    let suites = junit(&merge("junit")).suites;
    assert_eq!(suites.len(), 1);
    assert_eq!(suites[0].cases.len(), 4);
    assert_eq!(merge("bencher").stdout.lines().count(), 4);
}

#[test]
fn the_schema_refuses_what_it_does_not_describe_and_what_lacks_a_field() {
    let said = cargo("bench -p misbehaving -- --check --format json over_its_budget").failed();
    let whole = document(&said);
    for path in [
        "",
        "/runs/0",
        "/runs/0/machine",
        "/cases/0",
        "/cases/0/allocations",
        "/cases/0/failure",
    ] {
        let mut more = whole.clone();
        let object = more.pointer_mut(path).and_then(Value::as_object_mut);
        object.expect("an object").insert("new".into(), 1.into());
        let violation = violation(&more).unwrap_or_default();
        assert!(
            violation.contains("'new' not allowed"),
            "{path}: {violation}"
        );
        let fields = whole.pointer(path).and_then(Value::as_object).expect("one");
        for field in fields.keys() {
            let mut less = whole.clone();
            let object = less.pointer_mut(path).and_then(Value::as_object_mut);
            object.expect("an object").remove(field);
            assert!(self::violation(&less).is_some(), "{path}/{field}");
        }
    }
    let mut other = whole.clone();
    other["cases"][0]["failure"]["kind"] = "bored".into();
    assert!(violation(&other).is_some());
}

#[test]
fn what_cases_print_is_in_no_document() {
    for format in ["json", "junit", "bencher"] {
        let options = format!("a_good c_exits --nocapture --format {format}");
        for run in [
            format!("bench -p misbehaving -- {options} {QUICK}"),
            format!("bench -p misbehaving -- {options} --check"),
            format!("test -q -p misbehaving --bench hot -- {options}"),
        ] {
            let said = cargo(&run).failed();
            match format {
                "json" => drop(document(&said)),
                "junit" => drop(junit(&said)),
                _ => assert!(
                    said.stdout
                        .lines()
                        .all(|line| line.contains(" ... bench: ")),
                    "{said}"
                ),
            }
            assert!(!said.stdout.contains("printed by the case"), "{said}");
            assert!(said.stderr.contains("printed by the case"), "{said}");
        }
    }
}

#[track_caller]
pub(crate) fn junit(said: &Said) -> TestSuites {
    assert!(said.stdout.starts_with("<?xml "), "{said}");
    junit_parser::from_reader(said.stdout.as_bytes())
        .unwrap_or_else(|error| panic!("{error}\n{said}"))
}

#[track_caller]
fn named<'a>(suites: &'a TestSuites, name: &str) -> &'a TestCase {
    let mut cases = suites.suites.iter().flat_map(|suite| &suite.cases);
    let case = cases.find(|case| case.original_name == name);
    case.unwrap_or_else(|| panic!("no {name} in {suites:#?}"))
}

fn property<'a>(case: &'a TestCase, name: &str) -> Option<&'a str> {
    let mut properties = case.properties.vec.iter();
    properties
        .find(|(property, _)| property == name)
        .map(|(_, value)| value.as_str())
}

#[test]
fn a_junit_reader_finds_each_case_its_figures_and_why_it_failed() {
    let said = cargo(&format!(
        "bench -p declared -- words longest/both filled sum_ {QUICK} --format junit"
    ))
    .failed();
    let suites = junit(&said);
    assert_eq!((suites.tests, suites.failures, suites.errors), (10, 2, 0));
    let [suite] = &suites.suites[..] else {
        panic!("{suites:#?}");
    };
    assert_eq!(suite.name, "declared::bench/hot");
    assert!(suite.time > 0.0 && suite.timestamp.is_some(), "{suite:#?}");
    let both = named(&suites, "longest/both");
    assert!(both.status.is_success());
    assert_eq!(both.classname.as_deref(), Some("declared"));
    // Of the case, not of a call.
    assert!(both.time > 0.02 && both.time < suite.time, "{both:#?}");
    let [lower, point, upper] = ["time_ns_lower", "time_ns", "time_ns_upper"].map(|name| {
        let value = property(both, name).expect("it is there");
        value.parse::<f64>().expect("a number")
    });
    assert!(0.0 < lower && lower <= point && point <= upper, "{both:#?}");
    assert_eq!(property(both, "allocs"), Some("0"));
    assert!(property(both, "bytes_per_second").is_some());
    is_at_the_function(
        both.file.as_deref().unwrap(),
        both.line.unwrap() as usize,
        "longest",
    );
    let formula = named(&suites, "sum_by_formula/formula/16");
    let baseline = property(formula, "baseline_id");
    assert_eq!(baseline, Some("declared::sum_in_a_loop/looped/16"));
    let wrong = named(&suites, "words/wrong");
    let failure = wrong.status.failure_as_ref();
    assert_eq!(failure.failure_type, "panicked");
    assert!(failure.message.ends_with("three are wanted"), "{failure:?}");
    assert!(failure.text.contains("left: 2\n"), "{failure:?}");
    let output = wrong.system_out.as_deref().unwrap();
    assert!(
        output.contains("panicked at declared/src/lib.rs:"),
        "{output}"
    );
    let over = named(&suites, "filled/1024").status.failure_as_ref();
    assert_eq!(over.failure_type, "over_budget");
    assert!(over.message.starts_with("error: one call of "), "{over:?}");
}

/// The case of the fixture whose name, message and output have what formats have a use for.
const PROVOKING: &str = "l_says_what_formats_have_a_use_for/<a> & \"b\" | `c`, 100 %: ]]>";

#[test]
fn whatever_a_case_says_the_junit_document_is_one() {
    let said = cargo("bench -p misbehaving -- --check --ignored --format junit").failed();
    assert_eq!(
        named(&junit(&said), PROVOKING).classname.as_deref(),
        Some("misbehaving")
    );
    // That reader forgets the entities in a text.
    let document = roxmltree::Document::parse(&said.stdout).expect("XML");
    let element = |name: &str| {
        let mut elements = document.descendants();
        elements.find(|it| it.has_tag_name(name)).expect(name)
    };
    let failure = element("failure");
    assert_eq!(failure.attribute("message"), Some("first: 50 %, ]]>"));
    assert_eq!(failure.text(), Some("first: 50 %, ]]>\n::error::second"));
    let output = element("system-out").text().expect("text");
    assert!(output.starts_with("red ]]> & <b>    end␀\n"), "{output}");
    let said = cargo(&format!("bench -p odd-names -- {QUICK} --format junit")).passed();
    for name in [
        "told/x:y*?\"<>|",
        "told/größe",
        "told/日本語",
        "told/$HOME %PATH%",
    ] {
        assert!(named(&junit(&said), name).status.is_success());
    }
}

/// A workflow command, taken apart as the runner of GitHub Actions takes it apart.
#[derive(Debug)]
struct Annotation {
    command: String,
    properties: Vec<(String, String)>,
    message: String,
}

impl Annotation {
    fn parse(line: &str) -> Option<Self> {
        let (info, message) = line.strip_prefix("::")?.split_once("::")?;
        let (command, properties) = info.split_once(' ').unwrap_or((info, ""));
        let pairs = properties
            .split(',')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').expect("a value");
                (
                    name.to_owned(),
                    unescaped(&value.replace("%3A", ":").replace("%2C", ",")),
                )
            });
        Some(Self {
            command: command.to_owned(),
            properties: pairs.collect(),
            message: unescaped(message),
        })
    }

    #[track_caller]
    fn property(&self, name: &str) -> &str {
        let property = self
            .properties
            .iter()
            .find(|(property, _)| property == name);
        &property
            .unwrap_or_else(|| panic!("no {name} in {self:?}"))
            .1
    }
}

/// The escape of the `%` itself comes last.
fn unescaped(text: &str) -> String {
    text.replace("%0D", "\r")
        .replace("%0A", "\n")
        .replace("%25", "%")
}

/// Those of the harness: what a case prints may have the form of one, too.
fn annotations(said: &Said) -> Vec<Annotation> {
    let all = said.stdout.lines().filter_map(Annotation::parse);
    all.filter(|it| !it.properties.is_empty()).collect()
}

/// The root of the repository; that of the fixtures' workspace where there is none.
fn root() -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut above = fixtures.ancestors();
    let repository = above.find(|dir| dir.join(".git").exists());
    repository.map_or(fixtures.clone(), Path::to_owned)
}

#[track_caller]
fn is_at_the_function(file: &str, line: usize, function: &str) {
    let text = std::fs::read_to_string(root().join(file)).expect(file);
    let line = text.lines().nth(line - 1).expect("the line");
    assert!(line.contains(&format!("fn {function}(")), "{line}");
}

#[test]
fn github_is_shown_each_failure_at_its_function_and_people_what_they_read() {
    let options = format!("a_good c_exits d_panics h_is {QUICK} --format github");
    let said = cargo(&format!("bench -p misbehaving -- {options}")).failed();
    assert_eq!(said.row("d_panics"), ["d_panics", "FAILED"]);
    said.says("---- misbehaving::d_panics ----\n");
    let all = annotations(&said);
    let errors: Vec<_> = all.iter().filter(|it| it.command == "error").collect();
    for (error, (function, message)) in errors.iter().zip([
        (
            "c_exits",
            "ended the process that measures it (exit status: 3)",
        ),
        ("d_panics", "reason of the panic"),
        (
            "h_is_over_its_budget",
            "\n41 | fn h_is_over_its_budget() -> Vec<u8> {\n",
        ),
    ]) {
        let line = error.property("line").parse().expect("a number");
        is_at_the_function(error.property("file"), line, function);
        let title = format!("misbehaving::{function} failed");
        assert_eq!(error.property("title"), title);
        assert!(error.message.contains(message), "{error:?}");
    }
    assert_eq!(errors.len(), 3, "{said}");
    let options = "--warm-up-time 0.02 --measurement-time 0.05 --sample-size 30 --format github";
    let said = cargo(&format!("bench -p elided -- hoisted {options}")).passed();
    let [warning] = &annotations(&said)[..] else {
        panic!("{said}");
    };
    assert_eq!(warning.command, "warning");
    let title = "elided::hoisted may be optimised away";
    assert_eq!(warning.property("title"), title);
    let said = cargo("bench -p misbehaving -- --check --ignored --format github").failed();
    let [error] = &annotations(&said)[..] else {
        panic!("{said}");
    };
    let title = format!("misbehaving::{PROVOKING} failed");
    assert_eq!(error.property("title"), title);
    assert_eq!(error.message, "first: 50 %, ]]>\n::error::second");
}

#[test]
fn a_test_run_on_github_is_libtests_and_has_annotations() {
    let said = cargo("test -q -p declared --bench hot -- words --format github").failed();
    said.says("test declared::words/right ... ok\n")
        .says("test result: FAILED. 1 passed; 1 failed;");
    let [error] = &annotations(&said)[..] else {
        panic!("{said}");
    };
    assert_eq!(error.property("title"), "declared::words/wrong failed");
}

/// The cells of a Markdown table's row.
fn cells(row: &str) -> Vec<String> {
    let row = row.trim().strip_prefix('|').expect("a row");
    let row = row.strip_suffix('|').expect("its end");
    row.split('|').map(|cell| cell.trim().to_owned()).collect()
}

/// The text of a `<code>` element.
fn code(cell: &str) -> String {
    let mut rest = cell
        .strip_prefix("<code>")
        .and_then(|cell| cell.strip_suffix("</code>"));
    let mut text = String::new();
    while let Some((before, entity)) = rest.and_then(|rest| rest.split_once("&#")) {
        let (number, after) = entity.split_once(';').expect("an entity");
        text.push_str(before);
        text.push(char::from(number.parse::<u8>().expect("a number")));
        rest = Some(after);
    }
    text + rest.expect("an element")
}

#[test]
fn the_summary_on_github_is_a_table_whatever_the_names() {
    let summary = file("summary.md");
    std::fs::write(&summary, "of a step before").expect("it can be written");
    let variable = [("GITHUB_STEP_SUMMARY", summary.to_str().expect("UTF-8"))];
    let options = "--check --include-ignored --format github";
    cargo_with(&format!("bench -p odd-names -- {options}"), &variable).passed();
    cargo_with(
        &format!("bench -p misbehaving -- {options} c_exits l_says"),
        &variable,
    )
    .failed();
    let text = std::fs::read_to_string(&summary).expect("it is there");
    let text = text.strip_prefix("of a step before\n").expect(&text);
    let tables: Vec<Vec<Vec<String>>> = text
        .split("\n\n")
        .filter(|part| part.starts_with('|'))
        .map(|table| table.lines().map(cells).collect())
        .collect();
    let [odd, misbehaving] = &tables[..] else {
        panic!("{text}");
    };
    for table in &tables {
        assert!(
            table.iter().all(|row| row.len() == table[0].len()),
            "{text}"
        );
        assert!(
            table[1]
                .iter()
                .all(|cell| cell.trim_end_matches(':') == "---"),
            "{text}"
        );
    }
    let ids = |table: &[Vec<String>]| -> Vec<String> {
        table[2..].iter().map(|row| code(&row[0])).collect()
    };
    assert_eq!(odd.len(), 2 + 26, "{text}");
    for name in ["x:y*?\"<>|", "{id}", "back\\slash", "a::b"] {
        let id = format!("odd-names::told/{name}");
        assert!(ids(odd).contains(&id), "{id}\n{text}");
    }
    let provoking = format!("misbehaving::{PROVOKING}");
    assert_eq!(ids(misbehaving), ["misbehaving::c_exits", &provoking]);
    assert!(
        text.contains("\n<pre>\nfirst: 50 %, ]]&gt;\n::error::second\n</pre>\n"),
        "{text}"
    );
}

#[test]
fn a_summary_that_cant_be_written_is_a_note() {
    let folder = file("");
    let variable = [("GITHUB_STEP_SUMMARY", folder.to_str().expect("UTF-8"))];
    let run = "bench -p declared -- --check sum_ --format github";
    let said = cargo_with(run, &variable).passed();
    assert!(
        said.stderr
            .contains("note: the summary can't be written to "),
        "{said}"
    );
}

#[test]
fn benchcmp_compares_two_runs() {
    let runs = ["old", "new"].map(|name| {
        // The first takes 1.1 ms, the last 2 ms, at least.
        let options = format!("told/SAME told/back told/same told/~ {QUICK} --format bencher");
        let said = cargo(&format!("bench -p odd-names -- {options}")).passed();
        let lines = file(name);
        std::fs::write(&lines, &said.stdout).expect("it can be written");
        (lines, said)
    });
    let [(old, _), (new, said)] = &runs;
    let compared = run(Command::new(env!("CARGO")).arg("benchcmp").args([old, new])).passed();
    assert_eq!(compared.stderr, "", "{compared}");
    for name in ["SAME", "back\\slash", "same", "~"] {
        let name = format!("odd-names::told/{name}");
        let row = compared
            .stdout
            .lines()
            .map(|row| row.split_whitespace().collect::<Vec<_>>());
        let row = row.into_iter().find(|row| row[0] == name);
        let row = row.unwrap_or_else(|| panic!("no {name}\n{compared}"));
        let line = said
            .stdout
            .lines()
            .find(|line| line.contains(&format!(" {name} ")));
        let time = line
            .and_then(|line| line.split("bench:").nth(1))
            .expect("its line");
        let (whole, _) = time.trim().split_once('.').expect("a fraction");
        assert_eq!(row[2], whole, "{compared}\n{said}");
    }
}
