//! What can go wrong, as ARCHITECTURE has it: each row names a test that there is.

use super::{code, text, workspace};

#[test]
fn each_event_names_a_test() {
    let architecture = text("ARCHITECTURE.md");
    let (_, section) = architecture
        .split_once("\n## What can go wrong and what the user sees\n")
        .expect("the section");
    let (section, _) = section.split_once("\n## ").expect("another section");
    let rows = section.lines().filter(|line| line.starts_with("| "));
    // The heads of the columns come first.
    let rows: Vec<&str> = rows.skip(2).collect();
    assert!(rows.len() > 20, "{rows:?}");
    for row in rows {
        let (_, tests) = row
            .trim_end_matches(" |")
            .rsplit_once(" | ")
            .expect("a column");
        let tests: Vec<&str> = code(tests).collect();
        assert!(!tests.is_empty(), "{row}");
        for test in tests {
            let (file, test) = test.rsplit_once("::").expect("a file and a test");
            let file = match file.contains('/') {
                true => workspace().join(file),
                false => workspace()
                    .join("tests/tests/cargo")
                    .join(format!("{file}.rs")),
            };
            let source = std::fs::read_to_string(&file).unwrap_or_default();
            assert!(source.contains(&format!("fn {test}()")), "{row}");
        }
    }
}
