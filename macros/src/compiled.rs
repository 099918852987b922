//! How the compiler was called for this crate: by Cargo, whatever alias, wrapper or runner has started that one.

use std::path::Path;

use proc_macro2::TokenStream;
use quote::quote;

/// The settings of `-C` on which the machine code depends. Others are paths, or say what a debugger gets.
const CODEGEN: [&str; 8] = [
    "codegen-units",
    "debug-assertions",
    "lto",
    "opt-level",
    "overflow-checks",
    "panic",
    "target-cpu",
    "target-feature",
];

/// A line for each fact: `feature NAME`, `cfg OTHER`, `codegen KEY=VALUE`, `target TRIPLE`, `folder NAME`. The folder
/// is Cargo's for the profile: `release`, `debug`, or the name of a profile of the user's.
pub(crate) fn facts(arguments: impl Iterator<Item = String>) -> String {
    let mut facts: Vec<String> = Vec::new();
    let mut option: Option<String> = None;
    for argument in arguments {
        if let Some(name) = option.take() {
            facts.extend(fact(&name, &argument));
        } else if APART.contains(&&*argument) {
            option = Some(argument);
        } else if let Some((name, value)) = joined(&argument) {
            facts.extend(fact(name, value));
        }
    }
    facts.sort();
    facts.dedup();
    facts.join("\n")
}

/// Whether the `main` of this crate is libtest's.
pub(crate) fn is_for_libtest(mut arguments: impl Iterator<Item = String>) -> bool {
    arguments.any(|argument| argument == "--test")
}

/// What libtest's `main` would run is nothing, and it would say that all is well.
pub(crate) fn libtest_error() -> TokenStream {
    let name = std::env::var("CARGO_CRATE_NAME").unwrap_or_default();
    let message = format!(
        "libtest would run this target, and none of its cases: `harness = false` is missing. Write in Cargo.toml:\n\n\
         [[bench]]\nname = \"{name}\"\nharness = false\ntest = true"
    );
    quote!(::core::compile_error!(#message))
}

/// Options whose value may be the next argument. Others need not be known: their values look like none of these.
const APART: [&str; 5] = ["-C", "--codegen", "--cfg", "--target", "--out-dir"];

/// `--cfg=a`, `-Copt-level=3`.
fn joined(argument: &str) -> Option<(&str, &str)> {
    match argument.strip_prefix("-C") {
        Some(value) => Some(("-C", value)),
        None => argument.split_once('='),
    }
}

fn fact(name: &str, value: &str) -> Option<String> {
    match name {
        "--cfg" => {
            let feature = value.strip_prefix("feature=");
            Some(feature.map_or_else(
                || format!("cfg {value}"),
                |feature| format!("feature {}", feature.trim_matches('"')),
            ))
        }
        "-C" | "--codegen" => {
            let key = value.split('=').next().unwrap_or(value).replace('_', "-");
            CODEGEN.contains(&&*key).then(|| format!("codegen {value}"))
        }
        "--target" => Some(format!("target {value}")),
        "--out-dir" => profile_folder(Path::new(value)).map(|folder| format!("folder {folder}")),
        _ => None,
    }
}

/// `release`, of `target/release/deps` and `target/TRIPLE/release/deps`; and of `release/build/PACKAGE/HASH/out`, which
/// newer versions of Cargo have.
fn profile_folder(out_dir: &Path) -> Option<&str> {
    let has_outputs = |folder: &&Path| folder.ends_with("deps") || folder.ends_with("build");
    let outputs = out_dir.ancestors().find(has_outputs)?;
    outputs.parent()?.file_name()?.to_str()
}

#[cfg(test)]
mod tests {
    use super::facts;

    fn of(arguments: &[&str]) -> String {
        facts(arguments.iter().map(|&argument| argument.to_owned())).replace('\n', ", ")
    }

    #[test]
    fn features_profile_and_target_are_those_of_the_compilers_arguments() {
        let arguments = [
            "rustc",
            "--crate-name",
            "hot",
            // An odd number of arguments that are of no interest.
            "benches/hot.rs",
            "-C",
            "opt-level=3",
            "-Clto=fat",
            "-C",
            "metadata=1",
            "--cfg",
            "feature=\"slow\"",
            "--cfg=feature=\"default\"",
            "--cfg",
            "fast",
            "--target",
            "x86_64-unknown-linux-gnu",
            "--out-dir",
            "/home/u/build/target/x86_64-unknown-linux-gnu/quick/deps",
        ];
        assert_eq!(
            of(&arguments),
            "cfg fast, codegen lto=fat, codegen opt-level=3, feature default, feature slow, folder quick, \
             target x86_64-unknown-linux-gnu"
        );
        let arguments = ["rustc", "--out-dir=/t/release/build/app/0f/out"];
        assert_eq!(of(&arguments), "folder release");
    }

    #[test]
    fn of_another_programs_arguments_nothing_is_known() {
        assert_eq!(of(&["rust-analyzer-proc-macro-srv", "-C", "--cfg"]), "");
        assert_eq!(of(&[]), "");
    }
}
