//! `--compare` as a guest in the user's repository: what the older version's build finds there, and what is left.
//!
//! Nothing is built: a script stands in the place of Cargo, and says what Cargo would find.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::support::{Said, bench_executable, folder, run, timed};

/// A fixture whose bench executable is started.
const PACKAGE: &str = "declared";

/// Comparisons take turns, as those of a user have to.
static ALONE: Mutex<()> = Mutex::new(());

/// A repository of a user's, in a folder with other things.
struct Home(PathBuf);

impl Home {
    /// With one commit that has a manifest and these files.
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let home = Self(folder(name));
        home.git(".", "init --quiet --initial-branch=main repository");
        home.write("repository/Cargo.toml", "[workspace]\n");
        // Not committed, as that of a library.
        home.write("repository/.gitignore", "Cargo.lock\n");
        home.write("repository/Cargo.lock", "version = 4\n");
        for (file, text) in files {
            home.write(&format!("repository/{file}"), text);
        }
        home.commit();
        home
    }

    fn write(&self, file: &str, text: &str) -> PathBuf {
        let path = self.0.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(&path, text).expect("it can be written");
        path
    }

    fn script(&self, file: &str, text: &str) -> PathBuf {
        let path = self.write(file, &format!("#!/bin/sh\n{text}\n"));
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&path, mode).expect("it can be changed");
        path
    }

    fn git(&self, folder: &str, arguments: &str) -> String {
        let mut git = Command::new("git");
        git.current_dir(self.0.join(folder));
        for value in [
            "user.name=test",
            "user.email=test@test",
            "commit.gpgsign=false",
            "protocol.file.allow=always",
        ] {
            git.args(["-c", value]);
        }
        run(git.args(arguments.split(' '))).passed().stdout
    }

    fn commit(&self) {
        self.git("repository", "add --all");
        self.git("repository", "commit --quiet --message=a");
    }

    /// The checksums of all files of the repository's own folder.
    fn snapshot(&self) -> String {
        let mut checksums = Command::new("sh");
        checksums
            .args(["-c", "find .git -type f | sort | xargs cksum"])
            .current_dir(self.0.join("repository"));
        run(&mut checksums).passed().stdout
    }

    /// What the comparison with a revision says, in which `script` is what Cargo does.
    fn compare(&self, script: &str, variables: &[(&str, &str)]) -> Said {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let cargo = self.script("cargo", script);
        let mut harness = timed(&bench_executable(PACKAGE), "--compare HEAD");
        harness
            .current_dir(self.0.join("repository"))
            .env("CARGO", cargo)
            .env("CARGO_PKG_NAME", PACKAGE)
            .env("CARGO_MANIFEST_DIR", self.0.join("repository"))
            .env("REAL_CARGO", env!("CARGO"))
            .env("RUSTC_BOOTSTRAP", "1")
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .envs(variables.iter().copied());
        let before = self.snapshot();
        let said = run(&mut harness).failed();
        assert_eq!(self.snapshot(), before);
        assert_eq!(said.code, Some(2), "{said}");
        said
    }
}

#[test]
fn the_newer_configuration_does_not_reach_the_older_build_and_what_lies_above_does() {
    let files = [(
        ".cargo/config.toml",
        "build.rustflags = ['--cfg=committed']\n",
    )];
    let home = Home::new("guest-configuration", &files);
    home.write(
        "repository/.cargo/config.toml",
        "build.rustflags = ['--cfg=uncommitted']\n",
    );
    home.write(
        ".cargo/config.toml",
        "build.rustdocflags = ['--cfg=above']\nbuild.rustflags = ['--cfg=above_too']\n",
    );
    home.write("helper/Cargo.toml", "[package]\nname = 'helper'\n");
    let script = "test \"$1\" = metadata && exit 1\n\
                  \"$REAL_CARGO\" -Z unstable-options config get build >&2\n\
                  cat ../helper/Cargo.toml >&2\n\
                  exit 1";
    home.compare(script, &[])
        .says("does not build:\n")
        .says("build.rustdocflags = [\"--cfg=above\"]")
        .says("build.rustflags = [\"--cfg=above_too\", \"--cfg=committed\"]")
        .says("name = 'helper'")
        .says("\nnote: it is built of what is committed, in a folder of its own: ")
        .never_says("uncommitted");
}

#[test]
fn the_settings_of_this_executable_are_those_of_the_build_whoever_has_started_it() {
    let home = Home::new("guest-settings", &[]);
    let script = "test \"$1\" = metadata && exit 1\necho \"asked for $*\" >&2\nexit 1";
    home.compare(script, &[])
        .says("asked for bench --no-run --message-format=json --package declared --bench hot --no-default-features ")
        .says(" --profile=bench ");
}

#[test]
fn variables_of_the_newer_configuration_do_not_reach_the_older_build() {
    let files = [("rust-toolchain.toml", "[toolchain]\nchannel = 'stable'\n")];
    let home = Home::new("guest-variables", &files);
    home.write(
        "repository/.cargo/config.toml",
        "[env]\nFROM_NEWER = 'newer'\nFROM_USER = 'newer'\n",
    );
    fs::remove_file(home.0.join("repository/rust-toolchain.toml")).expect("it is there");
    // As Cargo has set the first of them.
    let variables = [("FROM_NEWER", "newer"), ("FROM_USER", "user")];
    let script = "test \"$1\" = metadata && exit 1\n\
                  echo \"variables '$FROM_NEWER' '$FROM_USER'\" >&2; exit 1";
    home.compare(script, &variables).says("variables '' 'user'");
}

#[test]
fn hooks_and_other_peoples_worktrees_are_left_alone() {
    let home = Home::new("guest-hooks", &[]);
    home.git("repository", "worktree add --quiet ../other");
    let (other, away) = (home.0.join("other"), home.0.join("away"));
    fs::rename(&other, &away).expect("it can be moved");
    home.script("repository/.git/hooks/post-checkout", "exit 1");
    // As in a hook of git's.
    let variables = [("GIT_DIR", ".git"), ("GIT_INDEX_FILE", ".git/index")];
    let script = "test \"$1\" = metadata && exit 1\n\
                  echo \"GIT_DIR is '$GIT_DIR'\" >&2; git describe --always --dirty >&2; pwd >&2; exit 1";
    let said = home.compare(script, &variables);
    let commit = home.git("repository", "describe --always");
    said.says("GIT_DIR is ''\n").says(&format!("\n{commit}"));
    // The checkout is gone.
    let checkout = said
        .stderr
        .lines()
        .find(|line| line.ends_with("/repository"));
    let checkout = checkout.unwrap_or_else(|| panic!("{said}"));
    assert!(checkout.contains("/hotbench/compare/"), "{said}");
    assert!(!Path::new(checkout).exists(), "{said}");
    fs::rename(&away, &other).expect("it can be moved");
    home.git("other", "status");
}

#[test]
fn a_workspace_above_the_repository_is_above_the_checkout() {
    let home = Home::new("guest-above", &[]);
    fs::remove_file(home.0.join("repository/Cargo.lock")).expect("it is there");
    home.write("Cargo.toml", "[workspace]\nmembers = ['repository']\n");
    home.write("Cargo.lock", "version = 4\n");
    let script = "test \"$1\" = metadata && exit 1\npwd >&2; ls . repository >&2; exit 1";
    let said = home.compare(script, &[]);
    said.says("/guest-above\n.:\nCargo.lock\nCargo.toml\ncargo\nrepository\n");
    said.says("\nrepository:\nCargo.toml\n")
        .says("/hotbench/compare/");
}

#[test]
fn a_submodule_that_the_user_has_not_is_left_out_and_one_that_he_has_is_there() {
    let home = Home::new("guest-submodules", &[]);
    home.git(".", "clone --quiet repository origin");
    let origin = home.0.join("origin").display().to_string();
    for name in ["there", "away"] {
        home.git(
            "repository",
            &format!("submodule --quiet add {origin} {name}"),
        );
    }
    home.commit();
    home.git("repository", "submodule --quiet deinit away");
    fs::remove_dir_all(home.0.join("origin")).expect("it is there");
    let script = "test \"$1\" = metadata && exit 1\nls there away >&2; exit 1";
    home.compare(script, &[])
        .says("away:\n\nthere:\nCargo.toml\n");
}
