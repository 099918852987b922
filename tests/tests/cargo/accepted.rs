//! What the attributes accept, in crates that deny warnings.

use std::fs;
use std::path::Path;

use crate::support::cargo;

#[test]
fn every_program_is_built_without_a_warning_and_runs() {
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/pass");
    let mut names: Vec<_> = fs::read_dir(programs)
        .expect("a folder")
        .map(|file| file.expect("a file").path())
        .filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
        .map(|file| file.file_stem().expect("a name").to_owned())
        .collect();
    names.sort_unstable();
    assert!(names.len() >= 8, "{names:?}");
    for name in names {
        let name = name.to_str().expect("UTF-8");
        let said = cargo(&format!("run -q -p accepted --bin {name}")).passed();
        assert_eq!([&said.stdout[..], &said.stderr], ["", ""], "{name}");
    }
}
