//! The workflows of `docs/ci.md`, run on this machine: each job in a checkout of its own, which its shards share, with
//! the artifacts of those before it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

use crate::revisions::{self, Repository};
use crate::support::{QUICK, Said, folder, profiles, run, target};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The blocks of a language in the document.
fn blocks(language: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("docs/ci.md")).expect("text");
    let fence = format!("```{language}\n");
    let blocks = text.split(&fence).skip(1);
    let block = |rest: &str| rest.split("```").next().map(str::to_owned);
    blocks.filter_map(block).collect()
}

fn parsed(block: &str) -> Yaml {
    let documents = YamlLoader::load_from_str(block);
    let mut documents = documents.unwrap_or_else(|error| panic!("{error}\n{block}"));
    assert_eq!(documents.len(), 1, "{block}");
    documents.remove(0)
}

fn workflow(name: &str) -> Yaml {
    let workflows = blocks("yaml");
    let mut workflows = workflows.iter().map(|block| parsed(block));
    let found = workflows.find(|workflow| workflow["name"].as_str() == Some(name));
    found.unwrap_or_else(|| panic!("no workflow {name}"))
}

const MANIFEST: &str = r#"[package]
name = "app"
version = "0.1.0"
edition = "2024"

[workspace]

[lib]
bench = false

[[bench]]
name = "hot"
harness = false
test = true

[dependencies]
hotbench = { path = "RUNTIME" }

[dev-dependencies]
hotbench = { path = "RUNTIME", features = ["harness"] }
"#;

const LIBRARY: &str = r#"//! What is checked out.

use hotbench::{bench_case, no_alloc};

#[no_alloc]
#[bench_case("short", args("a b"), no_alloc)]
#[bench_case("long", args(&"word ".repeat(50)), no_alloc)]
pub fn count(text: &str) -> usize {
    text.split(' ').count()
}

#[bench_case("looped", for n in [4, 16], group = "sums", baseline, args(n))]
pub fn looped(n: u64) -> u64 {
    (0..n).map(std::hint::black_box).sum()
}

#[bench_case("formula", for n in [4, 16], group = "sums", args(n))]
pub fn formula(n: u64) -> u64 {
    (0..4).fold(n * (n - 1) / 2, |sum, _| std::hint::black_box(sum))
}

#[test]
fn words_are_counted() {
    assert_eq!(count("a b"), 2);
}
"#;

/// In the order of a report.
const CASES: [&str; 6] = [
    "app::count/long",
    "app::count/short",
    "app::looped/looped/4",
    "app::formula/formula/4",
    "app::looped/looped/16",
    "app::formula/formula/16",
];

/// What a service does with a workflow, as far as the document makes use of it.
struct Service {
    folder: PathBuf,
    /// Where Cargo builds.
    target: PathBuf,
    /// What the checkouts have besides the package: files, with their texts.
    more: Vec<(&'static str, &'static str)>,
    /// What each command has said.
    said: Vec<Said>,
}

impl Service {
    fn new(name: &str) -> Self {
        Self {
            folder: folder(name),
            target: target(),
            more: vec![("Cargo.toml", profiles())],
            said: Vec::new(),
        }
    }

    fn run(mut self, workflow: &Yaml) -> Vec<Said> {
        let jobs = workflow["jobs"].as_hash().expect("jobs");
        let mut done = Vec::new();
        for (name, job) in jobs {
            let name = name.as_str().expect("a name");
            if let Some(needed) = job["needs"].as_str() {
                assert!(done.contains(&needed), "{name} needs {needed}");
            }
            match job["strategy"]["matrix"]["shard"].as_vec() {
                None => self.job(name, job, None),
                Some(shards) => shards.iter().for_each(|shard| {
                    self.job(name, job, shard.as_i64());
                }),
            }
            done.push(name);
        }
        self.said
    }

    fn job(&mut self, name: &str, job: &Yaml, shard: Option<i64>) {
        let shard = shard.map(|shard| shard.to_string()).unwrap_or_default();
        let checkout = self.folder.join(name);
        let is_first = !checkout.exists();
        fs::create_dir_all(&checkout).expect("a folder");
        let filled = |value: &Yaml| {
            let text = value.as_str().expect("text");
            let text = text.replace("${{ matrix.shard }}", &shard);
            assert!(!text.contains("${{"), "{text}");
            text
        };
        for step in job["steps"].as_vec().expect("steps") {
            let with = &step["with"];
            match step["uses"].as_str().map(|action| action.split('@').next()) {
                None => self.command(&checkout, &filled(&step["run"])),
                Some(Some("actions/checkout")) if !is_first => {}
                Some(Some("actions/checkout")) => {
                    check_out(&checkout);
                    for (file, text) in &self.more {
                        append(&checkout.join(file), text);
                    }
                    if with["fetch-depth"].as_i64() == Some(0) {
                        commit(&checkout);
                    }
                }
                // It is there.
                Some(Some("taiki-e/install-action")) => {}
                Some(Some("actions/upload-artifact")) => {
                    let artifact = self.artifacts().join(filled(&with["name"]));
                    fs::create_dir_all(&artifact).expect("a folder");
                    let path = filled(&with["path"]);
                    fs::copy(checkout.join(&path), artifact.join(&path)).expect("it is there");
                }
                Some(Some("actions/download-artifact")) => {
                    let path = with["path"].as_str().unwrap_or(".");
                    let all_or_one = with["name"].as_str();
                    assert!(all_or_one.is_some() || with["merge-multiple"].as_bool() == Some(true));
                    self.download(all_or_one, &checkout.join(path));
                }
                Some(action) => panic!("what does {action:?} do?"),
            }
        }
    }

    fn artifacts(&self) -> PathBuf {
        self.folder.join("artifacts")
    }

    fn download(&self, name: Option<&str>, to: &Path) {
        fs::create_dir_all(to).expect("a folder");
        let artifacts = fs::read_dir(self.artifacts()).expect("artifacts");
        let artifacts = artifacts.map(|artifact| artifact.expect("a folder").path());
        for artifact in artifacts.filter(|it| name.is_none_or(|name| it.ends_with(name))) {
            for file in fs::read_dir(artifact).expect("a folder") {
                let file = file.expect("a file");
                fs::copy(file.path(), to.join(file.file_name())).expect("copied");
            }
        }
    }

    fn command(&mut self, checkout: &Path, command: &str) {
        if command.contains("--format github") {
            let column = match command.contains("--compare") {
                true => "verdict",
                false => "vs baseline",
            };
            shell(checkout, &self.target, command).passed().says(column);
        }
        let said = shell(
            checkout,
            &self.target,
            &command.replace("--format github", "--format json"),
        )
        .passed();
        self.said.push(said);
    }
}

/// Adds to a file, or makes one.
fn append(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    let there = fs::read_to_string(file).unwrap_or_default();
    fs::write(file, there + text).expect("written");
}

fn check_out(folder: &Path) {
    let runtime = root().join("runtime").canonicalize().expect("it is there");
    let manifest = MANIFEST.replace("RUNTIME", runtime.to_str().expect("UTF-8"));
    let lock = root().join("tests/fixtures/Cargo.lock");
    for name in ["src", "benches"] {
        fs::create_dir_all(folder.join(name)).expect("a folder");
    }
    fs::write(folder.join("Cargo.toml"), manifest).expect("written");
    fs::write(folder.join("src/lib.rs"), LIBRARY).expect("written");
    fs::write(folder.join("benches/hot.rs"), "hotbench::harness!(app);\n").expect("written");
    // Versions that are there.
    fs::copy(lock, folder.join("Cargo.lock")).expect("copied");
}

/// All that is checked out is a branch of the server, too.
fn commit(folder: &Path) {
    let identity = ["-c", "user.name=test", "-c", "user.email=test@test"];
    for arguments in [
        "init --quiet",
        "add --all",
        "-c commit.gpgsign=false commit --quiet --message=main",
        "update-ref refs/remotes/origin/main HEAD",
    ] {
        let mut git = Command::new("git");
        git.current_dir(folder)
            .args(identity)
            .args(arguments.split(' '));
        run(&mut git).passed();
    }
}

/// Runs a command of the document, with short times, and with JSON in the place of what people read.
fn shell(folder: &Path, target: &Path, command: &str) -> Said {
    let command = command
        .replace("--shard", &format!("{QUICK} --shard"))
        .replace("--time-budget 300", "")
        .replace("-- --merge", "-- --format json --merge");
    let cargo = Path::new(env!("CARGO")).parent().expect("a folder");
    let path = std::env::var("PATH").expect("it is set");
    run(Command::new("sh")
        .args(["-e", "-c", &command])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", cargo.display()))
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_TERM_COLOR", "never")
        // As the other tests have it, so that what all depend on is built once.
        .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS"))
}

/// What a merge says: all cases, compared in their groups, of this many runs.
fn is_whole(said: &Said, runs: usize) {
    let document: Value = serde_json::from_str(&said.stdout).expect("a document");
    let cases = document["cases"].as_array().expect("a list");
    let ids: Vec<&str> = cases
        .iter()
        .filter_map(|case| case["id"].as_str())
        .collect();
    assert_eq!(ids, CASES);
    let compared = cases.iter().filter(|case| !case["vs_baseline"].is_null());
    assert_eq!(compared.count(), 2, "{document:#}");
    assert_eq!(document["runs"].as_array().map(Vec::len), Some(runs));
}

#[test]
fn the_workflows_are_well_formed() {
    let workflows = blocks("yaml");
    assert_eq!(workflows.len(), 5);
    for workflow in &workflows {
        assert!(parsed(workflow).as_hash().is_some(), "{workflow}");
    }
}

#[test]
fn the_job_that_gates_passes() {
    let said = Service::new("ci-test").run(&workflow("test"));
    let [tested, checked] = &said[..] else {
        panic!("{said:#?}");
    };
    tested.says("test words_are_counted ... ok");
    tested.says("test app::count/short ... ok");
    assert_eq!(
        checked.row("count/long")[1..4],
        ["0", "0 B", "≤ 0"],
        "{checked}"
    );
}

#[test]
fn the_job_that_compares_tells_nothing_of_a_tree_without_a_change() {
    // Where the other comparisons build, with the same flags and profile: what all depend on is built once.
    let _alone = Repository::alone();
    let service = Service {
        target: revisions::built(),
        more: vec![
            (".cargo/config.toml", revisions::CONFIG),
            ("Cargo.toml", revisions::PROFILE),
        ],
        ..Service::new("ci-compare")
    };
    let said = service.run(&workflow("compare"));
    let [compared] = &said[..] else {
        panic!("{said:#?}");
    };
    let document: Value = serde_json::from_str(&compared.stdout).expect("a document");
    let cases = document["cases"].as_array().expect("a list");
    assert_eq!(cases.len(), CASES.len());
    for case in cases {
        let verdict = case["vs_revision"]["verdict"].as_str();
        let is_unchanged = matches!(verdict, Some("same" | "inconclusive" | "not_confirmed"));
        assert!(is_unchanged, "{case:#}");
    }
}

#[test]
fn five_machines_measure_and_one_reports() {
    let said = Service::new("ci-bench").run(&workflow("bench"));
    assert_eq!(said.len(), 6, "{said:#?}");
    is_whole(&said[5], 5);
}

#[test]
fn the_same_on_one_machine() {
    let folder = folder("ci-shell");
    check_out(&folder);
    append(&folder.join("Cargo.toml"), profiles());
    let [script] = &blocks("sh")[..] else {
        panic!("one script");
    };
    is_whole(&shell(&folder, &target(), script).passed(), 5);
}

#[test]
fn five_machines_test_what_one_has_built() {
    let said = Service::new("ci-nextest").run(&workflow("nextest"));
    assert_eq!(said.len(), 6, "{said:#?}");
    let passed = |said: &Said| said.stderr.matches("PASS [").count();
    assert_eq!(passed(&said[0]), 0);
    let passed: Vec<usize> = said[1..].iter().map(passed).collect();
    assert_eq!(passed.iter().sum::<usize>(), CASES.len() + 1, "{said:#?}");
    assert!(
        passed.iter().all(|count| *count <= CASES.len()),
        "{passed:?}"
    );
}
