//! Has what both versions have lie in the same place in both.
//!
//! A function that has not changed, and is aligned as it was, still takes another time where another part of a page
//! has it, or what it calls: a function that was added elsewhere made `growing` of `benches/` "faster" and its
//! `sorting` "slower", in 31 of 32 comparisons. LLD takes an order of symbols. Those that both executables have, of
//! one size and by the same names, come first, so that they lie at the same addresses, and after them what differs.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};

use super::error::CompareError;
use super::executable::Executable;
use super::launch::Both;

/// The order that both versions are linked in, which is kept from one comparison to the next.
#[derive(Debug)]
pub(super) struct Layout {
    file: PathBuf,
    rustflags: [String; 3],
}

/// What two executables are in their files.
pub(super) struct Images(Both<Vec<u8>>);

/// How much two executables lie alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Alike {
    /// Of those that both have, so many functions lie where they lie in the other.
    pub(super) functions: usize,
    pub(super) of: usize,
}

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

impl Alike {
    fn is_complete(self) -> bool {
        self.functions == self.of
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

/// The functions or statics of an executable that have one name. A generic one may be in several units of code.
#[derive(Debug, PartialEq, Eq)]
struct Symbol<'a> {
    /// Without what the compiler adds to a name that it has made visible to another unit of code: a number that
    /// changes with the unit.
    key: &'a str,
    names: Vec<&'a str>,
    /// From where code begins: where that lies, in whole pages, is another place in each process.
    addresses: Vec<u64>,
    sizes: Vec<u64>,
    /// The keys of all that lie at these addresses: what compiles to the same code may be there once, by all its names.
    aliases: BTreeSet<&'a str>,
    is_function: bool,
}

impl Symbol<'_> {
    /// Several units of code have one of this name, which may be of other sizes, in the linker's own order: where they
    /// come first, what follows them is displaced.
    fn is_repeated(&self) -> bool {
        self.addresses.len() > 1
    }
}

/// By their first addresses.
fn symbols(executable: &[u8]) -> Vec<Symbol<'_>> {
    let Ok(file) = object::File::parse(executable) else {
        return Vec::new();
    };
    let code = file.section_by_name(".text");
    let code = code.map_or(0, |section| section.address());
    let mut by_key: BTreeMap<&str, Symbol<'_>> = BTreeMap::new();
    let mut all: Vec<_> = file
        .symbols()
        .filter(|symbol| symbol.is_definition() && symbol.size() > 0)
        .collect();
    all.sort_by_key(ObjectSymbol::address);
    for symbol in all {
        let is_function = match symbol.kind() {
            SymbolKind::Text => true,
            SymbolKind::Data | SymbolKind::Tls => false,
            _ => continue,
        };
        let Some(name) = symbol.name().ok().filter(|name| can_be_ordered(name)) else {
            continue;
        };
        let key = name.split_once(".llvm.").map_or(name, |(key, _)| key);
        let of_key = by_key.entry(key).or_insert_with(|| Symbol {
            key,
            names: Vec::new(),
            addresses: Vec::new(),
            sizes: Vec::new(),
            aliases: BTreeSet::new(),
            is_function,
        });
        if !of_key.names.contains(&name) {
            of_key.names.push(name);
        }
        of_key.addresses.push(symbol.address().wrapping_sub(code));
        of_key.sizes.push(symbol.size());
    }
    let mut symbols: Vec<_> = by_key.into_values().collect();
    let mut keys_at: HashMap<u64, BTreeSet<&str>> = HashMap::new();
    for symbol in &symbols {
        for &address in &symbol.addresses {
            keys_at.entry(address).or_default().insert(symbol.key);
        }
    }
    for symbol in &mut symbols {
        let at = |address| keys_at.get(address).into_iter().flatten().copied();
        symbol.aliases = symbol.addresses.iter().flat_map(at).collect();
    }
    // Not by their addresses, which are to change.
    symbols
        .iter_mut()
        .for_each(|symbol| symbol.sizes.sort_unstable());
    symbols.sort_by_key(|symbol| symbol.addresses[0].cast_signed());
    symbols
}

/// The linker orders sections, and most functions have one of their own. What registers a case has not: those of a unit
/// of code are in one, which grows with each case. What isn't named comes last.
fn can_be_ordered(name: &str) -> bool {
    const OF_INVENTORY: [&str; 2] = ["__ctor", "__CTOR"];
    !name.is_empty() && !OF_INVENTORY.iter().any(|part| name.contains(part))
}

impl<'a> Both<Vec<Symbol<'a>>> {
    fn alike(&self) -> Alike {
        let shared = self.shared();
        let functions: Vec<_> = shared.iter().filter(|pair| pair.old.is_function).collect();
        let alike = functions
            .iter()
            .filter(|pair| pair.old.addresses == pair.new.addresses);
        Alike {
            functions: alike.count(),
            of: functions.len(),
        }
    }

    /// What both have, of the same size and by the same names, in the order of the older one.
    fn shared(&self) -> Vec<Both<&Symbol<'a>>> {
        let by_key = self.new.iter().map(|symbol| (symbol.key, symbol));
        let of_new: HashMap<_, _> = by_key.collect();
        let pairs = self.old.iter().filter_map(|old| {
            let new = *of_new.get(old.key)?;
            let are_alike = old.sizes == new.sizes && old.aliases == new.aliases;
            are_alike.then_some(Both { old, new })
        });
        pairs.collect()
    }
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

/// What was compiled with one of `crates`, in an executable that was linked in no order: what it has of others, too,
/// for its own types. The linker names the file of each local symbol, and rustc names its files as in
/// `app.c7f277785010e854-cgu.4`; what isn't local is taken to be of the file of what lies before it.
fn compiled_with<'a>(executable: &'a [u8], crates: &[String]) -> HashSet<&'a str> {
    let Ok(file) = object::File::parse(executable) else {
        return HashSet::new();
    };
    let mut is_of_crates = false;
    let mut symbols = Vec::new();
    for symbol in file.symbols() {
        let Ok(name) = symbol.name() else { continue };
        if symbol.kind() == SymbolKind::File {
            let file_of = name.split('.').next().unwrap_or_default();
            is_of_crates = crates.iter().any(|name| name == file_of);
        } else {
            let known = symbol.is_local().then_some(is_of_crates);
            symbols.push((symbol.address(), name, known));
        }
    }
    symbols.sort_by_key(|(address, ..)| *address);
    let mut before = false;
    symbols.retain(|(_, _, known)| {
        before = known.unwrap_or(before);
        before
    });
    symbols.into_iter().map(|(_, name, _)| name).collect()
}

/// The same where the older one stays as it is: what it has, as it has it, and then what the newer one has alone.
fn order_of_the_old(symbols: &Both<Vec<Symbol<'_>>>) -> String {
    lines(symbols.all_names())
}

impl<'a> Both<&Symbol<'a>> {
    fn names(&self) -> impl Iterator<Item = &'a str> {
        self.old.names.iter().chain(&self.new.names).copied()
    }
}

impl<'a> Both<Vec<Symbol<'a>>> {
    fn all_names(&self) -> impl Iterator<Item = &'a str> {
        let all = self.old.iter().chain(&self.new);
        all.flat_map(|symbol| symbol.names.iter().copied())
    }
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

    use super::{Both, Symbol, order, order_of_one, order_of_the_old, symbols};

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

    #[test]
    fn an_executable_has_its_functions() {
        let this = std::env::current_exe().expect("this program");
        let bytes = std::fs::read(this).expect("an executable");
        let symbols = symbols(&bytes);
        let name = "an_executable_has_its_functions";
        assert!(symbols.iter().any(|symbol| symbol.key.contains(name)));
        assert!(symbols.is_sorted_by_key(|symbol| symbol.addresses[0].cast_signed()));
    }
}
