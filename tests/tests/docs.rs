//! The documents name tests and flags that exist.

use std::path::{Path, PathBuf};

use serde_json::Value;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(file: &str) -> String {
    std::fs::read_to_string(workspace().join(file)).expect(file)
}

/// The text of all Rust files in a folder.
fn sources(folder: &str) -> String {
    let folder = workspace().join(folder);
    let files = std::fs::read_dir(&folder).expect("the folder is there");
    let paths = files.map(|file| file.expect("a file").path());
    let rust = paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    rust.map(|path| std::fs::read_to_string(path).expect("text"))
        .collect()
}

#[test]
fn each_row_about_a_peer_names_a_test() {
    let guide = std::fs::read_to_string(workspace().join("docs/guard.md")).expect("text");
    let (_, tables) = guide
        .split_once("## Coming from another crate")
        .expect("the section");
    let (tables, _) = tables.split_once("## Limits").expect("the next section");
    let tests = sources("runtime/tests") + &sources("tests/tests/cargo");
    let rows: Vec<&str> = tables
        .lines()
        .filter(|line| {
            line.starts_with('|') && !line.starts_with("| there") && !line.starts_with("| ---")
        })
        .collect();
    assert!(rows.len() > 30, "{rows:#?}");
    for row in rows {
        let cells: Vec<&str> = row.split(" | ").collect();
        let test = cells
            .last()
            .expect("a cell")
            .trim_end_matches('|')
            .trim()
            .trim_matches('`');
        assert!(
            tests.contains(&format!("fn {test}()")),
            "there is no test `{test}`"
        );
    }
}

/// Where the guide says what something becomes: its prose, and the last cells of its tables.
fn here(guide: &str) -> impl Iterator<Item = &str> {
    guide.lines().map(|line| match line.strip_suffix(" |") {
        Some(row) => row.rsplit(" | ").next().unwrap_or(row),
        None => line,
    })
}

#[test]
fn each_flag_that_another_harness_had_becomes_one_that_is_there() {
    let guide = std::fs::read_to_string(workspace().join("docs/migration.md")).expect("text");
    let declarations =
        std::fs::read_to_string(workspace().join("runtime/src/harness/cli.rs")).expect("text");
    let mut flags: Vec<&str> = here(&guide)
        .flat_map(|text| text.split("`--").skip(1))
        .filter_map(|rest| rest.split(['`', ' ']).next())
        .collect();
    flags.sort_unstable();
    flags.dedup();
    assert!(flags.len() > 3, "{flags:?}");
    for flag in flags {
        let field = format!(" {}: ", flag.replace('-', "_"));
        assert!(declarations.contains(&field), "there is no flag `--{flag}`");
    }
}

/// The names of all properties in a schema.
fn properties(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(object) => {
            for (keyword, value) in object {
                if keyword == "properties" {
                    names.extend(value.as_object().expect("schemas").keys().cloned());
                }
                properties(value, names);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| properties(value, names)),
        _ => {}
    }
}

/// The words of several to choose from.
fn words(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(object) => {
            for (keyword, value) in object {
                if keyword == "enum" {
                    let words = value.as_array().expect("values").iter();
                    found.extend(words.filter_map(Value::as_str).map(str::to_owned));
                }
                words(value, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| words(value, found)),
        _ => {}
    }
}

#[test]
fn each_field_and_each_word_of_the_json_report_is_described() {
    let schema = text("docs/report.schema.json").parse().expect("JSON");
    let mut names = Vec::new();
    properties(&schema, &mut names);
    words(&schema, &mut names);
    assert!(names.len() > 60, "{names:?}");
    let guide = text("docs/report-schema.md");
    // Not in the example, which has most of them.
    let (before, rest) = guide.split_once("```json\n").expect("the example");
    let (example, after) = rest.split_once("```\n").expect("its end");
    for name in names {
        let name = format!("`{name}`");
        let described = before.contains(&name) || after.contains(&name);
        assert!(described, "{name}");
    }
    let example = example.parse().expect("JSON");
    let mut schemas = boon::Schemas::new();
    let path = workspace().join("docs/report.schema.json");
    let index = boon::Compiler::new()
        .compile(path.to_str().expect("UTF-8"), &mut schemas)
        .expect("a schema");
    if let Err(error) = schemas.validate(&example, index) {
        panic!("{error:#}");
    }
}
