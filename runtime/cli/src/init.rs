//! `init`: all that an adoption needs, as edits; pure.

use std::path::PathBuf;

use super::ci::Workflow;
use super::error::CliError;
use super::example;
use super::files::{Draft, Edit, Files};
use super::lack::Lack;
use super::mend::Mending;
use super::project::{Kind, Package, Workspace};
use super::survey::{Wanted, bench_names, survey};

/// What is asked for.
pub(super) struct Options {
    /// The folder of hotbench, in the place of a version.
    pub(super) path: Option<PathBuf>,
    pub(super) example: bool,
    /// The folder of the repository that is to have a workflow.
    pub(super) workflow: Option<PathBuf>,
}

pub(super) struct Plan {
    pub(super) edits: Vec<Edit>,
    pub(super) lacks: Vec<Lack>,
    /// What is said besides.
    pub(super) notes: Vec<String>,
}

pub(super) fn plan(
    workspace: &Workspace,
    package: &Package,
    options: &Options,
    files: &dyn Files,
) -> Result<Plan, CliError> {
    refuse(package)?;
    let lacks = survey(workspace, package, files, Wanted::Adoption)?;
    let lacks = lacks.into_iter().filter(Lack::is_of_adoption);
    let (lacks, rest): (Vec<_>, Vec<_>) = lacks.partition(Lack::is_mendable);
    let mut draft = Draft::new(files);
    let mending = Mending {
        workspace,
        package,
        path: options.path.clone(),
    };
    let benches = bench_names(package, files);
    let bench = match benches.first() {
        Some(name) => name.clone(),
        None => mending.free_name(&draft),
    };
    for lack in &lacks {
        mending.mend(lack, &mut draft)?;
    }
    let mut notes = notes(package, &lacks);
    notes.extend(rest.iter().map(|lack| {
        let (what, mend) = lack.words(package.key(), &workspace.root);
        format!("not mended: {what}: {mend}")
    }));
    if options.example {
        example::add(package, &mut draft)?;
    }
    if let Some(repository) = &options.workflow {
        let workflow = Workflow {
            repository,
            workspace: &workspace.root,
            folder: package.folder(),
            package: (workspace.members.len() > 1).then_some(&package.name),
            bench: &bench,
            key: package.key(),
        };
        workflow.add(&mut draft, &mut notes);
    }
    Ok(Plan {
        edits: draft.edits(),
        lacks,
        notes,
    })
}

/// What can't be measured by a bench target is said before anything is changed.
fn refuse(package: &Package) -> Result<(), CliError> {
    if package.of(Kind::ProcMacro).next().is_some() {
        return Err(CliError::ProcMacro(package.name.clone()));
    }
    if package.of(Kind::Foreign).next().is_some() {
        return Err(CliError::Unlinkable {
            package: package.name.clone(),
            manifest: package.manifest.clone(),
        });
    }
    match package.lib().or_else(|| package.program()) {
        Some(_) => Ok(()),
        None => Err(CliError::NothingToMeasure(package.name.clone())),
    }
}

fn notes(package: &Package, lacks: &[Lack]) -> Vec<String> {
    let mut notes = Vec::new();
    let bins = package.of(Kind::Bin).count();
    if !lacks.contains(&Lack::BenchTarget) {
        return notes;
    }
    if package.lib().is_some() && bins > 0 {
        notes.push(
            "the cases are those of the library; what is in a program's own source is none".into(),
        );
    } else if let (Some(program), 2..) = (package.program(), bins) {
        notes.push(format!(
            "the cases are those of the program `{}`, one of {bins}; a library could have them all",
            program.name
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Options;
    use crate::sample::Sample;

    const PLAIN: Options = Options {
        path: None,
        example: false,
        workflow: None,
    };

    const MANIFEST: &str = "[package]\nname = \"my-app\"\nedition = \"2024\"\n";

    fn with(manifest: &str, files: &[(&str, &str)]) -> Sample {
        let mut all = vec![("Cargo.toml", manifest)];
        all.extend(files);
        Sample::new(&all)
    }

    #[test]
    fn a_library_gets_all_and_keeps_comments_and_order() {
        let manifest = "# Ours.\n[package]\nname = \"my-app\" # By itself.\nedition = \"2024\"\n\n\
             [dev-dependencies]\nrand = \"0.9\"\n\n# Few.\n[dependencies]\nlog = \"0.4\" # Yes.\n";
        let adopted = with(manifest, &[("src/lib.rs", "")]).adopted(&PLAIN);
        assert_eq!(
            adopted.text("Cargo.toml"),
            "# Ours.\n[package]\nname = \"my-app\" # By itself.\nedition = \"2024\"\n\n\
             [lib]\nbench = false\n\n\
             [dev-dependencies]\nrand = \"0.9\"\nhotbench = { version = \"0.1\", features = [\"harness\"] }\n\n\
             # Few.\n[dependencies]\nlog = \"0.4\" # Yes.\nhotbench = \"0.1\"\n\n\
             [[bench]]\nname = \"hot\"\nharness = false\ntest = true\n\n\
             [profile.bench]\ndebug = \"line-tables-only\"\n"
        );
        assert_eq!(
            adopted.text("benches/hot.rs"),
            "hotbench::harness!(my_app);\n"
        );
    }

    #[test]
    fn a_program_is_included_and_its_main_is_marked() {
        let main = "/// Runs.\n#[tokio::main]\nasync fn main() {}\n";
        let manifest = format!("{MANIFEST}\n[dependencies]\ntokio = \"1\"\n");
        let adopted = with(&manifest, &[("src/main.rs", main)]).adopted(&PLAIN);
        assert_eq!(
            adopted.text("src/main.rs"),
            "/// Runs.\n#[hotbench::main]\n#[tokio::main]\nasync fn main() {}\n"
        );
        let bench = adopted.text("benches/hot.rs");
        assert!(
            bench.ends_with("include!(\"../src/main.rs\");\n"),
            "{bench}"
        );
        let manifest = adopted.text("Cargo.toml");
        assert!(
            manifest.contains("features = [\"harness\", \"tokio\"]"),
            "{manifest}"
        );
        let bin = "[[bin]]\nname = \"my-app\"\npath = \"src/main.rs\"\nbench = false\n";
        assert!(manifest.contains(bin), "{manifest}");
    }

    #[test]
    fn a_program_that_can_not_be_included_is_linked() {
        let main = "//! A program.\n\nfn main() {}\n";
        let adopted = with(MANIFEST, &[("src/main.rs", main)]).adopted(&PLAIN);
        assert_eq!(adopted.link("src/hot.rs"), Some(Path::new("main.rs")));
        assert!(
            adopted
                .text("src/main.rs")
                .contains("\n\n#[hotbench::main]\nfn main")
        );
        let manifest = adopted.text("Cargo.toml");
        assert!(manifest.contains("path = \"src/hot.rs\""), "{manifest}");
        // Where there is a module of the name, or each file is a program, Cargo is given the program itself.
        for files in [
            &[("src/main.rs", main), ("src/hot.rs", "")][..],
            &[("src/bin/my-app.rs", main)][..],
        ] {
            let adopted = with(MANIFEST, files).adopted(&PLAIN);
            let manifest = adopted.text("Cargo.toml");
            let path = format!("[[bench]]\nname = \"hot\"\npath = \"{}\"", files[0].0);
            assert!(manifest.contains(&path), "{manifest}");
        }
    }

    #[test]
    fn each_program_beside_a_library_is_kept_from_libtest() {
        let manifest = format!(
            "{MANIFEST}\n[[bin]]\nname = \"tool\" # Old.\npath = \"src/tool.rs\"\nbench = true # Why?\n"
        );
        let files = [("src/lib.rs", ""), ("src/main.rs", ""), ("src/tool.rs", "")];
        let adopted = with(&manifest, &files).adopted(&PLAIN);
        let manifest = adopted.text("Cargo.toml");
        assert!(
            manifest.contains("path = \"src/tool.rs\"\nbench = false # Why?\n"),
            "{manifest}"
        );
        assert_eq!(manifest.matches("bench = false").count(), 3, "{manifest}");
    }

    #[test]
    fn what_is_there_in_part_is_completed() {
        let manifest = "bin = [{ name = \"tool\", path = \"src/tool.rs\" }]\n\n\
             [package]\nname = \"my-app\"\nedition = \"2024\"\n\n\
             [dependencies]\nhotbench = { path = \"../hot\" } # Ours.\n\n\
             [[bench]]\nname = \"cases\"\nharness = false\n\n[profile.release]\ndebug = 1\n";
        let files = [
            ("src/lib.rs", ""),
            ("src/tool.rs", ""),
            (
                "benches/cases.rs",
                "hotbench::harness!(other, sample_size = 20);\n",
            ),
        ];
        let adopted = with(manifest, &files).adopted(&PLAIN);
        let manifest = adopted.text("Cargo.toml");
        let of_tests = "hotbench = { path = \"../hot\", features = [\"harness\"] }";
        assert!(manifest.contains(of_tests), "{manifest}");
        assert!(
            manifest.contains("name = \"cases\"\nharness = false\ntest = true"),
            "{manifest}"
        );
        assert!(
            !manifest.contains("[profile.bench]") && !manifest.contains("\"hot\""),
            "{manifest}"
        );
        assert!(manifest.contains("[[bin]]\nname = \"tool\""), "{manifest}");
        let named = "hotbench::harness!(other, my_app, sample_size = 20);\n";
        assert_eq!(adopted.text("benches/cases.rs"), named);
    }

    #[test]
    fn a_bench_target_of_another_kind_keeps_its_name() {
        let files = [("src/lib.rs", ""), ("benches/hot.rs", "fn main() {}")];
        let adopted = with(MANIFEST, &files).adopted(&PLAIN);
        assert_eq!(adopted.text("benches/hot.rs"), "fn main() {}");
        assert_eq!(
            adopted.text("benches/hotbench.rs"),
            "hotbench::harness!(my_app);\n"
        );
        let mut files = Vec::from(files);
        files.push(("benches/hotbench.rs", "fn main() {}"));
        let adopted = with(MANIFEST, &files).adopted(&PLAIN);
        assert_eq!(adopted.text("benches/hotbench.rs"), "fn main() {}");
        assert_eq!(
            adopted.text("benches/hotbench2.rs"),
            "hotbench::harness!(my_app);\n"
        );
    }

    #[test]
    fn the_line_of_the_workspace_is_used() {
        let manifest = format!("{MANIFEST}\n[workspace.dependencies]\nhotbench = \"0.1\"\n");
        let adopted = with(&manifest, &[("src/lib.rs", "")]).adopted(&PLAIN);
        let manifest = adopted.text("Cargo.toml");
        assert!(
            manifest.contains("\nhotbench = { workspace = true }\n"),
            "{manifest}"
        );
        let of_tests = "\nhotbench = { workspace = true, features = [\"harness\"] }\n";
        assert!(manifest.contains(of_tests), "{manifest}");
    }

    #[test]
    fn an_allocator_of_its_own_is_wrapped() {
        let lib = "#[global_allocator]\nstatic A: mimalloc::MiMalloc = mimalloc::MiMalloc;\n";
        let adopted = with(MANIFEST, &[("src/lib.rs", lib)]).adopted(&PLAIN);
        let wrapped = "static A: hotbench::Alloc<mimalloc::MiMalloc> = hotbench::Alloc::new(mimalloc::MiMalloc);";
        assert!(
            adopted.text("src/lib.rs").contains(wrapped),
            "{}",
            adopted.text("src/lib.rs")
        );
        let manifest = adopted.text("Cargo.toml");
        let of_tests = "features = [\"harness\", \"own-allocator\"]";
        assert!(manifest.contains(of_tests), "{manifest}");
        // That of some builds alone is the user's to decide.
        let lib = format!("#[cfg(unix)]\n{lib}");
        let plan = with(MANIFEST, &[("src/lib.rs", &lib)])
            .plan(&PLAIN)
            .expect("a plan");
        assert!(
            plan.notes.iter().any(|note| note.contains("src/lib.rs:3")),
            "{:?}",
            plan.notes
        );
        assert!(
            plan.edits
                .iter()
                .all(|edit| !edit.path.ends_with("src/lib.rs"))
        );
    }

    #[test]
    fn an_allocator_below_main_is_wrapped_though_main_is_marked() {
        let main = "fn main() {}\n\n#[global_allocator]\nstatic A: Own = Own;\n";
        let adopted = with(MANIFEST, &[("src/main.rs", main)]).adopted(&PLAIN);
        let main = adopted.text("src/main.rs");
        assert!(
            main.contains("static A: hotbench::Alloc<Own> = hotbench::Alloc::new(Own);"),
            "{main}"
        );
    }

    #[test]
    fn an_allocator_that_the_library_is_not_linked_with_is_left_to_the_user() {
        let own = "#[global_allocator]\nstatic A: Own = Own;\nfn main() {}\n";
        for program in ["src/main.rs", "src/bin/tool.rs"] {
            let plan = with(MANIFEST, &[("src/lib.rs", ""), (program, own)])
                .plan(&PLAIN)
                .expect("a plan");
            let note = format!("is a program's, {program}:2");
            assert!(
                plan.notes.iter().any(|said| said.contains(&note)),
                "{:?}",
                plan.notes
            );
            assert!(plan.edits.iter().all(|edit| !edit.path.ends_with(program)));
        }
        // A test's own is nobody else's.
        let adopted = with(MANIFEST, &[("src/lib.rs", ""), ("tests/heap.rs", own)]).adopted(&PLAIN);
        assert_eq!(adopted.text("tests/heap.rs"), own);
        let manifest = adopted.text("Cargo.toml");
        assert!(!manifest.contains("default-features"), "{manifest}");
    }

    #[test]
    fn lines_end_as_they_did() {
        let manifest = MANIFEST.replace('\n', "\r\n");
        let main = "//! A program.\r\n\r\nfn main() {}\r\n";
        let adopted = with(&manifest, &[("src/main.rs", main)]).adopted(&PLAIN);
        for file in ["Cargo.toml", "src/main.rs"] {
            let text = adopted.text(file);
            assert_eq!(
                text.matches('\n').count(),
                text.matches("\r\n").count(),
                "{text:?}"
            );
        }
    }

    #[test]
    fn the_resolver_is_set_where_it_was() {
        let manifest = MANIFEST.replace("2024\"", "2021\"\nresolver = \"1\"") + "\n[workspace]\n";
        let adopted = with(&manifest, &[("src/lib.rs", "")]).adopted(&PLAIN);
        let manifest = adopted.text("Cargo.toml");
        assert_eq!(
            manifest.matches("resolver = \"2\"").count(),
            1,
            "{manifest}"
        );
        assert!(!manifest.contains("resolver = \"1\""), "{manifest}");
    }

    #[test]
    fn what_a_platform_depends_on_is_taken_from_there() {
        let manifest = format!(
            "{MANIFEST}\n[target.'cfg(unix)'.dependencies]\nhotbench = {{ path = \"../hot\" }}\n"
        );
        let adopted = with(&manifest, &[("src/lib.rs", "")]).adopted(&PLAIN);
        let manifest = adopted.text("Cargo.toml");
        let of_tests = "hotbench = { path = \"../hot\", features = [\"harness\"] }";
        assert!(manifest.contains(of_tests), "{manifest}");
    }

    #[test]
    fn an_old_edition_gets_the_resolver_that_keeps_features_apart() {
        for (edition, is_old) in [("2018", true), ("2021", false)] {
            let manifest = MANIFEST.replace("2024", edition);
            let adopted = with(&manifest, &[("src/lib.rs", "")]).adopted(&PLAIN);
            let manifest = adopted.text("Cargo.toml");
            assert_eq!(manifest.contains("resolver = \"2\""), is_old, "{manifest}");
        }
    }

    #[test]
    fn a_path_stands_for_the_version() {
        let options = Options {
            path: Some("../hotbench".into()),
            ..PLAIN
        };
        let adopted = with(MANIFEST, &[("src/lib.rs", "")]).adopted(&options);
        let manifest = adopted.text("Cargo.toml");
        assert_eq!(
            manifest.matches("path = \"../hotbench\"").count(),
            2,
            "{manifest}"
        );
    }

    #[test]
    fn an_example_is_a_module_before_the_tests() {
        let options = Options {
            example: true,
            ..PLAIN
        };
        let lib = "pub fn a() {}\n\n#[cfg(test)]\nmod tests {}\n";
        let adopted = with(MANIFEST, &[("src/lib.rs", lib)]).adopted(&options);
        let lib = adopted.text("src/lib.rs");
        assert!(
            lib.contains("\n\nmod hotbench_example;\n\n#[cfg(test)]"),
            "{lib}"
        );
        assert!(
            adopted
                .text("src/hotbench_example.rs")
                .contains("#[no_alloc]")
        );
        let adopted = with(MANIFEST, &[("src/main.rs", "fn main() {}")]).adopted(&options);
        let main = adopted.text("src/main.rs");
        assert_eq!(
            main,
            "#[hotbench::main]\nfn main() {}\n\nmod hotbench_example;\n"
        );
        // Where each file is a program.
        let adopted = with(MANIFEST, &[("src/bin/tool.rs", "fn main() {}\n")]).adopted(&options);
        assert!(
            adopted
                .text("src/bin/hotbench_example/mod.rs")
                .contains("#[no_alloc]")
        );
    }

    #[test]
    fn a_workflow_that_is_there_stays() {
        let options = Options {
            workflow: Some("/app".into()),
            ..PLAIN
        };
        let path = ".github/workflows/hotbench.yml";
        let adopted = with(MANIFEST, &[("src/lib.rs", "")]).adopted(&options);
        let workflow = adopted.text(path);
        assert!(
            workflow.contains("cargo bench --bench hot -- --check"),
            "{workflow}"
        );
        let changed = with(MANIFEST, &[("src/lib.rs", ""), (path, "name: mine\n")]);
        let plan = changed.plan(&options).expect("a plan");
        assert!(
            plan.notes[0].contains("hotbench.yml is there"),
            "{:?}",
            plan.notes
        );
        assert!(plan.edits.iter().all(|edit| !edit.path.ends_with(path)));
    }

    #[test]
    fn a_renamed_hotbench_keeps_its_name() {
        let manifest = format!(
            "{MANIFEST}\n[dependencies]\nhb = {{ package = \"hotbench\", version = \"0.1\" }}\n"
        );
        let adopted = with(&manifest, &[("src/main.rs", "fn main() {}\n")]).adopted(&PLAIN);
        let of_tests =
            "hb = { package = \"hotbench\", version = \"0.1\", features = [\"harness\"] }";
        assert!(
            adopted.text("Cargo.toml").contains(of_tests),
            "{}",
            adopted.text("Cargo.toml")
        );
        assert_eq!(adopted.text("src/main.rs"), "#[hb::main]\nfn main() {}\n");
    }

    #[test]
    fn what_can_not_be_measured_is_refused_with_the_reason() {
        let manifest = format!("{MANIFEST}\n[lib]\nproc-macro = true\n");
        let refused =
            |manifest: &str, files: &[(&str, &str)]| match with(manifest, files).plan(&PLAIN) {
                Ok(_) => panic!("it is not refused"),
                Err(said) => said,
            };
        let said = refused(&manifest, &[("src/lib.rs", "")]);
        assert!(said.contains("the compiler alone can load it"), "{said}");
        let said = refused(MANIFEST, &[("src/main.rs", "mod app;")]);
        assert!(said.contains("has no `fn main`"), "{said}");
        let said = refused(MANIFEST, &[]);
        assert!(said.contains("neither a library nor a program"), "{said}");
        let manifest = format!("lib = 3\n\n{MANIFEST}");
        let said = refused(&manifest, &[("src/lib.rs", "")]);
        assert!(said.contains("`lib` is not of the form"), "{said}");
    }
}
