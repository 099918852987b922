//! `cargo hotbench doctor`, on packages that lack something.

use crate::init::{Project, from_here};
use crate::support::Said;

/// Whether something is said to be wrong, in one line with what mends it.
#[track_caller]
fn is_wrong(said: &Said, what: &str, mend: &str) {
    let mut lines = said
        .stdout
        .lines()
        .filter(|line| line.starts_with("problem: "));
    let found = lines.any(|line| line.contains(what) && line.contains(mend));
    assert!(found, "not said: {what} … {mend}\n{said}");
}

#[test]
fn a_problem_fails_and_a_fix_mends_it() {
    let project = Project::new("--lib");
    let unused = project.hotbench("doctor");
    assert_eq!(unused.code, Some(1), "{unused}");
    is_wrong(&unused, "app: hotbench is not used", "cargo hotbench init");

    project
        .hotbench(&format!("init --yes {}", from_here()))
        .passed();
    project.hotbench("doctor").passed().says("app: no problem");

    project.replace("Cargo.toml", "bench = false\n", "");
    project.replace("Cargo.toml", ", features = [\"harness\"]", "");
    project.write(
        "src/lib.rs",
        "#[global_allocator]\nstatic A: std::alloc::System = std::alloc::System;\n",
    );
    let broken = project.hotbench("doctor");
    assert_eq!(broken.code, Some(1), "{broken}");
    is_wrong(
        &broken,
        "app: libtest runs the library",
        "write `bench = false` under `[lib]`",
    );
    is_wrong(
        &broken,
        "app: the feature `harness` is off",
        "under `[dev-dependencies]`",
    );
    is_wrong(
        &broken,
        "app: there are two global allocators: src/lib.rs:2",
        "add \"own-allocator\" to the features of `hotbench`",
    );
    broken.says("4 problems; `cargo hotbench doctor --fix` mends 4 of what is above");

    let shown = project.hotbench("doctor --fix");
    assert_eq!(shown.code, Some(2), "{shown}");
    shown
        .says("+bench = false")
        .says("run it again with `--yes`");
    project
        .hotbench("doctor --fix --yes")
        .passed()
        .says("app: no problem");
    let after = project.hotbench("doctor").passed();
    assert!(!after.stdout.contains("problem: "), "{after}");
    assert!(
        project
            .text("src/lib.rs")
            .contains("hotbench::Alloc::new(std::alloc::System)")
    );
    // What it has written is what Cargo and the compiler read.
    project.cargo("test --no-run").passed();
}

#[test]
fn a_hint_fails_nothing() {
    let project = Project::new("--lib");
    project
        .hotbench(&format!("init --yes {}", from_here()))
        .passed();
    project.replace("Cargo.toml", "debug = \"line-tables-only\"\n", "");
    let said = project.hotbench("doctor").passed();
    said.says("hint: without line tables")
        .says("app: no problem");
}

#[test]
fn versions_apart_in_the_lock_file_are_a_problem() {
    let project = Project::new("--lib");
    project
        .hotbench(&format!("init --yes {}", from_here()))
        .passed();
    project.write(
        "Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"hotbench\"\nversion = \"0.1.0\"\n\n\
         [[package]]\nname = \"hotbench-macros\"\nversion = \"0.1.1\"\n",
    );
    let said = project.hotbench("doctor");
    assert_eq!(said.code, Some(1), "{said}");
    is_wrong(
        &said,
        "hotbench 0.1.0 and hotbench-macros 0.1.1",
        "cargo update",
    );
}
