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
    for (name, features) in [
        ("nothing", ""),
        ("guard", "guard"),
        ("everything", "full,profile"),
    ] {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args([
                "rustdoc",
                "-q",
                "-p",
                "hotbench",
                "--lib",
                "--no-default-features",
            ])
            .args(["--features", features])
            .args(["--", "-Zunstable-options", "--output-format", "json"]);
        let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime");
        run(command(&mut cargo, ".", &[])
            .current_dir(runtime)
            .env("RUSTDOC", &rustdoc))
        .passed();
        let api = Builder::from_rustdoc_json(target().join("doc/hotbench.json"))
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .omit_auto_derived_impls(true)
            .build()
            .expect("what this compiler's rustdoc writes");
        let items: Vec<String> = api.items().map(ToString::to_string).collect();
        assert!(items.len() > 10, "{items:#?}");
        settings.bind(|| {
            insta::assert_snapshot!(format!("public-api-of-{name}"), items.join("\n"));
        });
    }
}
