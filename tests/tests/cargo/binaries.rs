//! Crates without a library: their one program is its bench target, in three ways.

use crate::support::{QUICK, Said, cargo, run, target};
use std::process::Command;

/// The fixture, what its program prints, and a case.
const PROGRAMS: [(&str, &str, &str); 3] = [
    (
        "binary-include",
        "1\n",
        "binary-include::parse::inner::sign",
    ),
    ("binary-link", "10\n", "binary-link::doubled"),
    ("binary-path", "8\n", "binary-path::doubled"),
];

#[test]
fn the_program_runs_as_ever() {
    for (package, printed, _) in PROGRAMS {
        let said = cargo(&format!("run -q -p {package} -- a=1")).passed();
        assert_eq!(said.stdout, printed, "{package}");
    }
}

#[test]
fn the_program_that_ships_has_nothing_of_the_harness() {
    for (package, ..) in PROGRAMS {
        cargo(&format!("build --release -p {package}")).passed();
        let program = target().join("release").join(package);
        let symbols = run(Command::new("objdump").arg("--syms").arg(program)).passed();
        assert!(symbols.stdout.contains("main"), "{package}");
        for name in ["hotbench", "criterion", "inventory"] {
            assert!(!symbols.stdout.contains(name), "{package} has {name}");
        }
    }
}

#[test]
fn its_functions_are_cases() {
    for (package, _, case) in PROGRAMS {
        cargo(&format!("test -p {package} --bench hot"))
            .passed()
            .says(&format!("test {case} ... ok"));
        let (module, name) = case.rsplit_once("::").unwrap();
        let said = cargo(&format!("bench -p {package} -- {QUICK}")).passed();
        said.says(&format!("\n{module}\n"));
        assert_ne!(said.row(name)[1], "FAILED");
    }
}

#[test]
fn its_tests_run_and_so_does_the_program_in_them() {
    cargo("test -p binary-include")
        .passed()
        .says("test tests::the_value_comes_after_the_sign ... ok")
        .says("test its_main_is_its_own ... ok");
}

#[test]
fn its_tests_reach_hot_paths_that_have_another_name_in_the_bench_target() {
    cargo("test -p binary-include")
        .passed()
        .says("test tests::there_is_no_argument_or_a_flag ... ok")
        .says("note: hot paths: the only one is reached");
    cargo("test -q -p binary-include --bench hot -- --list-hot")
        .passed()
        .says("  argument  live   tests/fixtures/binary-include/src/main.rs:15\n");
}

/// With warnings of what only its tests use, which another line switches off.
#[test]
fn one_line_is_enough_for_a_bench_target() {
    let options = format!("--bench one_line -- sign {QUICK}");
    let said = cargo(&format!("bench -p binary-include {options}")).passed();
    assert_ne!(said.row("sign")[1], "FAILED");
}

/// Cargo compiles a bench target as a test, but without its tests.
#[test]
fn what_only_tests_use_is_no_warning_in_the_bench_target() {
    cargo("test -p binary-include")
        .passed()
        .never_says("unused")
        .never_says("never used");
}

#[test]
fn a_place_in_an_included_file_is_shown_without_a_detour() {
    cargo("test -p binary-include --bench hot -- --ignored")
        .failed()
        .says(" --> binary-include/src/main.rs:")
        .never_says("benches/../");
}

/// Cargo knows of the file in two targets, and says so; a link is not that file.
#[test]
fn a_path_is_warned_of_and_a_link_is_not() {
    let warned = |said: &Said, package: &str| {
        said.stderr.contains(&format!(
            "{package}/src/main.rs` found to be present in multiple"
        ))
    };
    let said = cargo("build -p binary-link").passed();
    assert!(
        warned(&said, "binary-path") && !warned(&said, "binary-link"),
        "{said}"
    );
}
