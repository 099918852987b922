//! What is asked of a manifest, and changed in one: comments and order stay.

use std::path::{Path, PathBuf};

use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

use super::error::CliError;

pub(super) struct Manifest {
    path: PathBuf,
    document: DocumentMut,
}

/// A target's part of the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section<'a> {
    Lib,
    Bin(&'a str),
    Bench(&'a str),
}

/// Where a dependency comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    Version(String),
    Path(PathBuf),
    /// The line of the workspace.
    Workspace,
}

impl Section<'_> {
    fn key(self) -> &'static str {
        match self {
            Self::Lib => "lib",
            Self::Bin(_) => "bin",
            Self::Bench(_) => "bench",
        }
    }

    fn name(self) -> Option<String> {
        match self {
            Self::Lib => None,
            Self::Bin(name) | Self::Bench(name) => Some(name.to_owned()),
        }
    }
}

impl Manifest {
    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, CliError> {
        let document = text.parse().map_err(|error| CliError::Manifest {
            path: path.to_owned(),
            error,
        })?;
        Ok(Self {
            path: path.to_owned(),
            document,
        })
    }

    pub(super) fn text(&self) -> String {
        self.document.to_string()
    }

    fn shape(&self, key: &str) -> CliError {
        CliError::Shape {
            path: self.path.clone(),
            key: key.to_owned(),
        }
    }

    fn get(&self, keys: &[&str]) -> Option<&Item> {
        let root = self.document.as_item();
        keys.iter().try_fold(root, |item, key| item.get(key))
    }

    /// Whether this is the root of a workspace by a table of its own.
    pub(super) fn has_workspace(&self) -> bool {
        self.get(&["workspace"]).is_some()
    }

    /// Whether it lists hotbench for its members, by this key.
    pub(super) fn lists_for_members(&self, key: &str) -> bool {
        self.get(&["workspace", "dependencies", key]).is_some()
    }

    /// The version of Cargo's resolver that it asks for.
    pub(super) fn resolver(&self) -> u8 {
        let said = |keys: &[&str]| self.get(keys).and_then(Item::as_str);
        let explicit = said(&["workspace", "resolver"]).or(said(&["package", "resolver"]));
        if let Some(explicit) = explicit {
            return explicit.parse().unwrap_or(u8::MAX);
        }
        // Of a root without a package, editions say nothing.
        if self.get(&["package"]).is_none() {
            return 1;
        }
        let edition = said(&["package", "edition"]).or_else(|| {
            self.get(&["package", "edition", "workspace"])?;
            said(&["workspace", "package", "edition"])
        });
        match edition {
            None | Some("2015" | "2018") => 1,
            Some("2021") => 2,
            Some(_) => 3,
        }
    }

    pub(super) fn set_resolver(&mut self, version: &str) -> Result<(), CliError> {
        // Cargo takes one of the two alone.
        let is_of_package = self.get(&["package", "resolver"]).is_some();
        let key = match self.has_workspace() && !is_of_package {
            true => "workspace",
            false => "package",
        };
        set(self.table(key)?, "resolver", version.into());
        Ok(())
    }

    /// What the profile of `cargo bench` says, or that of releases, whose heir it is.
    pub(super) fn profile(&self, key: &str) -> Option<&Item> {
        let of = |profile: &str| self.get(&["profile", profile, key]);
        of("bench").or_else(|| of("release"))
    }

    pub(super) fn set_profile(&mut self, key: &str, to: Value) -> Result<(), CliError> {
        let profiles = self.document.entry("profile").or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        let table = profiles.as_table_like_mut().and_then(|profiles| {
            let bench = profiles
                .entry("bench")
                .or_insert_with(|| Item::Table(Table::new()));
            bench.as_table_like_mut()
        });
        match table {
            Some(table) => set(table, key, to),
            None => return Err(self.shape("profile.bench")),
        }
        Ok(())
    }

    /// A target's flag, where it is said.
    pub(super) fn flag(&self, section: Section<'_>, flag: &str) -> Option<bool> {
        let item = self.document.get(section.key())?;
        let table: &dyn TableLike = match section.name() {
            None => item.as_table_like()?,
            Some(name) => tables(item).find(|table| named(*table, &name))?,
        };
        table.get(flag)?.as_bool()
    }

    /// Sets a target's flag, in a part that is made if there is none: with a path, which Cargo may not find then.
    pub(super) fn set_flag(
        &mut self,
        section: Section<'_>,
        path: Option<&Path>,
        flag: &str,
        to: bool,
    ) -> Result<(), CliError> {
        let Some(name) = section.name() else {
            set(self.table(section.key())?, flag, to.into());
            return Ok(());
        };
        let key = section.key();
        // `bin = [{ … }]` becomes what it stands for, with a key of its own.
        let inline = self.document.get(key).is_some_and(Item::is_value);
        if inline && let Some((_, old)) = self.document.remove_entry(key) {
            let is_empty = old.as_array().is_some_and(toml_edit::Array::is_empty);
            let entries = match is_empty {
                true => ArrayOfTables::new(),
                false => old.into_array_of_tables().map_err(|_| self.shape(key))?,
            };
            self.document.insert(key, Item::ArrayOfTables(entries));
        }
        let item = self.document.entry(key);
        let item = item.or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        let Item::ArrayOfTables(entries) = item else {
            return Err(self.shape(key));
        };
        let index = entries.iter().position(|table| named(table, &name));
        let table = match index.and_then(|index| entries.get_mut(index)) {
            Some(table) => table,
            None => {
                let mut table = Table::new();
                table.insert("name", value(name));
                if let Some(path) = path {
                    table.insert("path", value(slashes(path)));
                }
                entries.push(table);
                let last = entries.len() - 1;
                entries.get_mut(last).expect("it was pushed")
            }
        };
        set(table, flag, to.into());
        Ok(())
    }

    /// Adds a dependency, or features to the one that is there.
    pub(super) fn depend(
        &mut self,
        kind: &str,
        key: &str,
        source: &Source,
        features: &[&str],
    ) -> Result<(), CliError> {
        let shape = self.shape(&format!("{kind}.{key}"));
        let twin = self.twin(kind, key);
        let table = self.table(kind)?;
        let item = match table.get_mut(key) {
            Some(item) => item,
            None => {
                table.insert(key, twin.unwrap_or_else(|| value(source.value(key))));
                table.get_mut(key).expect("it was inserted")
            }
        };
        if features.is_empty() {
            return Ok(());
        }
        let entry = as_table(item).ok_or(shape)?;
        let list = entry
            .entry("features")
            .or_insert_with(|| value(toml_edit::Array::new()));
        let Some(list) = list.as_array_mut() else {
            return Err(self.shape(&format!("{kind}.{key}.features")));
        };
        for feature in features {
            if !list.iter().any(|one| one.as_str() == Some(feature)) {
                list.push(*feature);
            }
        }
        tidy(item);
        Ok(())
    }

    /// The line of the other kind of dependencies, or of those of a platform, from which this one must not differ but by its features: there would
    /// be two hotbenches.
    fn twin(&self, kind: &str, key: &str) -> Option<Item> {
        let other = match kind {
            "dependencies" => "dev-dependencies",
            _ => "dependencies",
        };
        let of_targets = self.get(&["target"]).and_then(Item::as_table_like);
        let of_targets = of_targets.into_iter().flat_map(|targets| targets.iter());
        let mut of_targets = of_targets.flat_map(|(_, target)| {
            [kind, other].map(|kind| target.get(kind).and_then(|table| table.get(key)))
        });
        let twin = self.get(&[other, key]);
        let mut twin = twin.or_else(|| of_targets.find_map(|item| item))?.clone();
        if let Some(value) = twin.as_value_mut() {
            value.decor_mut().clear();
        }
        if let Some(table) = twin.as_table_like_mut() {
            table.remove("features");
            table.remove("optional");
        }
        Some(twin)
    }

    /// A table of the root, which is made if there is none.
    fn table(&mut self, key: &str) -> Result<&mut dyn TableLike, CliError> {
        let shape = self.shape(key);
        let after = self.document.get("package").and_then(Item::as_table);
        let after = after.and_then(Table::position);
        let item = self.document.entry(key).or_insert_with(|| {
            let mut table = Table::new();
            if key == "lib" {
                // Where people look for it; all others come last.
                table.set_position(after);
            }
            Item::Table(table)
        });
        item.as_table_like_mut().ok_or(shape)
    }
}

impl Source {
    fn value(&self, key: &str) -> Value {
        let (name, source): (&str, Value) = match self {
            Self::Version(version) if key == "hotbench" => return version.as_str().into(),
            Self::Version(version) => ("version", version.as_str().into()),
            Self::Path(path) => ("path", slashes(path).into()),
            Self::Workspace => ("workspace", true.into()),
        };
        let mut table = InlineTable::new();
        table.insert(name, source);
        if key != "hotbench" && *self != Self::Workspace {
            table.insert("package", "hotbench".into());
        }
        table.into()
    }
}

/// A dependency's line as a table, what was a version alone among them.
fn as_table(item: &mut Item) -> Option<&mut dyn TableLike> {
    if let Some(version) = item.as_str().map(str::to_owned) {
        let mut table = InlineTable::new();
        table.insert("version", version.into());
        if let Some(old) = item.as_value() {
            *table.decor_mut() = old.decor().clone();
        }
        *item = value(table.clone());
        if let Some(new) = item.as_value_mut() {
            *new.decor_mut() = table.decor().clone();
        }
    }
    item.as_table_like_mut()
}

/// Spaces of an inline table to which something was added. Other tables have comments, which stay as they are.
fn tidy(item: &mut Item) {
    if let Some(table) = item.as_inline_table_mut() {
        table.fmt();
    }
}

/// The entries of `[[bin]]`, in either way of writing them.
fn tables(item: &Item) -> Box<dyn Iterator<Item = &dyn TableLike> + '_> {
    match item {
        Item::ArrayOfTables(tables) => Box::new(tables.iter().map(|table| table as &dyn TableLike)),
        Item::Value(Value::Array(values)) => {
            let tables = values.iter().filter_map(Value::as_inline_table);
            Box::new(tables.map(|table| table as &dyn TableLike))
        }
        _ => Box::new(std::iter::empty()),
    }
}

fn named(table: &dyn TableLike, name: &str) -> bool {
    table.get("name").and_then(Item::as_str) == Some(name)
}

/// Sets a value, and leaves the comment behind it.
fn set(table: &mut dyn TableLike, key: &str, to: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            let decor = old.decor().clone();
            *old = to;
            *old.decor_mut() = decor;
        }
        None => {
            table.insert(key, value(to));
        }
    }
}

/// A path as manifests have it on every system.
pub(super) fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
