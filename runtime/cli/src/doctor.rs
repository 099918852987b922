//! `doctor`: what is wrong with a workspace, and what mends it.

use std::collections::BTreeSet;
use std::path::Path;

use super::error::CliError;
use super::files::{Draft, Edit, Files};
use super::lack::Lack;
use super::lock;
use super::machine::Words;
use super::mend::Mending;
use super::project::{Package, Workspace};
use super::survey::{Wanted, survey};

/// A thing that is wrong.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// Whose it is, if not of the workspace or of the machine.
    pub(super) package: Option<String>,
    pub(super) words: Words,
    /// Whether something does not work; else it is a hint.
    pub(super) is_problem: bool,
    /// Whether `--fix` mends it.
    pub(super) is_mendable: bool,
}

pub(super) struct Examination {
    pub(super) findings: Vec<Finding>,
    /// What mends those that edits can mend.
    pub(super) edits: Vec<Edit>,
    /// The packages that were looked at.
    pub(super) packages: Vec<String>,
}

/// Looks at a package, or at each that uses hotbench.
pub(super) fn examine(
    workspace: &Workspace,
    package: Option<&Package>,
    files: &dyn Files,
) -> Result<Examination, CliError> {
    let users = workspace.members.iter();
    let mut packages: Vec<&Package> = match package {
        Some(package) => vec![package],
        None => users
            .filter(|one| one.hotbench().next().is_some())
            .collect(),
    };
    if packages.is_empty() {
        packages = workspace.members.iter().collect();
    }
    let mut draft = Draft::new(files);
    let mut findings = Vec::new();
    let mut of_workspace = BTreeSet::new();
    for package in &packages {
        let mending = Mending {
            workspace,
            package,
            path: None,
        };
        for lack in survey(workspace, package, files, Wanted::AsUsed)? {
            // What can't be planned is said all the same, and left.
            let is_mendable = lack.is_mendable() && mending.mend(&lack, &mut draft).is_ok();
            let words = lack.words(package.key(), &workspace.root);
            if lack.is_of_workspace() && !of_workspace.insert(words.clone()) {
                continue;
            }
            findings.push(Finding {
                package: (!lack.is_of_workspace()).then(|| package.name.clone()),
                words,
                is_problem: lack.is_problem(),
                is_mendable,
            });
        }
    }
    let lock = files.text(&workspace.root.join("Cargo.lock"));
    findings.extend(
        lock.and_then(|text| lock::problem(&text))
            .map(|words| Finding {
                package: None,
                words,
                is_problem: true,
                is_mendable: false,
            }),
    );
    Ok(Examination {
        findings,
        edits: draft.edits(),
        packages: packages.iter().map(|one| one.name.clone()).collect(),
    })
}

/// What the machine lacks, as findings.
pub(super) fn hints(folder: &Path) -> impl Iterator<Item = Finding> {
    super::machine::hints(folder)
        .into_iter()
        .map(|words| Finding {
            package: None,
            words,
            is_problem: false,
            is_mendable: false,
        })
}

impl Lack {
    /// Whether it is in the workspace's root manifest, so that each package has it.
    fn is_of_workspace(&self) -> bool {
        matches!(
            self,
            Self::Resolver
                | Self::LineTables
                | Self::Stripped(_)
                | Self::OptLevel(_)
                | Self::DebugAssertions
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::lack::Lack;
    use crate::project::{Kind, Package, Target};
    use crate::sample::Sample;
    use crate::survey::{Wanted, survey};

    const MANIFEST: &str = r#"[package]
name = "app"
edition = "2024"

[lib]
bench = false

[dependencies]
hotbench = "0.1"

[dev-dependencies]
hotbench = { version = "0.1", features = ["harness"] }

[[bench]]
name = "hot"
harness = false
test = true

[profile.bench]
debug = "line-tables-only"
"#;

    const BENCH: &str = "hotbench::harness!(app);\n";

    fn sample(manifest: &str, lib: &str, bench: &str) -> Sample {
        Sample::new(&[
            ("Cargo.toml", manifest),
            ("src/lib.rs", lib),
            ("benches/hot.rs", bench),
        ])
    }

    /// One thing is wrong with a package that has all else: it is found, and nothing besides, and `--fix` mends it.
    #[track_caller]
    fn is_found(sample: Sample, what: &str) {
        let (found, mended) = sample.mended();
        assert!(
            found.len() == 1 && found[0].contains(what),
            "{what}: {found:#?}"
        );
        let (left, _) = mended.mended();
        assert!(left.is_empty(), "{what}: {left:#?}");
    }

    #[test]
    fn a_package_that_has_all_lacks_nothing() {
        assert_eq!(sample(MANIFEST, "", BENCH).lacks(Wanted::AsUsed), []);
    }

    #[test]
    fn each_thing_that_a_manifest_lacks_is_found_and_mended() {
        for (old, new, what) in [
            (
                "features = [\"harness\"]",
                "features = [\"guard\"]",
                "the feature `harness` is off",
            ),
            ("[lib]\nbench = false\n", "", "libtest runs the library"),
            (
                "[lib]\nbench = false",
                "[lib]\nbench = true",
                "libtest runs the library",
            ),
            (
                "harness = false\n",
                "",
                "libtest runs the bench target `hot`",
            ),
            (
                "test = true\n",
                "",
                "leaves the cases of the bench target `hot` out",
            ),
            ("edition = \"2024\"", "edition = \"2018\"", "resolver 1"),
            (
                "edition = \"2024\"",
                "edition = \"2024\"\nresolver = \"1\"",
                "resolver 1",
            ),
            ("debug = \"line-tables-only\"", "", "without line tables"),
            (
                "debug = \"line-tables-only\"",
                "debug = 0",
                "without line tables",
            ),
            ("debug =", "strip = true\ndebug =", "`strip = true`"),
            ("debug =", "opt-level = 1\ndebug =", "`opt-level = 1`"),
            (
                "debug =",
                "debug-assertions = true\ndebug =",
                "`debug-assertions`",
            ),
        ] {
            let manifest = MANIFEST.replace(old, new);
            assert_ne!(manifest, MANIFEST, "{old}");
            is_found(sample(&manifest, "", BENCH), what);
        }
    }

    #[test]
    fn profiles_of_releases_hold_for_benches_unless_these_say_otherwise() {
        let release = "\n[profile.release]\ndebug = true\nopt-level = 1\n";
        let manifest = MANIFEST.replace("debug = \"line-tables-only\"", "") + release;
        is_found(sample(&manifest, "", BENCH), "`opt-level = 1`");
        let manifest = MANIFEST.replace("debug =", "opt-level = 3\ndebug =") + release;
        assert_eq!(sample(&manifest, "", BENCH).lacks(Wanted::AsUsed), []);
    }

    #[test]
    fn a_library_that_the_harness_does_not_name_is_found_and_mended() {
        is_found(
            sample(MANIFEST, "", "hotbench::harness!(other);\n"),
            "does not name `app`",
        );
    }

    #[test]
    fn a_bench_target_that_is_none_of_hotbenchs_is_not_taken_for_one() {
        let bench = "// hotbench::harness!(app);\nfn main() {}\n";
        is_found(sample(MANIFEST, "", bench), "no bench target of hotbench");
    }

    #[test]
    fn a_program_that_is_not_marked_is_found_and_mended() {
        let manifest = MANIFEST.replace(
            "[lib]\nbench = false",
            "[[bin]]\nname = \"app\"\npath = \"src/main.rs\"\nbench = false",
        );
        let bench = "include!(\"../src/main.rs\");\n";
        let program = Sample::new(&[
            ("Cargo.toml", &manifest),
            ("src/main.rs", "fn main() {}\n"),
            ("benches/hot.rs", bench),
        ]);
        is_found(program, "`main` is not marked");
    }

    #[test]
    fn what_can_not_be_planned_is_said_with_the_rest() {
        let manifest = MANIFEST.replace("[lib]\nbench = false", "");
        let program = Sample::new(&[("Cargo.toml", &manifest), ("src/main.rs", "mod app;\n")]);
        let (found, _) = program.mended();
        let says = |what: &str| found.iter().any(|one| one.contains(what));
        assert!(says("no bench target of hotbench"), "{found:#?}");
        assert!(says("libtest runs the program"), "{found:#?}");
    }

    #[test]
    fn two_allocators_and_one_that_is_not_wrapped_are_told_apart() {
        let own = "#[global_allocator]\nstatic A: Own = Own;\n";
        let wrapped =
            "use hotbench::Alloc;\n#[global_allocator]\nstatic A: Alloc<Own> = Alloc::new(Own);\n";
        let off = MANIFEST.replace(
            "features = [\"harness\"",
            "features = [\"harness\", \"own-allocator\"",
        );
        assert_ne!(off, MANIFEST);
        is_found(sample(&off, own, BENCH), "the guard does not see");
        is_found(
            sample(MANIFEST, wrapped, BENCH),
            "two global allocators: src/lib.rs:3",
        );
        assert_eq!(sample(&off, wrapped, BENCH).lacks(Wanted::AsUsed), []);
        // It goes before `global-allocator`, by whomever that is named.
        let named = off.replace(
            "\"own-allocator\"",
            "\"global-allocator\", \"own-allocator\"",
        );
        assert_eq!(sample(&named, wrapped, BENCH).lacks(Wanted::AsUsed), []);
        // Without the default features it has to be named.
        let without = MANIFEST
            .replace(
                "hotbench = \"0.1\"",
                "hotbench = { version = \"0.1\", default-features = false }",
            )
            .replace(
                "features = [\"harness",
                "default-features = false, features = [\"harness",
            );
        assert_eq!(sample(&without, wrapped, BENCH).lacks(Wanted::AsUsed), []);
        let named = without.replace("[\"harness", "[\"global-allocator\", \"harness");
        assert_ne!(named, without);
        is_found(sample(&named, wrapped, BENCH), "two global allocators");
        let (both, mended) = sample(MANIFEST, own, BENCH).mended();
        assert_eq!(both.len(), 2, "{both:#?}");
        assert_eq!(mended.lacks(Wanted::AsUsed), []);
        // What says so in a comment has none.
        let comment = "// #[global_allocator] static A: Own = Own;\n";
        assert_eq!(sample(MANIFEST, comment, BENCH).lacks(Wanted::AsUsed), []);
    }

    #[test]
    fn that_no_allocator_reports_is_a_hint_unless_some_package_has_one() {
        let off = MANIFEST
            .replace(
                "\"0.1\"\n",
                "{ version = \"0.1\", default-features = false }\n",
            )
            .replace("features = [", "default-features = false, features = [");
        let silent = sample(&off, "", BENCH);
        let lacks = silent.lacks(Wanted::AsUsed);
        assert_eq!(lacks, [Lack::Unreported]);
        assert!(!lacks[0].is_problem() && !lacks[0].is_mendable());

        let own = "#[global_allocator]\nstatic A: Own = Own;\n";
        let mut workspace = silent.workspace();
        workspace.members.push(Package {
            name: "core".into(),
            manifest: "/core/Cargo.toml".into(),
            targets: vec![Target {
                kind: Kind::Lib,
                name: "core".into(),
                path: "/core/src/lib.rs".into(),
            }],
            dependencies: Vec::new(),
            default_run: None,
        });
        let files = BTreeMap::from([
            ("/app/Cargo.toml".into(), off),
            ("/app/benches/hot.rs".into(), BENCH.to_owned()),
            ("/core/src/lib.rs".into(), own.to_owned()),
        ]);
        let lacks = survey(&workspace, &workspace.members[0], &files, Wanted::AsUsed);
        assert_eq!(lacks.expect("a project"), []);
    }

    #[test]
    fn what_ships_the_harness_is_a_problem_that_is_left_to_the_user() {
        let shipped = "hotbench = { version = \"0.1\", features = [\"html\"] }";
        let manifest = MANIFEST.replace("hotbench = \"0.1\"", shipped);
        let lacks = sample(&manifest, "", BENCH).lacks(Wanted::AsUsed);
        assert_eq!(lacks, [Lack::Ships("html".to_owned())]);
        assert!(lacks[0].is_problem() && !lacks[0].is_mendable());
    }

    #[test]
    fn cases_that_no_bench_target_contains_are_problems_that_are_left_to_the_user() {
        let case = "#[hotbench::bench_case]\nfn f() {}\n";
        let lib = format!("{case}#[cfg(test)]\nmod tests {{\n{case}}}\n#[cfg(unix)]\nmod own;\n");
        let sample = Sample::new(&[
            ("Cargo.toml", MANIFEST),
            ("src/lib.rs", &lib),
            ("src/own.rs", case),
            ("tests/it.rs", case),
            ("benches/hot.rs", BENCH),
        ]);
        let lacks = sample.lacks(Wanted::AsUsed);
        let words = lacks.iter().map(|lack| {
            assert!(lack.is_problem() && !lack.is_mendable());
            lack.words("hotbench", std::path::Path::new("/app")).0
        });
        let words: Vec<String> = words.collect();
        assert_eq!(
            words,
            [
                "the `#[bench_case]` at src/lib.rs:5 is not run: it is in the library's own tests alone, by `cfg(test)`",
                "the `#[bench_case]` at tests/it.rs:1 is not run: it belongs to the test `it`"
            ]
        );
    }

    #[test]
    fn who_only_guards_needs_no_bench_target() {
        let manifest = "[package]\nname = \"app\"\nedition = \"2024\"\n\n[dependencies]\nhotbench = \"0.1\"\n\n\
             [dev-dependencies]\nhotbench = { version = \"0.1\", features = [\"guard\"] }\n";
        let lib = |text| Sample::new(&[("Cargo.toml", manifest), ("src/lib.rs", text)]);
        let guarded = lib("#[hotbench::no_alloc] fn a() {}");
        assert_eq!(guarded.lacks(Wanted::AsUsed), []);
        assert!(guarded.lacks(Wanted::Adoption).contains(&Lack::BenchTarget));
        let measured = lib("#[hotbench::bench_case] fn a() {}");
        assert!(measured.lacks(Wanted::AsUsed).contains(&Lack::BenchTarget));
    }

    #[test]
    fn a_package_without_hotbench_is_sent_to_init() {
        let manifest = "[package]\nname = \"app\"\n";
        let sample = Sample::new(&[("Cargo.toml", manifest), ("src/lib.rs", "")]);
        let lacks = sample.lacks(Wanted::AsUsed);
        assert_eq!(lacks, [Lack::Unused]);
        assert!(
            lacks[0]
                .words("hotbench", std::path::Path::new(""))
                .1
                .contains("cargo hotbench init")
        );
    }

    #[test]
    fn a_library_that_another_package_measures_needs_no_bench_target() {
        let app = sample(MANIFEST, "", "hotbench::harness!(app, core);\n")
            .workspace()
            .members;
        let manifest = MANIFEST.replace("\"app\"", "\"core\"");
        let core = Sample::new(&[("Cargo.toml", &manifest), ("src/lib.rs", "")]);
        assert_eq!(core.lacks(Wanted::AsUsed), [Lack::BenchTarget]);
        let mut workspace = core.workspace();
        let files = BTreeMap::from([
            ("/app/Cargo.toml".into(), manifest),
            (
                "/app/benches/hot.rs".into(),
                "hotbench::harness!(app, core);\n".to_owned(),
            ),
        ]);
        workspace.members.extend(app);
        let lacks = survey(&workspace, &workspace.members[0], &files, Wanted::AsUsed);
        assert_eq!(lacks.expect("a project"), []);
    }
}
