//! `init --example`: a module with a case that is measured, and a test that fails, for people to see both.

use std::path::Path;

use super::error::CliError;
use super::files::{Content, Draft, Files};
use super::mend::{insert, parsed};
use super::project::Package;

const MODULE: &str = "hotbench_example";

const TEXT: &str = include_str!("example.rs.txt");

const TESTS: &str = "#[cfg(test)]\nmod tests";
/// A program that is its own bench target is compiled as a test there, and has none of these.
const TESTS_OF_A_PROGRAM: &str =
    "#[cfg(test)]\n#[allow(unused)] // There are no tests in the bench target.\nmod tests";

/// Adds the module to the library, or else to the program, unless it is there.
pub(super) fn add(package: &Package, draft: &mut Draft<'_>) -> Result<(), CliError> {
    let root = package.lib().or_else(|| package.program());
    let root = &root
        .ok_or_else(|| CliError::NothingToMeasure(package.name.clone()))?
        .path;
    let source = parsed(draft, root, package.key())?;
    let text = draft.text(root).unwrap_or_default();
    let folder = root.parent().unwrap_or(Path::new(""));
    // Each file there is a program for Cargo, and each folder with a `main.rs`.
    let file = match folder.ends_with("src/bin") {
        true => folder.join(MODULE).join("mod.rs"),
        false => folder.join(format!("{MODULE}.rs")),
    };
    if !draft.exists(&file) {
        let key = package.key().replace('-', "_");
        let import = format!("use {key}::");
        let mut text = TEXT.replace("use hotbench::", &import);
        if package.lib().is_none() {
            text = text.replace(TESTS, TESTS_OF_A_PROGRAM);
        }
        draft.write(&file, Content::Text(text));
    }
    if !source.has_module(MODULE) {
        match source.place_of_module() {
            Some(place) => insert(draft, root, &[(place, &format!("mod {MODULE};\n\n"))]),
            None => {
                let gap = if text.is_empty() || text.ends_with('\n') {
                    ""
                } else {
                    "\n"
                };
                insert(
                    draft,
                    root,
                    &[(text.len(), &format!("{gap}\nmod {MODULE};\n"))],
                );
            }
        }
    }
    Ok(())
}
