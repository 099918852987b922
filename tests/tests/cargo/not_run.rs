//! Cases that are written and not run: in what no bench target contains, and behind a feature that is off.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{QUICK, Said, command, folder, profiles, run};

const MANIFEST: &str = r#"[package]
name = "NAME"
version = "0.1.0"
edition = "2024"

[lib]
bench = false

[[bench]]
name = "hot"
harness = false
test = true

[features]
extra = []

[dependencies]
hotbench = { path = RUNTIME }

[dev-dependencies]
hotbench = { path = RUNTIME, features = ["harness"] }

[workspace]
"#;

/// A package of its own, with these files.
struct App(PathBuf);

impl App {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let app = Self(folder(name));
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR"));
        let runtime = fixtures.join("../runtime");
        let manifest = MANIFEST.replace("RUNTIME", &format!("{runtime:?}"));
        let bench = format!("hotbench::harness!({});\n", name.replace('-', "_"));
        app.write("Cargo.toml", &(manifest.replace("NAME", name) + profiles()));
        app.write("benches/hot.rs", &bench);
        for (file, text) in files {
            app.write(file, text);
        }
        let lock = fixtures.join("fixtures/Cargo.lock");
        fs::copy(lock, app.0.join("Cargo.lock")).expect("a copy");
        app
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.0.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }

    fn cargo(&self, arguments: &str) -> Said {
        let mut cargo = Command::new(env!("CARGO"));
        run(command(cargo.args(arguments.split(' ')), ".", &[]).current_dir(&self.0))
    }

    fn test(&self, arguments: &str) -> Said {
        self.cargo(&format!("test -q --bench hot {arguments}"))
    }

    /// A timed run, of the build that tests have, too.
    fn timed(&self, arguments: &str) -> Said {
        self.test(&format!("-- --bench --allow-debug {QUICK} {arguments}"))
    }
}

const CASE: &str = "#[hotbench::bench_case]\nfn case() -> u32 {\n    1\n}\n";

#[test]
fn cases_that_no_bench_target_contains_are_named() {
    let lib = format!("{CASE}\n#[cfg(test)]\nmod tests {{\n    {CASE}}}\n");
    let program = format!("{CASE}fn main() {{}}\n");
    let app = App::new(
        "scattered",
        &[
            ("src/lib.rs", &lib),
            ("src/main.rs", &program),
            ("src/bin/other.rs", &program),
            ("src/forgotten.rs", CASE),
            ("tests/it.rs", CASE),
            ("examples/show.rs", &program),
        ],
    );
    let places = [
        "examples/show.rs:1 belongs to the example `show`",
        "src/bin/other.rs:1 belongs to the program `other`",
        "src/forgotten.rs:1 is in a file that no module names",
        "src/lib.rs:8 is in the library's own tests alone, by `cfg(test)`",
        "src/main.rs:1 belongs to the program `scattered`",
        "and 1 more",
    ];
    for said in [app.test(""), app.timed(""), app.timed("--format json")] {
        let said = said.passed();
        said.says(
            "warning: 6 uses of `#[bench_case]` are not run, since no bench target contains them: ",
        );
        for place in places {
            assert!(said.stderr.contains(place), "{place}\n{said}");
        }
        assert!(!said.stdout.contains("warning"), "{said}");
    }
    // Whoever asks for one case knows it, and a list is for programs.
    for quiet in ["-- --exact scattered::case", "-- --list"] {
        app.test(quiet).passed().never_says("not run");
    }
}

#[test]
fn cases_behind_a_feature_that_is_off_are_not_in_this_build() {
    let gated = format!("#[cfg(feature = \"extra\")]\nmod gated {{\n    {CASE}}}\n");
    let app = App::new("gated", &[("src/lib.rs", &gated)]);
    let note = "note: 1 case is not in this build: src/lib.rs:3 needs `cfg(feature = \"extra\")`\n";
    app.test("")
        .passed()
        .says("running 0 tests")
        .says("test result: ok. 0 passed")
        .says(note);
    let list = app.test("-- --list --format terse").passed();
    assert_eq!(list.stdout, "");
    let timed = app.timed("").passed();
    assert_eq!(
        timed.stderr.matches("not in this build").count(),
        1,
        "{timed}"
    );
    timed.says(note).never_says("error: ");
    app.cargo("nextest run --no-tests pass").passed();

    let both = format!("{CASE}{gated}");
    app.write("src/lib.rs", &both);
    let blessed = "[hot.\"gated::gated::case\"]\nallocs = 0\nbytes = 0\n\n[hot.\"gated::gone\"]\nallocs = 0\n";
    app.write("benches/hotbench.toml", blessed);
    let said = app.test("").failed();
    said.says("benches/hotbench.toml, is not in this build: src/lib.rs:7 needs")
        .says("error: `gated::gone` was blessed, and is gone")
        .never_says("`gated::gated::case` was blessed");
    app.test("--features extra -- case")
        .passed()
        .says("test gated::gated::case ... ok")
        .never_says("not in this build");
}

#[test]
fn the_ways_to_leave_a_case_out_on_purpose_need_no_word() {
    let lib = r##"//! `#[bench_case]` in documents.

/* #[hotbench::bench_case] fn in_a_comment() {} */
pub const TEXT: &str = r#"#[hotbench::bench_case] fn in_a_string() {}"#;

macro_rules! cases {
    ($($name:ident)*) => {$(
        #[hotbench::bench_case]
        fn $name() -> u32 { 1 }
    )*};
}
cases!(one two);

#[cfg_attr(feature = "extra", hotbench::bench_case)]
pub fn sometimes() -> u32 { 1 }

#[path = "elsewhere.rs"]
mod named;

pub struct Owner;

#[hotbench::bench_cases(with = Owner)]
impl Owner {
    #[hotbench::bench_case("twice")]
    #[hotbench::bench_case(
        "again"
    )]
    fn method(&self) -> u32 { 1 }
}
"##;
    let app = App::new(
        "deliberate",
        &[("src/lib.rs", lib), ("src/elsewhere.rs", CASE)],
    );
    let said = app.test("").passed();
    said.says("running 5 tests")
        .never_says("warning: ")
        .never_says("not in this build");
}

#[test]
fn a_bench_target_that_libtest_would_run_does_not_compile() {
    let app = App::new("for-libtest", &[("src/lib.rs", CASE)]);
    let manifest = fs::read_to_string(app.0.join("Cargo.toml")).expect("text");
    app.write("Cargo.toml", &manifest.replace("harness = false\n", ""));
    for command in ["test --bench hot", "check --bench hot"] {
        app.cargo(command)
            .failed()
            .says("error: libtest would run this target, and none of its cases: `harness = false` is missing")
            .says("name = \"hot\"");
    }
}
