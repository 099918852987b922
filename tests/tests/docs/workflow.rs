//! The workflow of this repository.

use std::collections::BTreeSet;

use crate::commands::{assert_can_be_run, commands};
use crate::{packages, text};

const WORKFLOW: &str = ".github/workflows/ci.yml";

/// The commands of its steps.
fn steps() -> Vec<String> {
    let text = text(WORKFLOW);
    let documents = yaml_rust2::YamlLoader::load_from_str(&text).expect("YAML");
    let [workflow] = &documents[..] else {
        panic!("one document");
    };
    let mut steps = Vec::new();
    for (name, job) in workflow["jobs"].as_hash().expect("jobs") {
        for step in job["steps"].as_vec().expect("steps") {
            match step["run"].as_str() {
                Some(run) => steps.push(run.to_owned()),
                None => assert!(step["uses"].as_str().is_some(), "{name:?}: {step:?}"),
            }
        }
    }
    steps
}

#[test]
fn the_workflow_runs_what_is_there() {
    let packages = packages();
    let mut runs = 0;
    for step in steps() {
        match step.strip_prefix("cargo ") {
            // Those are in a workspace of their own.
            Some(command) if command.contains("--manifest-path") => {}
            Some(command) => assert_can_be_run(&packages, WORKFLOW, command),
            None => assert!(
                [".ci/run", ".ci/nightly"].contains(&&*step)
                    || step.starts_with("sudo apt-get ")
                    || step.starts_with("python3 examples/playbook/readme.py "),
                "{step}"
            ),
        }
        runs += 1;
    }
    assert!(runs > 10, "{runs}");
}

/// What takes half an hour, and what goes on until it is ended.
const LEFT_OUT: [&str; 2] = ["--variants", "--port"];

#[test]
fn what_documents_measure_the_examples_by_is_run_by_the_workflow() {
    let steps: BTreeSet<String> = steps().into_iter().collect();
    let mut found = 0;
    for document in [
        "README.md",
        "docs/finding-the-cause.md",
        "docs/profile.md",
        "examples/playbook/README.md",
        "examples/service/README.md",
    ] {
        let text = text(document);
        for command in commands(&text) {
            let command = command.split('#').next().unwrap_or(command).trim();
            let is_measured = ["bench ", "run --release ", "run -p service --release "]
                .iter()
                .any(|start| command.starts_with(start));
            let is_of_an_example = ["playbook", "robots", "service"]
                .iter()
                .any(|example| command.contains(&format!("-p {example}")));
            let is_left_out = LEFT_OUT.iter().any(|flag| command.contains(flag));
            if !is_measured || !is_of_an_example || is_left_out {
                continue;
            }
            let step = format!("cargo {command}");
            assert!(steps.contains(&step), "{document}: {step}");
            found += 1;
        }
    }
    assert!(found > 10, "{found}");
}

#[test]
fn the_oldest_compiler_that_is_promised_is_tried() {
    let manifest = text("Cargo.toml");
    let (_, rest) = manifest.split_once("rust-version = \"").expect("a version");
    let version = rest.split('"').next().expect("its end");
    let step = format!("dtolnay/rust-toolchain@{version}\n");
    assert!(text(WORKFLOW).contains(&step), "{step}");
}
