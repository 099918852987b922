//! What users can name, for each set of features that changes it: a change that breaks them is seen before it is
//! published.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use public_api::Builder;

use crate::support::{command, folder, run, target};

/// Rustdoc writes JSON where unstable options are let through, which Cargo need not know: it would build all
/// dependencies again.
const RUSTDOC: &str = "#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc \"$@\"\n";

#[test]
fn it_is_as_it_was_approved() {
    let folder = folder("public-api");
    let rustdoc = folder.join("rustdoc");
    fs::write(&rustdoc, RUSTDOC).expect("it can be written");
    fs::set_permissions(&rustdoc, fs::Permissions::from_mode(0o755)).expect("it can be set");
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    for (name, features, guard, engine) in [
        ("nothing", "", None, None),
        ("guard", "guard", Some(""), None),
        (
            "everything",
            "full,profile",
            Some("cases,profile"),
            Some("html,flamegraph,tokio"),
        ),
    ] {
        let of = |package, features| items(&rustdoc, package, features);
        let mut own = of("hotbench", features);
        for (package, features) in [("hotbench-guard", guard), ("hotbench-engine", engine)] {
            if let Some(features) = features {
                reexported(&mut own, package, of(package, features));
            }
        }
        assert!(own.len() > 10, "{own:#?}");
        settings.bind(|| {
            insta::assert_snapshot!(format!("public-api-of-{name}"), own.join("\n"));
        });
    }
}

/// What users can name of a package.
fn items(rustdoc: &Path, package: &str, features: &str) -> Vec<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["rustdoc", "-q", "-p", package, "--lib"])
        .args(["--no-default-features", "--features", features])
        .args(["--", "-Zunstable-options", "--output-format", "json"]);
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime");
    run(command(&mut cargo, ".", &[])
        .current_dir(runtime)
        .env("RUSTDOC", rustdoc))
    .passed();
    let json = format!("doc/{}.json", package.replace('-', "_"));
    let api = Builder::from_rustdoc_json(target().join(json))
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .expect("what this compiler's rustdoc writes");
    api.items().map(ToString::to_string).collect()
}

/// Puts what `hotbench` re-exports of a package in the place of the line that says so.
fn reexported(own: &mut Vec<String>, package: &str, items: Vec<String>) {
    let krate = format!("{}::", package.replace('-', "_"));
    let name_at = |rest: &str| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        rest[..end.unwrap_or(rest.len())].to_owned()
    };
    for item in items {
        // What it is of comes first.
        let Some((_, rest)) = item.split_once(&krate) else {
            continue;
        };
        let line = format!("pub use hotbench::{}", name_at(rest));
        let Some(at) = own.iter().position(|it| *it == line) else {
            continue;
        };
        // Those of one name stay together, and in their order.
        let of_it = own[at + 1..].iter().take_while(|it| it.starts_with("  "));
        let after = at + 1 + of_it.count();
        own.insert(after, format!("  {}", item.replace(&krate, "hotbench::")));
    }
}
