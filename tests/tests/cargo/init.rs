//! `cargo hotbench init` on what the real cargo makes, and the way from there to a case and to a failing test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;
use yaml_rust2::YamlLoader;

use crate::support::{QUICK, Said, command, executable, profiles, run};

/// The program, built once.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        executable(
            "build -q --locked --manifest-path ../../Cargo.toml -p cargo-hotbench --message-format json",
        )
    })
}

/// The path of hotbench, as a user's option.
pub(crate) fn from_here() -> String {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime");
    let runtime = runtime.canonicalize().expect("the folder is there");
    format!("--path {}", runtime.display())
}

/// A folder in which the real cargo makes packages: away from this workspace, which they would become members of.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    /// Of the arguments of `cargo new`, in a folder of its own.
    pub(crate) fn new(arguments: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // The fixtures' profiles and versions, so that what they depend on is built once.
        let configuration = folder.path().join(".cargo");
        fs::create_dir(&configuration).expect("a folder");
        fs::write(configuration.join("config.toml"), profiles()).expect("written");
        let project = Self { folder };
        let path = project.folder.path().join("app");
        fs::create_dir(&path).expect("a folder");
        project
            .cargo(&format!("init -q {arguments} --name app"))
            .passed();
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/Cargo.lock");
        fs::copy(lock, path.join("Cargo.lock")).expect("a copy");
        project
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        let folder = self.folder.path().canonicalize().expect("a folder");
        folder.join("app").join(path)
    }

    pub(crate) fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("a file")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    }

    pub(crate) fn replace(&self, path: &str, old: &str, new: &str) {
        let text = self.text(path);
        assert!(text.contains(old), "{text}");
        self.write(path, &text.replace(old, new));
    }

    fn run(&self, program: impl AsRef<Path>, arguments: &str) -> Said {
        let mut started = Command::new(program.as_ref());
        started.args(arguments.split_whitespace());
        let variables = [
            // As the fixtures have it.
            ("CARGO_PROFILE_BENCH_DEBUG", "0"),
            ("CARGO_NET_OFFLINE", "true"),
            ("CARGO", env!("CARGO")),
        ];
        run(command(&mut started, ".", &variables).current_dir(self.path("")))
    }

    pub(crate) fn cargo(&self, arguments: &str) -> Said {
        self.run(env!("CARGO"), arguments)
    }

    /// The program, as cargo calls it.
    pub(crate) fn hotbench(&self, arguments: &str) -> Said {
        self.run(program(), &format!("hotbench {arguments}"))
    }

    fn git(&self, arguments: &str) {
        self.run("git", arguments).passed();
    }

    fn commit(&self) {
        self.git("add -A");
        self.git("-c user.name=a -c user.email=a@b commit -q -m all");
    }
}

/// What the guard says of the example.
#[track_caller]
fn names_the_line(said: &Said) {
    said.says(
        "error: `app::hotbench_example::mentions` is `#[no_alloc]`, but it allocated 5 times, 18 bytes",
    )
    .says("--> src/hotbench_example.rs:17:")
    .says("to_lowercase() == \"rust\"");
}

#[test]
fn a_fresh_library_reaches_a_measured_case_and_a_test_that_fails() {
    let project = Project::new("--lib");
    let said = project
        .hotbench(&format!("init --example --yes {}", from_here()))
        .passed();
    said.says("+hotbench::harness!(app);")
        .says("Run `cargo bench`");

    let bench = project.cargo(&format!("bench -- {QUICK}")).passed();
    bench.says("app::hotbench_example");
    let row = bench.row("mentions/short");
    assert!(
        row.len() > 3 && row[1].ends_with('s') && row.contains(&"5"),
        "{row:?}"
    );
    bench.never_says("warning");

    let test = project.cargo("test").failed();
    test.says("hotbench_example::tests::the_word_is_found_in_any_case ... FAILED");
    names_the_line(&test);

    let again = project.hotbench("init --example").passed();
    again.says("app: nothing is left to do");
    assert_eq!(again.stdout, "");
    project.hotbench("doctor").passed().says("app: no problem");

    // What is neither a command nor Cargo's goes to the bench target, and its exit status comes back.
    let list = project.hotbench("short --list -p app").passed();
    list.says("app::hotbench_example::mentions/short: benchmark")
        .never_says("/long");
    let unknown = project.hotbench("--chekc").failed();
    unknown.says("--check");
    assert_eq!(unknown.target_code(), Some(2), "{unknown}");

    // As its comment says.
    project.replace(
        "src/hotbench_example.rs",
        "word.to_lowercase() == \"rust\"",
        "word.eq_ignore_ascii_case(\"rust\")",
    );
    project
        .cargo("test")
        .passed()
        .says("test app::hotbench_example::mentions/long ... ok");
}

#[test]
fn a_fresh_program_reaches_the_same() {
    let project = Project::new("--bin");
    let said = project
        .hotbench(&format!("init --example --yes {}", from_here()))
        .passed();
    said.says("+#[hotbench::main]")
        .says("+include!(\"../src/main.rs\");");
    let bench = project.cargo("bench -- --test").passed();
    bench
        .says("test app::hotbench_example::mentions/short ... ok")
        .never_says("warning");
    names_the_line(&project.cargo("test").failed());
    assert_eq!(project.cargo("run -q").passed().stdout, "Hello, world!\n");
    project
        .hotbench("init --example")
        .passed()
        .says("nothing is left to do");
    project.hotbench("doctor").passed().says("app: no problem");
}

#[test]
fn a_program_that_can_not_be_included_is_linked() {
    let project = Project::new("--bin");
    let main = project.text("src/main.rs");
    project.write("src/main.rs", &format!("//! A program.\n\n{main}"));
    let said = project
        .hotbench(&format!("init --example --yes {}", from_here()))
        .passed();
    said.says("+(a link to main.rs)");
    let bench = project.cargo("bench -- --test").passed();
    bench
        .says("test app::hotbench_example::mentions/short ... ok")
        .never_says("warning");
    project
        .hotbench("init")
        .passed()
        .says("nothing is left to do");
    project
        .hotbench("--list")
        .passed()
        .says("app::hotbench_example::mentions/long");
}

#[test]
fn a_package_of_a_workspace_is_named() {
    let project = Project::new("--lib");
    project.write("one/src/lib.rs", "");
    project.write("two/src/lib.rs", "");
    project.write("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\n");
    for name in ["one", "two"] {
        let manifest =
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2018\"\n");
        project.write(&format!("{name}/Cargo.toml"), &manifest);
    }
    let said = project.hotbench("init --yes").failed();
    assert_eq!(said.code, Some(2), "{said}");
    said.says("name one with `-p`: one, two");
    let said = project
        .hotbench(&format!("init -p two --example --yes {}", from_here()))
        .passed();
    said.says("resolver 1").says("Run `cargo bench -p two`");
    let root = project.text("Cargo.toml");
    assert!(
        root.contains("resolver = \"2\"\n") && root.contains("line-tables-only"),
        "{root}"
    );
    assert!(!project.text("one/Cargo.toml").contains("hotbench"));
    // From the root, the options of Cargo and the words of the bench target in one line.
    let run = project.hotbench("-p two --test short").passed();
    run.says("test two::hotbench_example::mentions/short ... ok")
        .says("1 passed");
    let none = project.hotbench("-p one");
    assert_eq!(none.code, Some(2), "{none}");
    none.says("no bench target of hotbench in one: `cargo hotbench init` makes one");
}

#[test]
fn nothing_is_written_that_was_not_allowed() {
    let project = Project::new("--lib");
    let before = project.text("Cargo.toml");
    let unchanged = |said: &Said, code: i32| {
        assert_eq!(said.code, Some(code), "{said}");
        assert_eq!(project.text("Cargo.toml"), before, "{said}");
        assert!(!project.path("benches").exists(), "{said}");
    };
    let asked = project.hotbench("init");
    asked
        .says("+bench = false")
        .says("run it again with `--yes`");
    unchanged(&asked, 2);
    let shown = project.hotbench("init --dry-run");
    shown.says("+bench = false").never_says("--yes");
    unchanged(&shown, 0);

    // What git does not have is not changed, but in a repository without any commit.
    project.commit();
    project.write("src/lib.rs", "// Other.\n");
    let before = format!("# Changed.\n{before}");
    project.write("Cargo.toml", &before);
    let dirty = project.hotbench("init --yes");
    assert_eq!(dirty.code, Some(2), "{dirty}");
    dirty
        .says("not committed")
        .says("\n    Cargo.toml")
        .says("--allow-dirty");
    // It would not be changed.
    dirty.never_says("\n    src/lib.rs");
    assert_eq!(project.text("Cargo.toml"), before);
    project.hotbench("init --yes --allow-dirty").passed();
    assert!(
        project
            .text("Cargo.toml")
            .starts_with("# Changed.\n[package]")
    );
    assert!(project.text("Cargo.toml").contains("bench = false"));
}

#[test]
fn a_terminal_is_asked() {
    let project = Project::new("--lib");
    let asked = |answer: &str| {
        let line = format!(
            "printf '{answer}\\n' | script -qec '{} init' /dev/null",
            program().display()
        );
        project.write("ask.sh", &line);
        project.run("sh", "ask.sh")
    };
    asked("n")
        .says("Write these changes? [y/N]")
        .says("nothing is written");
    assert!(!project.path("benches").exists());
    asked("y").passed().says("written");
    assert!(project.path("benches/hot.rs").exists());
}

#[test]
fn cargo_calls_it_by_its_name_and_users_may_do_without() {
    let project = Project::new("--lib");
    let direct = project.run(program(), "--version").passed();
    assert_eq!(project.hotbench("--version").passed().stdout, direct.stdout);
    assert!(direct.stdout.starts_with("cargo-hotbench "), "{direct}");
    let help = project.hotbench("--help").passed();
    for word in ["init", "doctor", "--cargo-profile", "after `--`"] {
        help.says(word);
    }
    // The options come after the command.
    let late = project.hotbench("-p app init");
    assert_eq!(late.code, Some(2), "{late}");
    late.says("--package");
}

#[test]
fn a_proc_macro_is_refused() {
    let project = Project::new("--lib");
    project.replace(
        "Cargo.toml",
        "[dependencies]",
        "[lib]\nproc-macro = true\n\n[dependencies]",
    );
    let said = project.hotbench("init --yes");
    assert_eq!(said.code, Some(2), "{said}");
    said.says("`app` is a proc-macro crate");
}

#[test]
fn the_workflow_checks_and_compares() {
    let project = Project::new("--lib");
    project.hotbench("init --ci github --yes").passed();
    let text = project.text(".github/workflows/hotbench.yml");
    let yaml = YamlLoader::load_from_str(&text).expect("YAML").remove(0);
    let lines = |job: &str| {
        let steps = yaml["jobs"][job]["steps"].as_vec().expect("steps");
        let runs = steps.iter().filter_map(|step| step["run"].as_str());
        runs.collect::<Vec<_>>().join("\n")
    };
    let check = lines("check");
    for line in [
        "valgrind",
        "cargo test\n",
        "cargo bench --bench hot -- --check",
    ] {
        assert!(check.contains(line), "{check}");
    }
    let compare = &yaml["jobs"]["compare"]["steps"][0]["with"]["fetch-depth"];
    assert_eq!(compare.as_i64(), Some(0), "{text}");
    let compare = lines("compare");
    let line = "--compare \"origin/$GITHUB_BASE_REF\" --timeout 60 --format github";
    assert!(compare.contains(line), "{compare}");
    project
        .hotbench("init --ci github")
        .passed()
        .says("nothing is left to do");
}
