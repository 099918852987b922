//! The tables for those who come from another crate.

use crate::{text, workspace};

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
    let guide = text("docs/guard.md");
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
    let guide = text("docs/migration.md");
    let declarations = text("runtime/harness/src/cli.rs");
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
