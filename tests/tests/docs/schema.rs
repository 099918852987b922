//! The guide to the JSON report, and its schema.

use serde_json::Value;

use crate::{text, workspace};

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
