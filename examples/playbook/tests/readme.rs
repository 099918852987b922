//! The README has the topics of the harness: `readme.py` writes it from a run, which may be an old one.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What stands between both in each line that has them.
fn between<'a>(text: &'a str, before: &str, after: &str) -> BTreeSet<&'a str> {
    let parts = text.lines().filter_map(|line| {
        let (_, rest) = line.split_once(before)?;
        Some(rest.split_once(after)?.0)
    });
    parts.collect()
}

#[test]
fn its_topics_are_the_groups_of_the_cases_and_its_rows_are_theirs() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(package.join("README.md")).unwrap();
    let blessed = fs::read_to_string(package.join("benches/hotbench.toml")).unwrap();
    let mut groups = BTreeSet::new();
    for source in fs::read_dir(package.join("src")).unwrap() {
        let source = source.unwrap().path();
        let text = fs::read_to_string(&source).unwrap();
        let module = source.file_stem().unwrap().to_str().unwrap();
        for group in between(&text, "group = \"", "\"") {
            assert_eq!(group, module, "a group is named as its module");
            groups.insert(group.to_owned());
        }
    }
    assert_eq!(groups.len(), 10);
    let topics = between(&readme, "](src/", ".rs)");
    assert_eq!(topics, groups.iter().map(String::as_str).collect());
    // The file of what was blessed has the cases by their ids, and a test run fails where one of them is gone.
    let cases = between(&blessed, "[hot.\"playbook::", "\"]");
    let functions: BTreeSet<&str> = cases
        .iter()
        .filter_map(|case| case.rsplit("::").next())
        .collect();
    assert_eq!(between(&readme, "| `", "` |"), functions);
}
