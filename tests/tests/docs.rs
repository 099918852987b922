//! The documents name tests, flags, files and commands that exist.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(file: &str) -> String {
    std::fs::read_to_string(workspace().join(file)).expect(file)
}

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
    let guide = std::fs::read_to_string(workspace().join("docs/guard.md")).expect("text");
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
    let guide = std::fs::read_to_string(workspace().join("docs/migration.md")).expect("text");
    let declarations =
        std::fs::read_to_string(workspace().join("runtime/src/harness/cli.rs")).expect("text");
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

/// The names of all properties in a schema.
fn properties(schema: &Value, names: &mut Vec<String>) {
    match schema {
        Value::Object(object) => {
            for (keyword, value) in object {
                if keyword == "properties" {
                    names.extend(value.as_object().expect("schemas").keys().cloned());
                }
                properties(value, names);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| properties(value, names)),
        _ => {}
    }
}

/// The words of several to choose from.
fn words(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(object) => {
            for (keyword, value) in object {
                if keyword == "enum" {
                    let words = value.as_array().expect("values").iter();
                    found.extend(words.filter_map(Value::as_str).map(str::to_owned));
                }
                words(value, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| words(value, found)),
        _ => {}
    }
}

#[test]
fn each_field_and_each_word_of_the_json_report_is_described() {
    let schema = text("docs/report.schema.json").parse().expect("JSON");
    let mut names = Vec::new();
    properties(&schema, &mut names);
    words(&schema, &mut names);
    assert!(names.len() > 60, "{names:?}");
    let guide = text("docs/report-schema.md");
    // Not in the example, which has most of them.
    let (before, rest) = guide.split_once("```json\n").expect("the example");
    let (example, after) = rest.split_once("```\n").expect("its end");
    for name in names {
        let name = format!("`{name}`");
        let described = before.contains(&name) || after.contains(&name);
        assert!(described, "{name}");
    }
    let example = example.parse().expect("JSON");
    let mut schemas = boon::Schemas::new();
    let path = workspace().join("docs/report.schema.json");
    let index = boon::Compiler::new()
        .compile(path.to_str().expect("UTF-8"), &mut schemas)
        .expect("a schema");
    if let Err(error) = schemas.validate(&example, index) {
        panic!("{error:#}");
    }
}

/// All documents, by their paths from the root.
fn documents() -> Vec<String> {
    let folder = std::fs::read_dir(workspace().join("docs")).expect("the folder is there");
    let guides = folder.map(|file| file.expect("a file").file_name());
    let guides = guides.map(|name| format!("docs/{}", name.to_str().expect("UTF-8")));
    let root = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "macros/README.md",
    ];
    let root = root.map(str::to_owned);
    let examples = std::fs::read_dir(workspace().join("examples")).expect("the folder is there");
    let examples = examples.map(|example| example.expect("an example").file_name());
    let examples = examples
        .map(|name| format!("examples/{}/README.md", name.to_str().expect("UTF-8")))
        .filter(|readme| workspace().join(readme).exists());
    root.into_iter()
        .chain(guides.filter(|guide| guide.ends_with(".md")))
        .chain(examples)
        .collect()
}

/// A document without its blocks of code.
fn prose(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// What stands in backticks.
fn code(prose: &str) -> impl Iterator<Item = &str> {
    prose.split('`').skip(1).step_by(2)
}

/// `a/{b,c}.rs` is two.
fn alternatives(path: &str) -> Vec<String> {
    let parts = path
        .split_once('{')
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
    match parts {
        None => vec![path.to_owned()],
        Some((before, (choice, after))) => choice
            .split(',')
            .map(|one| format!("{before}{one}{after}"))
            .collect(),
    }
}

#[test]
fn each_file_that_is_named_to_contributors_is_there() {
    let mut named = 0;
    for document in ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"] {
        let text = text(document);
        let prose = prose(&text);
        let is_path = |code: &&str| {
            let ending = ["/", ".json", ".md", ".rs", ".toml", ".yml"]
                .iter()
                .any(|it| code.ends_with(it));
            // That one is in a user's package.
            ending && !code.contains(' ') && *code != "benches/hotbench.toml"
        };
        for path in code(&prose).filter(is_path).flat_map(alternatives) {
            // The map names files of a crate from its sources on, and those of the harness from there.
            let folders = [
                ".",
                "macros/src",
                "runtime/src",
                "runtime/src/cli",
                "runtime/src/harness",
            ];
            let is_there = folders
                .iter()
                .any(|it| workspace().join(it).join(&path).exists());
            assert!(is_there, "{document}: there is no {path}");
            named += 1;
        }
    }
    assert!(named > 100, "{named}");
}

#[test]
fn each_link_leads_to_a_file_and_a_heading() {
    let mut links = 0;
    for document in documents() {
        let text = text(&document);
        let prose = prose(&text);
        for link in prose
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if link.starts_with("https://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let path = match file {
                "" => workspace().join(&document),
                file => workspace().join(&document).with_file_name("").join(file),
            };
            assert!(path.exists(), "{document}: {link}");
            if !heading.is_empty() {
                let text = std::fs::read_to_string(&path).expect("text");
                let headings = text
                    .lines()
                    .filter(|line| line.starts_with('#'))
                    .map(anchor);
                assert!(
                    headings.into_iter().any(|it| it == heading),
                    "{document}: {link}"
                );
            }
            links += 1;
        }
    }
    assert!(links > 20, "{links}");
}

/// By which a link leads to a heading.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Flags of cargo, of its test runners and of libtest, that the documents name.
const FLAGS_OF_OTHERS: &[&str] = &[
    "archive-file",
    "features",
    // Any, where it is told what becomes of those that another program reads.
    "flag",
    "hotbench-child",
    "no-fail-fast",
    "no-run",
    "no-tests",
    "partition",
    "release",
    "run-ignored",
    // LLD's.
    "symbol-ordering-file",
    "version",
    "workspace",
    "workspace-remap",
];

/// The flags that the command lines of this workspace declare.
fn flags() -> BTreeSet<String> {
    let mut declared = BTreeSet::new();
    let cli = text("runtime/src/harness/cli.rs") + &tree("runtime/src/cli");
    for line in cli.lines().filter(|line| line.starts_with("    ")) {
        let field = line
            .trim()
            .trim_start_matches("pub(crate) ")
            .trim_start_matches("pub(super) ");
        if let Some((name, _)) = field.split_once(": ")
            && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        {
            declared.insert(name.replace('_', "-"));
        }
    }
    // Benches and examples that have flags of their own look for them by hand.
    for rest in (tree("benches") + &tree("examples")).split("\"--").skip(1) {
        declared.extend(rest.split('"').next().map(str::to_owned));
    }
    declared
}

/// The text of all Rust files in a folder and those in it, if there is one.
fn tree(folder: &str) -> String {
    let mut all = String::new();
    let mut left = vec![workspace().join(folder)];
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                all += &std::fs::read_to_string(path).expect("text");
            }
        }
    }
    all
}

#[test]
fn each_flag_that_a_document_names_is_one_that_is_there() {
    let declared = flags();
    assert!(declared.len() > 40, "{declared:?}");
    let mut unknown = Vec::new();
    // The guide for those who come from elsewhere names theirs, and has its own test.
    for document in documents().iter().filter(|it| *it != "docs/migration.md") {
        let text = text(document);
        for word in text.split(|c: char| c.is_whitespace() || "`()|\"".contains(c)) {
            let Some(flag) = word.strip_prefix("--") else {
                continue;
            };
            let flag = flag.split(['=', ',', '.', ':', ';']).next().unwrap_or(flag);
            let is_flag = flag.starts_with(|c: char| c.is_ascii_lowercase());
            if is_flag && !declared.contains(flag) && !FLAGS_OF_OTHERS.contains(&flag) {
                unknown.push(format!("{document}: --{flag}"));
            }
        }
    }
    assert!(unknown.is_empty(), "flags that are not there: {unknown:#?}");
}

/// What Cargo knows of this workspace's packages.
fn packages() -> Value {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(workspace());
    cargo.args("metadata --locked --no-deps --format-version 1".split(' '));
    let output = cargo.output().expect("cargo can be started");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The commands of a document: lines of its blocks, and what its prose has in backticks.
fn commands(text: &str) -> Vec<&str> {
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

#[test]
fn each_command_that_a_document_names_can_be_run() {
    let metadata = packages();
    let packages = metadata["packages"].as_array().expect("a list");
    let mut checked = 0;
    for document in documents() {
        let text = text(&document);
        for command in commands(&text) {
            // Up to a comment, to what is written to a file, and to what is for the program.
            let words = command.split_whitespace();
            let words = words.take_while(|word| !["#", ">", "|", "--"].contains(word));
            let words: Vec<&str> = words.collect();
            let after = |flag: &str| {
                let at = words.iter().position(|word| *word == flag)?;
                words.get(at + 1).copied()
            };
            let known = [
                "bench", "build", "check", "clean", "clippy", "install", "metadata", "nextest",
                "run", "test", "tree",
            ];
            // Another's, which a test of formats runs.
            let known =
                known.contains(&words[0]) || words[0] == "benchcmp" || words[0] == "hotbench";
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
