//! What hotbench depends on: by which licences, and with which compilers it can be built.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use spdx::{Expression, Licensee, ParseMode};
use toml_edit::DocumentMut;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What Cargo knows of all packages, for every platform and with every feature.
fn metadata() -> Value {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(workspace()).args([
        "metadata",
        "--locked",
        "--all-features",
        "--format-version=1",
    ]);
    let output = cargo.output().expect("cargo can be started");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

/// The ids of the packages that a user of hotbench builds, whatever features he asks for.
fn built_by_users(metadata: &Value) -> BTreeSet<&str> {
    let packages = list(&metadata["packages"]);
    let hotbench = packages
        .iter()
        .find(|package| package["name"] == "hotbench");
    let mut found = BTreeSet::new();
    let mut left = vec![text(&hotbench.expect("the package")["id"])];
    while let Some(id) = left.pop() {
        if !found.insert(id) {
            continue;
        }
        let nodes = list(&metadata["resolve"]["nodes"]);
        let node = nodes.iter().find(|node| node["id"] == id);
        let dependencies = list(&node.expect("a node")["deps"]).iter();
        let is_built = |dependency: &&Value| {
            let mut kinds = list(&dependency["dep_kinds"]).iter();
            kinds.any(|kind| kind["kind"] != "dev")
        };
        left.extend(dependencies.filter(is_built).map(|it| text(&it["pkg"])));
    }
    found
}

/// `1.88` or `1.88.0`.
fn version(text: &str) -> [u64; 3] {
    let mut numbers = text.split('.').map(|n| n.parse().expect("a number"));
    [(); 3].map(|()| numbers.next().unwrap_or(0))
}

#[test]
fn none_needs_a_newer_compiler_than_is_promised() {
    let metadata = metadata();
    let users = built_by_users(&metadata);
    assert!(users.len() > 50, "{users:?}");
    let packages = || list(&metadata["packages"]).iter();
    let own = packages().find(|package| package["name"] == "hotbench");
    let promised = text(&own.expect("the package")["rust_version"]);
    for package in packages().filter(|package| users.contains(text(&package["id"]))) {
        let Some(needed) = package["rust_version"].as_str() else {
            continue;
        };
        assert!(
            version(needed) <= version(promised),
            "{} {} needs Rust {needed}; {promised} is promised",
            text(&package["name"]),
            text(&package["version"]),
        );
    }
}

/// A package of ours, and those of ours that it depends on, for any feature.
const EDGES: [(&str, &[&str]); 8] = [
    ("cargo-hotbench", &["hotbench-project"]),
    ("hotbench-inert", &[]),
    ("hotbench-macros", &[]),
    ("hotbench-project", &[]),
    ("hotbench-guard", &[]),
    ("hotbench-engine", &["hotbench-guard"]),
    (
        "hotbench-harness",
        &["hotbench-engine", "hotbench-guard", "hotbench-project"],
    ),
    (
        "hotbench",
        &[
            "hotbench-engine",
            "hotbench-guard",
            "hotbench-harness",
            "hotbench-inert",
            "hotbench-macros",
        ],
    ),
];

#[test]
fn each_of_our_packages_depends_on_those_below_it_alone() {
    let metadata = metadata();
    let packages = || list(&metadata["packages"]).iter();
    let is_published =
        |package: &&Value| package["source"].is_null() && package["publish"].is_null();
    let published: BTreeSet<&str> = packages()
        .filter(is_published)
        .map(|package| text(&package["name"]))
        .collect();
    assert_eq!(published, EDGES.iter().map(|(name, _)| *name).collect());
    for (name, expected) in EDGES {
        let package = packages().find(|package| package["name"] == name);
        let dependencies = list(&package.expect("the package")["dependencies"]).iter();
        let of_ours =
            dependencies.filter(|it| it["kind"] != "dev" && published.contains(text(&it["name"])));
        let mut of_ours: Vec<&Value> = of_ours.collect();
        of_ours.sort_by_key(|it| text(&it["name"]));
        let names: Vec<&str> = of_ours.iter().map(|it| text(&it["name"])).collect();
        assert_eq!(names, expected, "{name}");
        // What one expands to, or calls, is of the very version that it was released with.
        let version = format!("={}", env!("CARGO_PKG_VERSION"));
        for dependency in of_ours {
            assert_eq!(text(&dependency["req"]), version, "{name}");
        }
    }
}

/// What is heavy, and the one package of ours that depends on it.
const HEAVY: [(&str, &str); 5] = [
    ("criterion", "hotbench-engine"),
    ("framehop", "hotbench-engine"),
    ("clap", "hotbench-harness"),
    ("inferno", "hotbench-harness"),
    ("plotters", "hotbench-harness"),
];

#[test]
fn what_is_heavy_is_compiled_for_one_package_of_ours() {
    let metadata = metadata();
    for (heavy, expected) in HEAVY {
        let packages = list(&metadata["packages"]).iter();
        // The program is compiled by who installs it.
        let ours = packages.filter(|package| {
            EDGES.iter().any(|(name, _)| package["name"] == *name)
                && package["name"] != "cargo-hotbench"
        });
        let depends = ours.filter(|package| {
            let mut dependencies = list(&package["dependencies"]).iter();
            dependencies.any(|it| it["kind"] != "dev" && it["name"] == heavy)
        });
        let names: Vec<&str> = depends.map(|package| text(&package["name"])).collect();
        assert_eq!(names, [expected], "{heavy}");
    }
}

/// The licences of an array of `deny.toml`.
fn licences(array: &toml_edit::Item) -> Vec<Licensee> {
    let licences = array.as_array().expect("a list").iter();
    let licence = |name: &toml_edit::Value| Licensee::parse(name.as_str().expect("text"));
    licences
        .map(|name| licence(name).expect("a licence"))
        .collect()
}

#[test]
fn each_has_a_licence_that_is_allowed() {
    let file = std::fs::read_to_string(workspace().join("deny.toml")).expect("text");
    let file: DocumentMut = file.parse().expect("TOML");
    let allowed = licences(&file["licenses"]["allow"]);
    let exceptions = file["licenses"]["exceptions"].as_array().expect("a list");
    // By the package's name, those that are needed.
    let mut exceptions: Vec<(&str, Vec<Licensee>)> = exceptions
        .iter()
        .map(|exception| {
            let exception = exception.as_inline_table().expect("a table");
            let name = exception["crate"].as_str().expect("a name");
            (
                name,
                licences(&toml_edit::Item::Value(exception["allow"].clone())),
            )
        })
        .collect();

    let metadata = metadata();
    for package in list(&metadata["packages"]) {
        let name = text(&package["name"]);
        let Some(licence) = package["license"].as_str() else {
            panic!("{name} has no licence");
        };
        let licence = Expression::parse_mode(licence, ParseMode::LAX).expect("an expression");
        let is_met =
            |by: &[Licensee]| licence.evaluate(|asked| by.iter().any(|it| it.satisfies(asked)));
        if is_met(&allowed) {
            continue;
        }
        let exception = exceptions
            .iter()
            .position(|(excepted, _)| *excepted == name);
        let Some(exception) = exception else {
            panic!("{name} has the licence {licence}, which deny.toml does not allow");
        };
        let (_, more) = exceptions.swap_remove(exception);
        let all = [&allowed[..], &more].concat();
        assert!(is_met(&all), "{name}: {licence}");
    }
    let idle: Vec<&str> = exceptions.iter().map(|(name, _)| *name).collect();
    assert!(idle.is_empty(), "exceptions that nothing needs: {idle:?}");
}
