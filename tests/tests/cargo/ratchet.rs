//! The ratchet: a package's life with `benches/hotbench.toml`, of which each test has a copy of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::formats::{document, junit};
use crate::support::{Said, UNOPTIMISED, cargo, command, folder, profiles, run};

/// There is one file, so tests take turns.
static ALONE: Mutex<()> = Mutex::new(());

const MANIFEST: &str = r#"[package]
name = "app"
version = "0.1.0"
edition = "2024"

[lib]
bench = false

[[bench]]
name = "hot"
harness = false
test = true

[[bench]]
name = "cold"
harness = false

[dependencies]
hotbench = { path = RUNTIME }

[dev-dependencies]
hotbench = { path = RUNTIME, features = ["harness"] }

[workspace]
"#;

/// How much a case takes, and which there are, is said by the environment: a change of the code without a build.
const SOURCE: &str = r#"//! Cases that take what the test says.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

use hotbench::bench_case;

fn said(name: &str, unsaid: u64) -> u64 {
    std::env::var(name).map_or(unsaid, |said| said.parse().expect("a number"))
}

#[bench_case(args(said("ALLOCS", 4)))]
pub fn allocates(times: u64) {
    for _ in 0..times {
        black_box(Vec::<u8>::with_capacity(16));
    }
}

#[bench_case(args(said("BUDGETED", 4)), max_allocs = said("BUDGET", 100))]
pub fn budgeted(times: u64) {
    allocates(times);
}

/// One call in ten.
#[bench_case]
pub fn now_and_then() {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    allocates(u64::from(call % 10 == 7));
}

#[bench_case(for n in (0..said("SWEPT", 2)).map(|n| n + said("FROM", 0)), args(n))]
pub fn swept(n: u64) -> u64 {
    n
}

#[bench_case(args(said("TURNS", 1_000)))]
pub fn turns(n: u64) {
    for turn in 0..n {
        black_box(turn);
    }
}

/// The compiler leaves the allocation out.
#[bench_case]
pub fn elided() -> u64 {
    *Box::new(7)
}

#[bench_case(ignore)]
pub fn ignored() {
    allocates(2);
}

#[bench_case(args(said("BROKEN", 0)))]
pub fn fragile(broken: u64) {
    assert_eq!(broken, 0, "broken");
}
"#;

struct App {
    root: PathBuf,
    _alone: MutexGuard<'static, ()>,
}

impl App {
    /// Without a file.
    fn new() -> Self {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let root = folder("ratchet").with_file_name("ratcheted");
        let app = Self {
            root,
            _alone: alone,
        };
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR"));
        let runtime = fixtures.join("../runtime");
        let bench = "//! The cases of the library.\n\nhotbench::harness!(app);\n";
        let manifest = MANIFEST.replace("RUNTIME", &format!("{runtime:?}"));
        app.write("Cargo.toml", &(manifest + profiles()));
        app.write("src/lib.rs", SOURCE);
        app.write("benches/hot.rs", bench);
        app.write("benches/cold.rs", bench);
        if !app.root.join("Cargo.lock").exists() {
            // What the other fixtures have is there already.
            let lock = fixtures.join("fixtures/Cargo.lock");
            fs::copy(lock, app.root.join("Cargo.lock")).expect("a copy");
            app.cargo("metadata --format-version 1", &[]).passed();
        }
        // There is none, but after an earlier test.
        let _ = fs::remove_file(app.path());
        app
    }

    /// With all cases blessed, and its file.
    fn blessed() -> (Self, String) {
        let app = Self::new();
        app.bench("--bless", &[]).passed();
        let text = app.text();
        (app, text)
    }

    /// As long as it is as it was, Cargo has nothing to build.
    fn write(&self, file: &str, text: &str) {
        let path = self.root.join(file);
        if fs::read_to_string(&path).is_ok_and(|there| there == text) {
            return;
        }
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }

    fn path(&self) -> PathBuf {
        self.root.join("benches/hotbench.toml")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path()).expect("a file")
    }

    fn set_text(&self, text: &str) {
        fs::write(self.path(), text).expect("it can be written");
    }

    fn cargo(&self, arguments: &str, variables: &[(&str, &str)]) -> Said {
        let mut cargo = Command::new(env!("CARGO"));
        run(command(cargo.args(arguments.split(' ')), ".", variables).current_dir(&self.root))
    }

    fn bench(&self, arguments: &str, variables: &[(&str, &str)]) -> Said {
        self.cargo(&format!("bench -q --bench hot -- {arguments}"), variables)
    }

    fn test(&self, arguments: &str, variables: &[(&str, &str)]) -> Said {
        self.cargo(&format!("test -q --bench hot -- {arguments}"), variables)
    }
}

/// The part of the file that has a case.
fn part<'a>(text: &'a str, id: &str) -> &'a str {
    let header = format!("[hot.\"app::{id}\"]\n");
    let (_, rest) = text.split_once(&header).expect("the case");
    rest.split("\n[").next().expect("its keys")
}

#[track_caller]
fn fails_with(said: &Said, code: i32) {
    assert_eq!(said.target_code(), Some(code), "{said}");
}

fn case<'a>(document: &'a Value, id: &str) -> &'a Value {
    let id = format!("app::{id}");
    let cases = document["cases"].as_array().expect("a list");
    let case = cases.iter().find(|case| case["id"] == id.as_str());
    case.unwrap_or_else(|| panic!("no {id} in {document:#}"))
}

#[test]
fn a_case_is_blessed_regresses_is_mended_and_blessed_again() {
    let app = App::new();
    // Without a file nothing is said of it.
    app.bench("--check", &[])
        .passed()
        .never_says("hotbench.toml");
    let said = app.bench("--bless", &[]).passed();
    said.says("benches/hotbench.toml:\n")
        .says("    app::allocates: new: allocs 4, bytes 64, instructions ");
    let text = app.text();
    assert!(text.starts_with("# "), "{text}");
    let ids: Vec<&str> = text.lines().filter(|line| line.starts_with('[')).collect();
    assert!(ids.is_sorted() && ids.len() == 8, "{text}");
    assert!(part(&text, "now_and_then").contains("allocs = 0.1\n"));

    let said = app.bench("--bless", &[]).passed();
    said.says("benches/hotbench.toml: nothing has changed");
    assert_eq!(app.text(), text);
    app.bench("--check", &[])
        .passed()
        .never_says("hotbench.toml");
    // More calls of one that is not always alike, and what the compiler has left out is left to its own test.
    app.test("--skip elided", &[])
        .passed()
        .never_says("hotbench.toml");

    let more = [("ALLOCS", "5")];
    let said = app.bench("--check", &more).failed();
    fails_with(&said, 1);
    let line = text
        .lines()
        .position(|line| line == "allocs = 4")
        .expect("the figure")
        + 1;
    said.says("error: `app::allocates` takes more than was blessed: allocs 4 → 5, bytes 64 → 80")
        .says(&format!("benches/hotbench.toml:{line}:10"))
        .says("found 5")
        .says("help: where it allocates: `cargo bench -p app --bench hot -- --dhat --exact 'app::allocates'`")
        .says("help: if it has to be so: `cargo bench -p app --bench hot -- --bless`")
        .says("measured in a release build");
    let said = app.test("allocates", &more).failed();
    fails_with(&said, 1);
    said.says("test app::allocates ... FAILED")
        .says("allocs 4 → 5")
        .says("note: this build is not optimised, and what was blessed was")
        .says("`cargo test -p app --bench hot -- --bless`");

    let less = [("ALLOCS", "3")];
    let said = app.bench("--check", &less).passed();
    said.says("note: less than ")
        .says("`--bless` locks it in:\n    app::allocates: allocs 4 → 3, bytes 64 → 48");
    app.test("allocates", &less).passed();
    let said = app.bench("--bless allocates", &less).passed();
    said.says("    app::allocates: allocs 4 → 3, bytes 64 → 48")
        .never_says("app::turns:");
    let said = app.bench("--check allocates", &[]).failed();
    said.says("allocs 3 → 4, bytes 48 → 64");
}

#[test]
fn what_calls_execute_may_be_more_by_the_tolerance() {
    let (app, text) = App::blessed();
    let toolchain = part(&text, "turns");
    assert!(
        toolchain.contains("instructions = { \"") && toolchain.contains(", rustc 1."),
        "{text}"
    );
    app.bench("--check turns", &[("TURNS", "1010")])
        .passed()
        .never_says("hotbench.toml");
    let more = [("TURNS", "1100")];
    let said = app.bench("--check turns", &more).failed();
    fails_with(&said, 1);
    said.says("`app::turns` takes more than was blessed: instructions ")
        .says(" %, of which 3 % are tolerated")
        .never_says("where it allocates");
    let own = text.replace(
        "[hot.\"app::turns\"]\n",
        "[hot.\"app::turns\"]\n# By its nature:\ntolerance = \"20 %\"\n",
    );
    app.set_text(&own);
    app.bench("--check turns", &more).passed();
    app.bench("--bless turns", &more)
        .passed()
        .says("nothing has changed");
    assert_eq!(app.text(), own);

    // Of another compiler's there is nothing to hold to, which is said once.
    let other = text.replace(", rustc 1.", ", rustc 0.");
    app.set_text(&other);
    let said = app.bench("--check", &more).passed();
    assert_eq!(said.stderr.matches("not checked").count(), 1, "{said}");
    said.says("note: instructions are not checked: ");
    app.bench("--bless turns", &[])
        .passed()
        .says("app::turns: instructions ");
    let both = app.text();
    let turns = part(&both, "turns");
    assert!(
        turns.contains(", rustc 0.") && turns.contains(", rustc 1."),
        "{both}"
    );
    assert_eq!(part(&both, "swept/0"), part(&other, "swept/0"));
}

#[test]
fn a_case_that_is_gone_fails_and_one_that_is_new_does_not() {
    let (app, text) = App::blessed();
    let renamed = [("FROM", "1")];
    let said = app.bench("--check", &renamed).failed();
    fails_with(&said, 1);
    let line = text
        .lines()
        .position(|line| line == "[hot.\"app::swept/0\"]")
        .expect("the case")
        + 1;
    said.says("error: `app::swept/0` was blessed, and is gone")
        .says(&format!("benches/hotbench.toml:{line}:6"))
        .says("no case has this id; was it renamed to `app::swept/2`?")
        .says("benches/hotbench.toml yet: `app::swept/2`. `--bless` adds what is new");
    fails_with(&app.test("--skip elided", &renamed).failed(), 1);
    // Of those that the run would take.
    app.bench("--check turns", &renamed).passed();
    app.bench("--check --skip swept/0", &renamed).passed();
    app.bench("--check --exact app::swept/1", &renamed).passed();
    app.bench("--check --ignored", &renamed).passed();
    let shards = ["1/3", "2/3", "3/3"].map(|shard| {
        let said = app.bench(&format!("--check --shard {shard}"), &renamed);
        said.stderr.contains("is gone")
    });
    assert_eq!(shards.iter().filter(|told| **told).count(), 1);
    // It has the id of another bench target's.
    app.cargo("bench -q --bench cold -- --check", &renamed)
        .passed()
        .never_says("is gone");

    app.bench("--bless allocates", &renamed)
        .passed()
        .says("nothing has changed");
    let said = app.bench("--bless", &renamed).passed();
    said.says("    app::swept/0: gone, and removed")
        .says("    app::swept/2: new: allocs 0, bytes 0, instructions ");
    assert!(!app.text().contains("swept/0"));
    app.cargo("bench -q --bench cold -- --bless swept/1", &[])
        .passed();
    let both = app.text();
    assert!(both.contains("[cold.\"app::swept/1\"]"), "{both}");
    app.bench("--check", &renamed).passed();
    // Not run, but there.
    app.bench("--bless --include-ignored", &renamed).passed();
    let text = app.text();
    assert!(part(&text, "ignored").contains("allocs = 2\n"), "{text}");
    app.bench("--bless", &renamed).passed();
    assert_eq!(app.text(), text);
    app.bench("--check", &renamed).passed();
}

#[test]
fn a_file_that_is_not_in_order_is_told_with_its_line() {
    let (app, text) = App::blessed();
    let broken = |wrong: &str, place: &str, expected: &str| {
        let broken = text.replacen("allocs = 4\n", wrong, 1);
        app.set_text(&broken);
        for said in [
            app.bench("--check", &[]).failed(),
            app.test("", &[]).failed(),
            app.bench("--bless", &[]).failed(),
        ] {
            fails_with(&said, 2);
            assert!(said.stdout.is_empty(), "{said}");
            assert!(said.stderr.contains(place), "{said}");
            assert!(said.stderr.contains(expected), "{said}");
        }
        assert_eq!(app.text(), broken);
    };
    let line = text
        .lines()
        .position(|line| line == "allocs = 4")
        .expect("the figure")
        + 1;
    let at = |column: usize| format!("benches/hotbench.toml:{line}:{column}");
    broken(
        "<<<<<<< HEAD\nallocs = 4\n=======\nallocs = 5\n>>>>>>> theirs\n",
        &at(1),
        "^^^^^^^^^^^^ expected one of the two sides",
    );
    broken("allocs = \n", &at(10), "error: this is no TOML");
    broken(
        "allocs = \"4\"\n",
        &at(10),
        "^^^ expected a number from 0 up, of one call, found a string",
    );
    broken("alocs = 4\n", &at(1), "help: write `allocs`");
    broken(
        "allocs = -4\n",
        &at(10),
        "^^ expected a number from 0 up, of one call",
    );
    // Lists and timed runs don't read it.
    app.bench("--list", &[]).passed();
}

#[test]
fn the_tighter_of_the_file_and_the_attribute_wins_and_is_named() {
    let (app, _) = App::blessed();
    let said = app
        .bench("--check budgeted", &[("BUDGETED", "5"), ("BUDGET", "100")])
        .failed();
    said.says("error: `app::budgeted` takes more than was blessed: allocs 4 → 5")
        .never_says("one call of `app::budgeted`");
    let said = app
        .bench("--check budgeted", &[("BUDGETED", "4"), ("BUDGET", "3")])
        .failed();
    said.says("error: one call of `app::budgeted` allocated 4 times")
        .never_says("hotbench.toml");
    let both = [("BUDGETED", "5"), ("BUDGET", "3")];
    let said = app.bench("--check budgeted", &both).failed();
    said.says("error: one call of `app::budgeted` allocated 5 times")
        .says("error: `app::budgeted` takes more than was blessed: allocs 4 → 5");
}

#[test]
fn what_fails_is_not_blessed() {
    let (app, text) = App::blessed();
    let wrong = [
        ("BROKEN", "1"),
        ("BUDGETED", "3"),
        ("BUDGET", "2"),
        ("ALLOCS", "5"),
    ];
    let said = app.bench("--bless", &wrong).failed();
    fails_with(&said, 1);
    said.says("    app::allocates: allocs 4 → 5, bytes 64 → 80")
        .never_says("    app::budgeted:")
        .never_says("    app::fragile:");
    let after = app.text();
    for id in ["budgeted", "fragile"] {
        assert_eq!(part(&after, id), part(&text, id));
    }
    assert!(part(&after, "allocates").contains("allocs = 5\n"));
}

#[test]
fn an_unoptimised_build_has_figures_of_its_own_where_they_differ() {
    let (app, text) = App::blessed();
    assert!(part(&text, "elided").starts_with("allocs = 0\n"), "{text}");
    let said = app.test("", &[]).failed();
    said.says("test app::elided ... FAILED")
        .says("note: this build is not optimised, and what was blessed was: the compiler may leave allocations out")
        .never_says("app::allocates ... FAILED");
    let said = app.test("--bless", &[]).passed();
    said.says("    app::elided: unoptimised allocs 1, bytes 8");
    let both = app.text();
    assert_eq!(
        both.replace("unoptimised = { allocs = 1, bytes = 8 }\n", ""),
        text
    );
    app.test("", &[]).passed();
    app.bench("--check", &[]).passed();
    app.test("--bless", &[])
        .passed()
        .says("nothing has changed");
    // Where it no longer differs, it goes.
    app.set_text(&text.replace(
        "[hot.\"app::allocates\"]\n",
        "[hot.\"app::allocates\"]\nunoptimised = { allocs = 9, bytes = 99 }\n",
    ));
    app.test("--bless allocates", &[])
        .passed()
        .says("app::allocates: unoptimised as optimised, and so removed");
    assert_eq!(app.text(), text);
    // Nothing to differ from.
    fs::remove_file(app.path()).expect("it is there");
    let said = app.test("--bless allocates", &[]).passed();
    said.says("so not blessed by a build with debug assertions: `app::allocates`");
    assert!(!app.path().exists());
}

#[test]
fn programs_read_what_was_blessed_and_what_was_found() {
    let (app, _) = App::blessed();
    let worse = [("ALLOCS", "5"), ("FROM", "1")];
    let said = app.bench("--check --format json", &worse).failed();
    let document = document(&said);
    let ratchet = &document["runs"][0]["ratchet"];
    assert_eq!(ratchet["gone"][0]["id"], "app::swept/0", "{ratchet:#}");
    assert_eq!(ratchet["new"][0], "app::swept/2", "{ratchet:#}");
    let allocates = case(&document, "allocates");
    assert_eq!(allocates["failure"]["kind"], "more_than_blessed");
    let allocs = &allocates["ratchet"]["allocs"];
    assert_eq!(
        [&allocs["blessed"], &allocs["found"]],
        [&Value::from(4.0), &Value::from(5.0)]
    );
    assert_eq!(allocs["verdict"], "worse");
    let turns = &case(&document, "turns")["ratchet"]["instructions"];
    assert_eq!(turns["verdict"], "equal", "{turns:#}");

    let said = app.bench("--check --format junit", &worse).failed();
    let xml = junit(&said);
    assert_eq!((xml.failures, xml.tests), (2, 9), "{said}");
    said.says("type=\"more_than_blessed\"")
        .says("type=\"gone\"");
    let said = app.bench("--check --format github", &worse).failed();
    said.says("title=app%3A%3Aallocates failed::error: `app::allocates` takes more");
    said.says("benches/hotbench.toml,line=")
        .says("title=app%3A%3Aswept/0 is gone::");
}

#[test]
fn without_valgrind_the_rest_is_held_and_blessed() {
    let (app, text) = App::blessed();
    let path = [("PATH", "/nowhere")];
    let build = "bench -q --bench hot --no-run --message-format json";
    let said = app.cargo(build, &[]).passed();
    let messages = said.stdout.lines().map(|line| {
        let message: Value = serde_json::from_str(line).expect("JSON");
        message["executable"].as_str().map(PathBuf::from)
    });
    let executable = messages.flatten().last().expect("a program");
    let without = |arguments: &str| run(crate::support::timed(&executable, arguments).envs(path));
    without("--check").passed().says("there is no `valgrind`");
    without("--bless")
        .passed()
        .says("there is no `valgrind`")
        .says("nothing has changed");
    assert_eq!(app.text(), text);
}

#[test]
fn an_allocator_that_counts_nothing_is_held_to_nothing_and_the_run_says_so() {
    let note = "note: the allocations of 1 case are not held to ";
    cargo(&format!(
        "bench -q -p unwrapped-allocator {UNOPTIMISED} -- --check"
    ))
    .passed()
    .says(note);
    cargo("test -q -p unwrapped-allocator --bench hot")
        .passed()
        .says(note);
}
