//! What the lock file has of hotbench.

use toml_edit::{DocumentMut, Item};

use super::machine::Words;

/// What is wrong with it, if something is.
pub(super) fn problem(text: &str) -> Option<Words> {
    let document: DocumentMut = text.parse().ok()?;
    let packages = document.get("package")?.as_array_of_tables()?;
    let versions = |name: &str| {
        let packages = packages.iter();
        let named =
            packages.filter(move |one| one.get("name").and_then(Item::as_str) == Some(name));
        let versions = named.filter_map(|one| one.get("version").and_then(Item::as_str));
        versions.collect::<Vec<_>>()
    };
    let (runtime, macros) = (versions("hotbench"), versions("hotbench-macros"));
    if runtime.len() > 1 {
        return Some((
            format!(
                "Cargo.lock has hotbench {}: the cases of one are not seen by the harness of another",
                runtime.join(" and ")
            ),
            "ask for the same version in each manifest (`cargo tree -i hotbench` names them)"
                .into(),
        ));
    }
    let (Some(runtime), Some(macros)) = (runtime.first(), macros.first()) else {
        return None;
    };
    (runtime != macros).then(|| {
        (
            format!("Cargo.lock has hotbench {runtime} and hotbench-macros {macros}, which don't fit each other"),
            "`cargo update hotbench hotbench-macros`".into(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::problem;

    fn lock(packages: &[(&str, &str)]) -> String {
        let packages = packages.iter().map(|(name, version)| {
            format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\n")
        });
        packages.collect()
    }

    #[test]
    fn versions_that_differ_are_a_problem() {
        let said = |packages: &[(&str, &str)]| problem(&lock(packages)).map(|(what, _)| what);
        assert_eq!(
            said(&[("hotbench", "0.1.0"), ("hotbench-macros", "0.1.0")]),
            None
        );
        assert_eq!(said(&[("other", "0.1.0")]), None);
        let apart = said(&[("hotbench", "0.1.0"), ("hotbench-macros", "0.1.1")]);
        assert!(
            apart
                .expect("a problem")
                .contains("hotbench 0.1.0 and hotbench-macros 0.1.1")
        );
        let twice = said(&[("hotbench", "0.1.0"), ("hotbench", "0.2.0")]);
        assert!(twice.expect("a problem").contains("0.1.0 and 0.2.0"));
    }
}
