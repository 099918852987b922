//! Has what both versions have lie in the same place in both.
//!
//! A function that has not changed, and is aligned as it was, still takes another time where another part of a page
//! has it, or what it calls: a function that was added elsewhere made `growing` of `benches/` "faster" and its
//! `sorting` "slower", in 31 of 32 comparisons. LLD takes an order of symbols. Those that both executables have, of
//! one size and by the same names, come first, so that they lie at the same addresses, and after them what differs.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use object::{Object, ObjectSection};

use super::error::CompareError;
use super::executable::Executable;
use super::launch::Both;
use super::symbols::{Alike, Symbol, compiled_with, symbols};

/// The order that both versions are linked in, which is kept from one comparison to the next.
#[derive(Debug)]
pub(super) struct Layout {
    file: PathBuf,
    rustflags: [String; 3],
}

/// What two executables are in their files.
pub(super) struct Images(Both<Vec<u8>>);

impl Layout {
    /// None if the linker that has linked `executable` takes no order. Else what is built in `folder` is to be built
    /// with its flags.
    pub(super) fn prepare(executable: &Path, folder: &Path) -> Result<Option<Self>, CompareError> {
        let file = folder.join("order");
        // A comma ends an option of the linker's.
        if !is_linked_by_lld(executable) || file.to_string_lossy().contains([',', ' ']) {
            return Ok(None);
        }
        if !file.exists() {
            let made = fs::create_dir_all(folder).and_then(|()| fs::write(&file, ""));
            made.map_err(|error| CompareError::Write(file.clone(), error))?;
        }
        let options = [
            format!("--symbol-ordering-file={}", file.display()),
            // It may name what a build script has not.
            "--no-warn-symbol-ordering".to_owned(),
            // Else code begins within the page in which the constants end.
            "-z,separate-loadable-segments".to_owned(),
        ];
        Ok(Some(Self {
            file,
            rustflags: options.map(|option| format!("-Clink-arg=-Wl,{option}")),
        }))
    }

    pub(super) fn rustflags(&self) -> impl Iterator<Item = &str> {
        self.rustflags.iter().map(String::as_str)
    }

    /// Writes an order for a version that is to be compared with what will be written only then: what isn't of the
    /// `crates` that are likely to change comes first. False if there is an order. Else the executable is gone, so that
    /// Cargo links it.
    pub(super) fn settle(
        &self,
        executable: &Executable,
        crates: &[String],
    ) -> Result<bool, CompareError> {
        if !read_to_string(&self.file)?.is_empty() {
            return Ok(false);
        }
        let bytes = read(executable.path())?;
        let order = order_of_one(&symbols(&bytes), &compiled_with(&bytes, crates));
        self.link_again(&[executable], &order)?;
        Ok(true)
    }

    /// Writes the order that the two are to be linked in, the older one only if it is not `kept` as it is. False if
    /// they have been already, or lie alike as they are. Else they are gone, so that Cargo links them.
    pub(super) fn arrange(
        &self,
        executables: &Both<Executable>,
        images: &Images,
        kept: bool,
    ) -> Result<bool, CompareError> {
        let symbols = images.symbols();
        if symbols.alike().is_complete() {
            return Ok(false);
        }
        let former = read_to_string(&self.file)?;
        let order = match kept {
            true => order_of_the_old(&symbols),
            false => order(&symbols, &former),
        };
        if order == former {
            return Ok(false);
        }
        let Both { old, new } = executables;
        let both = [new, old];
        let linked = if kept { &both[..1] } else { &both[..] };
        self.link_again(linked, &order)?;
        Ok(true)
    }

    fn link_again(&self, executables: &[&Executable], order: &str) -> Result<(), CompareError> {
        let write = |path: &Path, result: io::Result<()>| {
            result.map_err(|error| CompareError::Write(path.to_owned(), error))
        };
        // First of all, so that none remains that was linked in another order.
        for executable in executables {
            write(executable.path(), fs::remove_file(executable.path()))?;
        }
        write(&self.file, fs::write(&self.file, order))
    }
}

impl Images {
    pub(super) fn read(executables: &Both<Executable>) -> Result<Self, CompareError> {
        Ok(Self(Both {
            old: read(executables.old.path())?,
            new: read(executables.new.path())?,
        }))
    }

    pub(super) fn alike(&self) -> Alike {
        self.symbols().alike()
    }

    fn symbols(&self) -> Both<Vec<Symbol<'_>>> {
        Both {
            old: symbols(&self.0.old),
            new: symbols(&self.0.new),
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CompareError> {
    fs::read(path).map_err(|error| CompareError::Read(path.to_owned(), error))
}

fn read_to_string(path: &Path) -> Result<String, CompareError> {
    fs::read_to_string(path).map_err(|error| CompareError::Read(path.to_owned(), error))
}

fn is_linked_by_lld(executable: &Path) -> bool {
    let says_so = |bytes: &[u8]| {
        let file = object::File::parse(bytes).ok()?;
        let comment = file.section_by_name(".comment")?.data().ok()?;
        Some(String::from_utf8_lossy(comment).contains("LLD"))
    };
    fs::read(executable).is_ok_and(|bytes| says_so(&bytes) == Some(true))
}

/// A name a line: what both have, as far as may be in the `former` order, which is kept as long as they have the same;
/// and then what each has alone.
fn order(symbols: &Both<Vec<Symbol<'_>>>, former: &str) -> String {
    let places: HashMap<&str, usize> = former.lines().zip(0..).collect();
    let mut shared = symbols.shared();
    shared.sort_by_key(|pair| {
        let places = pair.names().filter_map(|name| places.get(name));
        let place = places.min().copied().unwrap_or(usize::MAX);
        (pair.old.is_repeated(), place)
    });
    let mut others: Vec<&str> = symbols.all_names().collect();
    others.sort_unstable();
    lines(shared.iter().flat_map(Both::names).chain(others))
}

/// What is not among `likely_to_change`, and then that.
fn order_of_one(symbols: &[Symbol<'_>], likely_to_change: &HashSet<&str>) -> String {
    let mut names: Vec<(bool, bool, &str)> = Vec::new();
    for symbol in symbols {
        let ranked = symbol.names.iter().map(|name| {
            let changes = likely_to_change.contains(name);
            (changes, symbol.is_repeated(), *name)
        });
        names.extend(ranked);
    }
    names.sort_by_key(|(changes, is_repeated, _)| (*changes, *is_repeated));
    lines(names.into_iter().map(|(_, _, name)| name))
}

/// The same where the older one stays as it is: what it has, as it has it, and then what the newer one has alone.
fn order_of_the_old(symbols: &Both<Vec<Symbol<'_>>>) -> String {
    lines(symbols.all_names())
}

/// Each once.
fn lines<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut written = HashSet::new();
    let mut lines = String::new();
    for name in names.filter(|name| written.insert(*name)) {
        lines.push_str(name);
        lines.push('\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use super::{Both, Symbol, order, order_of_one, order_of_the_old};

    fn symbol(name: &str, address: u64, size: u64) -> Symbol<'_> {
        Symbol {
            key: name.split('.').next().unwrap_or(name),
            names: vec![name],
            addresses: vec![address],
            sizes: vec![size],
            aliases: BTreeSet::from([name.split('.').next().unwrap_or(name)]),
            is_function: true,
        }
    }

    fn two_versions() -> Both<Vec<Symbol<'static>>> {
        Both {
            old: vec![
                symbol("changed", 0, 64),
                symbol("b", 64, 64),
                symbol("gone", 128, 64),
                symbol("a.llvm.12", 192, 64),
            ],
            new: vec![
                symbol("a.llvm.34", 0, 64),
                symbol("added", 64, 64),
                symbol("b", 128, 64),
                symbol("changed", 192, 128),
            ],
        }
    }

    #[test]
    fn what_both_have_comes_first_in_the_order_of_the_older() {
        let order = order(&two_versions(), "");
        assert_eq!(order, "b\na.llvm.12\na.llvm.34\nadded\nchanged\ngone\n");
    }

    #[test]
    fn what_is_there_once_by_two_names_in_one_version_alone_is_not_the_same() {
        let mut versions = two_versions();
        versions.old[1].aliases.insert("c");
        assert!(!order(&versions, "").starts_with("b\n"));
        versions.new[2].aliases.insert("c");
        assert!(order(&versions, "").starts_with("b\n"));
    }

    #[test]
    fn what_several_units_have_comes_after_what_one_has() {
        let mut versions = two_versions();
        versions.old[1].addresses.push(256);
        versions.new[2].addresses.push(320);
        assert!(order(&versions, "").starts_with("a.llvm.12\na.llvm.34\nb\n"));
        let alone = order_of_one(&versions.old, &HashSet::from(["changed"]));
        assert_eq!(alone, "gone\na.llvm.12\nb\nchanged\n");
    }

    #[test]
    fn an_order_that_they_had_is_kept() {
        let former = "a.llvm.12\na.llvm.34\nunknown\nb\nadded\nchanged\ngone\n";
        let again = order(&two_versions(), former);
        assert_eq!(again, former.replace("unknown\n", ""));
        assert_eq!(order(&two_versions(), &again), again);
    }

    #[test]
    fn what_is_likely_to_change_comes_last_where_there_is_one_version() {
        let likely = HashSet::from(["a.llvm.12", "changed"]);
        let order = order_of_one(&two_versions().old, &likely);
        assert_eq!(order, "b\ngone\nchanged\na.llvm.12\n");
    }

    #[test]
    fn where_the_older_one_is_kept_what_has_changed_stays_in_its_place() {
        assert_eq!(
            order_of_the_old(&two_versions()),
            "changed\nb\ngone\na.llvm.12\na.llvm.34\nadded\n"
        );
    }
}
