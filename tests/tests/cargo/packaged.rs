//! What is published: the packages as Cargo makes them, and the README's lines to adopt them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{QUICK, Said, command, folder, profiles, run};

const VERSION: &str = env!("CARGO_PKG_VERSION");

const PACKAGES: [&str; 8] = [
    "cargo-hotbench",
    "hotbench",
    "hotbench-engine",
    "hotbench-guard",
    "hotbench-harness",
    "hotbench-macros",
    "hotbench-inert",
    "hotbench-project",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The packages in this folder, unpacked.
fn package(folder: &Path) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["package", "--no-verify", "--allow-dirty"]);
    cargo.args(PACKAGES.iter().flat_map(|name| ["-p", *name]));
    run(command(&mut cargo, ".", &[])
        .current_dir(root())
        .env("CARGO_TARGET_DIR", folder))
    .passed();
    for package in PACKAGES {
        let file = format!("package/{package}-{VERSION}.crate");
        let mut tar = Command::new("tar");
        run(tar.args(["-xzf", &file]).current_dir(folder)).passed();
    }
}

/// The only block of a language in the README that has this text.
fn block<'a>(readme: &'a str, language: &str, text: &str) -> &'a str {
    let fence = format!("```{language}\n");
    let blocks = readme.split(&fence).skip(1);
    let blocks = blocks.filter_map(|rest| rest.split("```").next());
    let mut found = blocks.filter(|block| block.contains(text));
    let block = found.next().expect("the block");
    assert_eq!(found.next(), None);
    block
}

/// Adopts the packages in a folder by what the README says.
fn adopt(app: &Path, packages: &Path) {
    let readme = fs::read_to_string(root().join("README.md")).expect("text");
    let patches = PACKAGES.map(|name| {
        let path = packages.join(format!("{name}-{VERSION}"));
        format!("{name} = {{ path = {path:?} }}\n")
    });
    let lines = block(&readme, "toml", "[dev-dependencies]");
    let manifest = format!(
        r#"[package]
name = "my_app"
version = "0.1.0"
edition = "2024"

{lines}
[workspace]

# As if they were published.
[patch.crates-io]
{patches}
{profiles}
"#,
        patches = patches.concat(),
        // Quicker to build.
        profiles = profiles()
            .replace("hotbench.opt-level = 3", "hotbench.opt-level = 0")
            .replace("-engine.opt-level = 3", "-engine.opt-level = 0")
            .replace("-guard.opt-level = 3", "-guard.opt-level = 0"),
    );
    let files = [
        ("Cargo.toml", &manifest[..]),
        (
            "src/lib.rs",
            block(&readme, "rust", "use hotbench::{bench_case, no_alloc};"),
        ),
        (
            "benches/hot.rs",
            block(&readme, "rust", "hotbench::harness!(my_app);"),
        ),
    ];
    for (file, text) in files {
        let path = app.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }
    // Versions that are there.
    let lock = root().join("tests/fixtures/Cargo.lock");
    fs::copy(lock, app.join("Cargo.lock")).expect("copied");
}

fn cargo(app: &Path, arguments: &str) -> Said {
    let mut cargo = Command::new(env!("CARGO"));
    run(command(cargo.args(arguments.split(' ')), ".", &[]).current_dir(app))
}

#[test]
fn the_packages_have_what_users_need_and_work_as_the_readme_says() {
    let folder = folder("packaged");
    package(&folder);
    for package in PACKAGES {
        let unpacked = folder.join(format!("{package}-{VERSION}"));
        let mut files: Vec<_> = fs::read_dir(&unpacked)
            .expect("a folder")
            .map(|file| {
                file.expect("a file")
                    .file_name()
                    .into_string()
                    .expect("UTF-8")
            })
            .filter(|file| file != ".cargo_vcs_info.json" && file != "build.rs")
            .collect();
        files.sort_unstable();
        let expected = [
            "Cargo.lock",
            "Cargo.toml",
            "Cargo.toml.orig",
            "LICENSE-APACHE",
            "LICENSE-MIT",
            "README.md",
            "src",
        ];
        assert_eq!(files, expected, "{package}");
        for license in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let [packaged, root] = [unpacked.join(license), root().join(license)]
                .map(|file| fs::read_to_string(file).expect("text"));
            assert_eq!(packaged, root, "{package}");
        }
    }

    let app = folder.join("app");
    adopt(&app, &folder);
    cargo(&app, "test")
        .passed()
        .says("test my_app::method/get ... ok")
        .says("test my_app::method/post ... ok");
    let said = cargo(&app, &format!("bench -- {QUICK}")).passed();
    for case in ["method/get", "method/post"] {
        assert!(said.row(case).contains(&"0 B"), "{said}");
    }
}
