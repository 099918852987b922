//! The workflow of this repository.

use crate::{packages, text};

#[test]
fn the_workflow_runs_what_is_there() {
    let text = text(".github/workflows/ci.yml");
    let documents = yaml_rust2::YamlLoader::load_from_str(&text).expect("YAML");
    let [workflow] = &documents[..] else {
        panic!("one document");
    };
    let metadata = packages();
    let packages = metadata["packages"].as_array().expect("a list");
    let mut runs = 0;
    for (name, job) in workflow["jobs"].as_hash().expect("jobs") {
        for step in job["steps"].as_vec().expect("steps") {
            let Some(run) = step["run"].as_str() else {
                assert!(step["uses"].as_str().is_some(), "{name:?}: {step:?}");
                continue;
            };
            runs += 1;
            let words: Vec<&str> = run.split(' ').collect();
            let is_of_fixtures = words.contains(&"--manifest-path");
            for pair in words
                .windows(2)
                .filter(|pair| pair[0] == "-p" && !is_of_fixtures)
            {
                let is_there = packages.iter().any(|package| package["name"] == pair[1]);
                assert!(is_there, "{run}");
            }
            for pair in words.windows(2).filter(|pair| pair[0] == "--features") {
                let hotbench = packages
                    .iter()
                    .find(|package| package["name"] == "hotbench");
                let features = &hotbench.expect("the package")["features"];
                let is_there = pair[1].split(',').all(|it| !features[it].is_null());
                assert!(is_there, "{run}");
            }
        }
    }
    assert!(runs > 10, "{runs}");
}

#[test]
fn the_oldest_compiler_that_is_promised_is_tried() {
    let manifest = text("Cargo.toml");
    let (_, rest) = manifest.split_once("rust-version = \"").expect("a version");
    let version = rest.split('"').next().expect("its end");
    let step = format!("dtolnay/rust-toolchain@{version}\n");
    assert!(text(".github/workflows/ci.yml").contains(&step), "{step}");
}
