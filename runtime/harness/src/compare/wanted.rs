//! What Cargo is asked for when a version is built: what it was asked for when this executable was.
//!
//! Features, profile and target are those that the compiler was called with, for they stand in this executable. What
//! leaves no trace there is taken from the command line of the Cargo that has started this process, if there is one.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::git;
use crate::Build;
use crate::compiled::Compiled;

/// Cargo's arguments, apart from the bench target's name.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    features: Vec<String>,
    profile: String,
    target: Option<String>,
    /// Configuration, and whether the network may be used.
    further: Vec<String>,
}

/// What Cargo says of a workspace.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    features: std::collections::HashMap<String, Vec<String>>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    rename: Option<String>,
}

/// What the command line of Cargo says beyond what the compiler was told of the bench target.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    profile: Option<String>,
    /// Of dependencies: `serde/derive`.
    features: Vec<String>,
    further: Vec<String>,
}

impl Wanted {
    /// As for this executable.
    pub(crate) fn of(build: &Build) -> Self {
        let seen = command_line().map(|line| Seen::of(&line));
        let Seen {
            profile,
            features,
            further,
        } = seen.unwrap_or_default();
        let compiled = Compiled::of(build);
        let profile = compiled.profile(profile.as_deref()).to_owned();
        Self {
            features: compiled.features.into_iter().chain(features).collect(),
            profile,
            target: compiled.target,
            further,
        }
    }

    /// The profile by its name in `Cargo.toml`.
    pub(crate) fn profile(&self) -> &str {
        &self.profile
    }

    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["--no-default-features".to_owned()];
        if !self.features.is_empty() {
            arguments.push(format!("--features={}", self.features.join(",")));
        }
        arguments.push(format!("--profile={}", self.profile));
        let target = self.target.iter();
        arguments.extend(target.map(|target| format!("--target={target}")));
        arguments.extend(self.further.iter().cloned());
        arguments
    }

    /// The same for an older version of `package`, without the features that it lacks; and these.
    pub(super) fn for_older(&self, folder: &Path, package: &str) -> (Self, Vec<String>) {
        let Some(package) = metadata(folder, package) else {
            // Building it says why.
            return (self.clone(), Vec::new());
        };
        let (features, missing) = self
            .features
            .iter()
            .cloned()
            .partition(|feature| package.has(feature));
        let wanted = Self {
            features,
            ..self.clone()
        };
        // Every package has it, in a way.
        let missing = missing.into_iter().filter(|feature| feature != "default");
        (wanted, missing.collect())
    }
}

impl Package {
    fn has(&self, feature: &str) -> bool {
        match feature.split_once('/') {
            None => self.features.contains_key(feature),
            Some((dependency, _)) => {
                let wanted = dependency.trim_end_matches('?');
                let is_wanted = |dependency: &Dependency| {
                    dependency.rename.as_ref().unwrap_or(&dependency.name) == wanted
                };
                wanted == self.name || self.dependencies.iter().any(is_wanted)
            }
        }
    }
}

/// A package of the workspace in `folder`.
fn metadata(folder: &Path, package: &str) -> Option<Package> {
    let output = cargo(folder)
        .args(["metadata", "--no-deps", "--format-version=1"])
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let metadata: Metadata = serde_json::from_slice(&output.stdout).ok()?;
    let mut packages = metadata.packages.into_iter();
    packages.find(|found| found.name == package)
}

/// Cargo, to be started in a tree.
pub(super) fn cargo(folder: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(folder).stdin(Stdio::null());
    // Those that Cargo has set for this bench target would be read by the build scripts of the other. And those of a
    // hook would have them ask for the version of another repository.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let is_of_package = text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_");
        if is_of_package || text == "OUT_DIR" || git::LOCATIONS.contains(&&*text) {
            command.env_remove(&name);
        }
    }
    command
}

impl Seen {
    fn of(line: &[String]) -> Self {
        const FURTHER_WITH_VALUE: [&str; 2] = ["--config", "-Z"];
        const FURTHER: [&str; 3] = ["--locked", "--offline", "--frozen"];
        let mut seen = Self::default();
        let mut arguments = line.iter().skip(1).take_while(|argument| *argument != "--");
        while let Some(argument) = arguments.next() {
            let mut value_of = |options: &[&str]| {
                let option = options
                    .iter()
                    .find(|option| argument.starts_with(**option))?;
                match &argument[option.len()..] {
                    "" => arguments.next().cloned(),
                    // `--features=a`, `-Fa`
                    rest => match rest.strip_prefix('=') {
                        Some(value) => Some(value.to_owned()),
                        None => (!option.starts_with("--")).then(|| rest.to_owned()),
                    },
                }
            };
            if FURTHER.contains(&argument.as_str()) {
                seen.further.push(argument.clone());
            } else if ["--release", "-r"].contains(&argument.as_str()) {
                seen.profile = Some("release".to_owned());
            } else if let Some(profile) = value_of(&["--profile"]) {
                seen.profile = Some(profile);
            } else if let Some(features) = value_of(&["--features", "-F"]) {
                let features = features.split([',', ' ']);
                let of_dependencies = features.filter(|feature| feature.contains('/'));
                seen.features.extend(of_dependencies.map(str::to_owned));
            } else if let Some(value) = value_of(&FURTHER_WITH_VALUE) {
                let option = &argument[..2];
                let option = if option == "--" { "--config" } else { option };
                seen.further.extend([option.to_owned(), value]);
            }
        }
        seen
    }
}

/// That of the Cargo that has started this process, maybe by way of a runner, which is given this executable's name.
fn command_line() -> Option<Vec<String>> {
    let this = std::env::args_os().next()?;
    let this = Path::new(&this).file_name()?.to_str()?.to_owned();
    let mut process = std::os::unix::process::parent_id();
    loop {
        let line = fs::read(format!("/proc/{process}/cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line);
        let line: Vec<String> = line.split('\0').map(str::to_owned).collect();
        let program = Path::new(line.first()?);
        if program.file_stem().is_some_and(|name| name == "cargo") {
            return Some(line);
        }
        if !line.iter().any(|argument| argument.contains(&this)) {
            return None;
        }
        process = parent_of(process)?;
    }
}

/// `proc(5)`, `/proc/pid/stat`: the name, which may have brackets, the state, the parent.
fn parent_of(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Dependency, Package, Seen, Wanted, parent_of};

    fn seen(line: &str) -> Seen {
        let line: Vec<String> = line.split(' ').map(str::to_owned).collect();
        Seen::of(&line)
    }

    #[test]
    fn what_the_compiler_is_not_told_is_read_from_cargos_command_line() {
        let line = "/bin/cargo bench -p app --features a,serde/derive -Fb/c --bench hot --profile=fast --config a=1 \
                    --locked -Zunstable-options --config=b=2 -- --features d/e";
        let seen = seen(line);
        assert_eq!(seen.profile.as_deref(), Some("fast"));
        assert_eq!(seen.features, ["serde/derive", "b/c"]);
        assert_eq!(
            seen.further.join(" "),
            "--config a=1 --locked -Z unstable-options --config b=2"
        );
    }

    #[test]
    fn an_alias_says_nothing() {
        assert_eq!(seen("cargo hb"), Seen::default());
    }

    #[test]
    fn features_are_asked_for_one_by_one() {
        let wanted = |features: &[&str], target: Option<&str>| Wanted {
            features: features.iter().map(|&feature| feature.to_owned()).collect(),
            profile: "bench".to_owned(),
            target: target.map(str::to_owned),
            further: vec!["--locked".to_owned()],
        };
        assert_eq!(
            wanted(&["default", "slow"], Some("x"))
                .arguments()
                .join(" "),
            "--no-default-features --features=default,slow --profile=bench --target=x --locked"
        );
        assert_eq!(
            wanted(&[], None).arguments().join(" "),
            "--no-default-features --profile=bench --locked"
        );
    }

    #[test]
    fn a_feature_of_a_dependency_is_known_by_the_name_that_the_package_has_for_it() {
        let package = Package {
            name: "app".to_owned(),
            features: [("slow".to_owned(), Vec::new())].into(),
            dependencies: vec![Dependency {
                name: "serde".to_owned(),
                rename: Some("s".to_owned()),
            }],
        };
        let known = ["slow", "s/derive", "s?/derive", "app/slow"];
        assert!(known.iter().all(|feature| package.has(feature)));
        let unknown = ["fast", "serde/derive", "slow/a"];
        assert!(!unknown.iter().any(|feature| package.has(feature)));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_parent_of_a_process_is_the_kernels() {
        let parent = std::os::unix::process::parent_id();
        assert_eq!(parent_of(std::process::id()), Some(parent));
    }
}
