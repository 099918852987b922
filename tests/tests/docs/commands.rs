//! The commands that documents name: what Cargo is asked for, and what a harness is handed.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::{code, documents, packages, text, workspace};

/// The commands of a document: lines of its blocks, and what its prose has in backticks.
pub(crate) fn commands(text: &str) -> Vec<&str> {
    let parts: Vec<&str> = text.split("```").collect();
    let blocks = parts
        .iter()
        .skip(1)
        .step_by(2)
        .flat_map(|block| block.lines());
    let prose = parts.iter().step_by(2).flat_map(|prose| code(prose));
    let commands = blocks.chain(prose).flat_map(|line| line.split("&&"));
    commands
        .map(|line| {
            line.trim()
                .trim_start_matches("$ ")
                .trim_start_matches("- run: ")
        })
        .map(|line| match line.split_once("cargo ") {
            // Variables may come before.
            Some((before, rest))
                if before
                    .split(' ')
                    .all(|it| it.is_empty() || it.contains('=')) =>
            {
                rest
            }
            _ => "",
        })
        .filter(|line| !line.is_empty())
        .collect()
}

/// Whether Cargo could run a command: its subcommand, and the packages, targets and features of this workspace that it
/// names.
#[track_caller]
pub(crate) fn assert_can_be_run(packages: &[Value], document: &str, command: &str) {
    // Up to a comment, to what is written to a file, and to what is for the program.
    let words = command.split_whitespace();
    let words = words.take_while(|word| !["#", ">", "|", "--"].contains(word));
    let words: Vec<&str> = words.collect();
    let after = |flag: &str| {
        let at = words.iter().position(|word| *word == flag)?;
        words.get(at + 1).copied()
    };
    let known = [
        "bench", "build", "check", "clean", "clippy", "install", "metadata", "nextest", "run",
        "test", "tree",
    ];
    // Another's, which a test of formats runs.
    let known = known.contains(&words[0]) || words[0] == "benchcmp" || words[0] == "hotbench";
    assert!(known, "{document}: cargo {command}");
    // A user's package, or one of these.
    let package = match after("-p").filter(|name| *name != "app") {
        None => None,
        Some(name) => {
            let package = packages.iter().find(|package| package["name"] == name);
            assert!(
                package.is_some(),
                "{document}: no package `{name}`: cargo {command}"
            );
            package
        }
    };
    for kind in ["bench", "test"] {
        let Some((target, package)) = after(&format!("--{kind}")).zip(package) else {
            continue;
        };
        let mut targets = package["targets"].as_array().expect("a list").iter();
        let is_there = targets.any(|it| it["name"] == target && it["kind"][0] == kind);
        assert!(
            is_there,
            "{document}: no {kind} `{target}`: cargo {command}"
        );
    }
    for feature in after("--features")
        .into_iter()
        .flat_map(|list| list.split(','))
    {
        let (owner, feature) = feature.split_once('/').unwrap_or(("", feature));
        let owner = match owner {
            "" => package,
            owner => packages.iter().find(|package| package["name"] == owner),
        };
        let is_there = owner.is_none_or(|it| !it["features"][feature].is_null());
        assert!(
            is_there,
            "{document}: no feature `{feature}`: cargo {command}"
        );
    }
}

#[test]
fn each_command_that_a_document_names_can_be_run() {
    let packages = packages();
    let mut checked = 0;
    for document in documents() {
        let text = text(&document);
        for command in commands(&text) {
            assert_can_be_run(&packages, &document, command);
            checked += 1;
        }
    }
    assert!(checked > 60, "{checked}");
}

/// What a command hands to a harness, if it is one: not to a bench of this workspace's own, and no stand-in.
fn handed_to_a_harness(command: &str) -> Option<Vec<String>> {
    let runs_a_harness = command.starts_with("bench ")
        || (command.starts_with("test ") && command.contains("--bench "));
    let (cargos, rest) = command.split_once(" -- ")?;
    if !runs_a_harness || cargos.contains("hotbench-benches") {
        return None;
    }
    // One of a matrix and one of a loop are a number, for a harness.
    let rest = rest.replace("${{ matrix.shard }}", "1");
    let rest = rest.replace("$shard", "1").replace('"', "");
    let words = rest.split_whitespace();
    let words = words.take_while(|word| !["#", ">", "|"].contains(word));
    let words: Vec<String> = words.map(str::to_owned).collect();
    let is_stand_in = words.iter().any(|word| word == "FLAGS" || word == "--flag");
    (!is_stand_in).then_some(words)
}

#[test]
fn a_harness_takes_what_each_command_hands_to_it() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(workspace());
    // With the features that are on in the build of these tests, which is there.
    cargo
        .args("test -q --locked --workspace --bench hot --no-run --message-format json".split(' '));
    let output = cargo.output().expect("cargo can be started");
    let messages = String::from_utf8(output.stdout).expect("UTF-8");
    let harness = messages
        .lines()
        .map(|line| line.parse::<Value>().expect("JSON"))
        .filter(|message| {
            message["package_id"]
                .as_str()
                .is_some_and(|id| id.contains("playbook"))
        })
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .expect("the playbook's harness");
    let mut checked = 0;
    for document in documents() {
        let text = text(&document);
        for arguments in commands(&text).into_iter().filter_map(handed_to_a_harness) {
            // It reads what stands before `--help`, and does nothing of it.
            let mut harness = Command::new(&harness);
            let harness = harness.arg("--bench").args(&arguments).arg("--help");
            let output = harness.output().expect("it can be started");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{document}: {arguments:?}\n{said}");
            checked += 1;
        }
    }
    assert!(checked > 20, "{checked}");
}
