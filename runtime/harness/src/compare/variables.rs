//! The variables of `[env]` in Cargo's configuration: Cargo has set those of the user's tree for this process, and what
//! it starts would inherit them. An older version has its own.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use toml_edit::{DocumentMut, Item};

/// What is set for a process, or taken from it.
pub(crate) type Changes = Vec<(String, Option<OsString>)>;

pub(super) fn apply(changes: &Changes, command: &mut Command) {
    for (name, value) in changes {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
}

/// A variable as a file configures it.
#[derive(Debug, PartialEq, Eq)]
struct Variable {
    name: String,
    value: OsString,
    /// It is set even if the user's environment has it.
    force: bool,
}

/// What turns the environment of the newer version, built in a folder of its repository, into that of the older one.
pub(super) fn changes(newer: [&Path; 2], older: [&Path; 2]) -> Changes {
    let inherited = |name: &str| std::env::var_os(name);
    let configured = configured(newer);
    // A value that the user has set himself stays.
    let set_by_cargo = configured
        .iter()
        .filter(|variable| inherited(&variable.name).as_ref() == Some(&variable.value));
    let mut changes: Changes = set_by_cargo
        .map(|variable| (variable.name.clone(), None))
        .collect();
    for variable in self::configured(older) {
        let position = changes.iter().position(|(name, _)| *name == variable.name);
        match position {
            Some(position) => changes[position].1 = Some(variable.value),
            None if variable.force || inherited(&variable.name).is_none() => {
                changes.push((variable.name, Some(variable.value)));
            }
            None => {}
        }
    }
    changes
}

/// Those of the configuration in `folder` and in those above it, within the repository at `root`.
fn configured([folder, root]: [&Path; 2]) -> Vec<Variable> {
    let mut found: Vec<Variable> = Vec::new();
    let inside = folder.ancestors().take_while(|dir| dir.starts_with(root));
    for dir in inside {
        // Of two, Cargo takes the one without an extension.
        let files = ["config", "config.toml"].map(|name| dir.join(".cargo").join(name));
        let Some(text) = files.iter().find_map(|file| fs::read_to_string(file).ok()) else {
            continue;
        };
        for variable in read(&text, dir) {
            if found.iter().all(|nearer| nearer.name != variable.name) {
                found.push(variable);
            }
        }
    }
    found
}

/// The Cargo Book, "Configuration", `[env]`.
fn read(text: &str, dir: &Path) -> Vec<Variable> {
    let Ok(config) = text.parse::<DocumentMut>() else {
        // Cargo says what is wrong with it.
        return Vec::new();
    };
    let Some(table) = config.get("env").and_then(Item::as_table_like) else {
        return Vec::new();
    };
    let variables = table.iter().filter_map(|(name, item)| {
        let is_set = |key| item.get(key).and_then(Item::as_bool).unwrap_or(false);
        let value = item.as_str().or_else(|| item.get("value")?.as_str())?;
        let value = match is_set("relative") {
            true => dir.join(value).into_os_string(),
            false => value.into(),
        };
        Some(Variable {
            name: name.to_owned(),
            value,
            force: is_set("force"),
        })
    });
    variables.collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{changes, read};

    #[test]
    fn a_value_may_be_forced_and_relative() {
        let text =
            "[env]\nA = 'a'\nB = { value = 'b', relative = true, force = true }\nC.value = 'c'\n";
        let variables = read(text, Path::new("/home/user/app"));
        let shown: Vec<String> = variables
            .iter()
            .map(|it| format!("{}={} {}", it.name, it.value.display(), it.force))
            .collect();
        assert_eq!(shown, ["A=a false", "B=/home/user/app/b true", "C=c false"]);
        assert_eq!(read("[build]\n", Path::new("/")), []);
        assert_eq!(read("[env", Path::new("/")), []);
    }

    #[test]
    fn the_newer_versions_variables_are_taken_from_the_older_one_and_its_own_are_set() {
        let folder = tempfile::tempdir().expect("a folder");
        let [newer, older] = ["newer", "older"].map(|name| folder.path().join(name));
        let home = std::env::var("PATH").expect("there is a path");
        for (root, text) in [
            (
                &newer,
                format!("[env]\nPATH = '{home}'\nHOTBENCH_UNSET = '1'\n"),
            ),
            (
                &older,
                "[env]\nHOTBENCH_OWN = '2'\nHOME = 'none'\n".to_owned(),
            ),
        ] {
            fs::create_dir_all(root.join(".cargo")).expect("made");
            fs::write(root.join(".cargo/config.toml"), text).expect("written");
        }
        let found = changes([&newer, &newer], [&older, &older]);
        // What the environment has otherwise is the user's.
        let expected = [
            ("PATH".to_owned(), None),
            ("HOTBENCH_OWN".to_owned(), Some("2".into())),
        ];
        assert_eq!(found, expected);
    }
}
