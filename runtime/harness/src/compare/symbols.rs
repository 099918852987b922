//! What the symbols of executables are, and which of them two executables share.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};

use super::launch::Both;

/// How much two executables lie alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Alike {
    /// Of those that both have, so many functions lie where they lie in the other.
    pub(super) functions: usize,
    pub(super) of: usize,
}

impl Alike {
    pub(super) fn is_complete(self) -> bool {
        self.functions == self.of
    }
}

/// The functions or statics of an executable that have one name. A generic one may be in several units of code.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Symbol<'a> {
    /// Without what the compiler adds to a name that it has made visible to another unit of code: a number that
    /// changes with the unit.
    pub(super) key: &'a str,
    pub(super) names: Vec<&'a str>,
    /// From where code begins: where that lies, in whole pages, is another place in each process.
    pub(super) addresses: Vec<u64>,
    pub(super) sizes: Vec<u64>,
    /// The keys of all that lie at these addresses: what compiles to the same code may be there once, by all its names.
    pub(super) aliases: BTreeSet<&'a str>,
    pub(super) is_function: bool,
}

impl Symbol<'_> {
    /// Several units of code have one of this name, which may be of other sizes, in the linker's own order: where they
    /// come first, what follows them is displaced.
    pub(super) fn is_repeated(&self) -> bool {
        self.addresses.len() > 1
    }
}

/// By their first addresses.
pub(super) fn symbols(executable: &[u8]) -> Vec<Symbol<'_>> {
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
    pub(super) fn alike(&self) -> Alike {
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
    pub(super) fn shared(&self) -> Vec<Both<&Symbol<'a>>> {
        let by_key = self.new.iter().map(|symbol| (symbol.key, symbol));
        let of_new: HashMap<_, _> = by_key.collect();
        let pairs = self.old.iter().filter_map(|old| {
            let new = *of_new.get(old.key)?;
            let are_alike = old.sizes == new.sizes && old.aliases == new.aliases;
            are_alike.then_some(Both { old, new })
        });
        pairs.collect()
    }

    pub(super) fn all_names(&self) -> impl Iterator<Item = &'a str> {
        let all = self.old.iter().chain(&self.new);
        all.flat_map(|symbol| symbol.names.iter().copied())
    }
}

impl<'a> Both<&Symbol<'a>> {
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.old.names.iter().chain(&self.new.names).copied()
    }
}

/// What was compiled with one of `crates`, in an executable that was linked in no order: what it has of others, too,
/// for its own types. The linker names the file of each local symbol, and rustc names its files as in
/// `app.c7f277785010e854-cgu.4`; what isn't local is taken to be of the file of what lies before it.
pub(super) fn compiled_with<'a>(executable: &'a [u8], crates: &[String]) -> HashSet<&'a str> {
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

#[cfg(test)]
mod tests {
    use super::symbols;

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
