//! The names of functions, as debug info has them.

use std::path::Path;

use super::{is_users_file, own};

/// A function's path as `type_name` has it, without what the compiler adds for closures, and without
/// generic arguments: `app::parse`, `app::Parser::next`, `<app::Parser as core::iter::Iterator>::next`.
pub fn plain(function: &str) -> String {
    let mut plain = String::with_capacity(function.len());
    let mut depth = 0;
    let mut last = ' ';
    for c in function.chars() {
        let is_arrow = c == '>' && last == '-';
        last = c;
        match c {
            _ if is_arrow && depth > 0 => {}
            // The angle brackets of `<Type as Trait>` begin the path.
            '<' if !plain.is_empty() => depth += 1,
            '>' if depth > 0 => depth -= 1,
            c if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    let plain = plain.replace("::::", "::");
    let end = ["::{closure", "::{{closure", "::{async"]
        .iter()
        .filter_map(|closure| plain.find(closure))
        .min();
    let plain = plain[..end.unwrap_or(plain.len())].trim_end_matches("::");
    match plain
        .strip_prefix('<')
        .and_then(|path| path.split_once('>'))
    {
        // An inherent method.
        Some((ty, method)) if !ty.contains(" as ") => format!("{ty}{method}"),
        _ => plain.to_owned(),
    }
}

pub(super) fn is_without_path(name: &str) -> bool {
    let generic = name.find('<').unwrap_or(name.len());
    generic > 0 && !name[..generic].contains("::")
}

/// Whether it is what `#[global_allocator]` makes, which stands at the user's static.
pub(super) fn is_allocator(function: &str) -> bool {
    let name = function.rsplit("::").next();
    function.starts_with("__rustc") || name.is_some_and(|name| name.starts_with("__rust_"))
}

/// A function's name with its module, if it is not the user's. With line tables alone the name comes
/// without, and the patterns of hints are about modules.
pub(super) fn with_module(name: String, file: &Path) -> String {
    match module(file) {
        Some(module) if !is_users_file(file) => format!("{module}::{name}"),
        _ => name,
    }
}

/// And if it is, with the package in the place of the crate's root.
pub(super) fn with_users_module(name: String, file: &Path) -> String {
    let Some(module) = module(file) else {
        return name;
    };
    let root = ["::lib", "::main"]
        .iter()
        .find_map(|root| module.strip_suffix(root));
    format!("{}::{name}", root.unwrap_or(&module))
}

/// The module that a file has, by its path.
fn module(file: &Path) -> Option<String> {
    let path = file.to_string_lossy();
    let (folder, module) = path.rsplit_once("/src/")?;
    // `alloc`, `hashbrown-0.16.1`
    let package = folder.rsplit('/').next()?;
    let version = package
        .rfind('-')
        .filter(|at| package[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
    // Whatever the folder is called.
    let krate = match own::package_of(&path) {
        Some(own) => own.krate.to_owned(),
        None => package[..version.unwrap_or(package.len())].replace('-', "_"),
    };
    let module = module.strip_suffix(".rs")?;
    let module = module.strip_suffix("/mod").unwrap_or(module);
    Some(format!("{krate}::{}", module.replace('/', "::")))
}

/// Whether the function, or in `<Type as Trait>::method` the type or the trait, is of a crate that
/// is not known to be the standard library's or the guard's.
pub(super) fn is_of_no_known_crate(function: &str) -> bool {
    const KNOWN: [&str; 6] = ["backtrace", "std", "core", "alloc", "__rustc", "hashbrown"];
    function.split(" as ").any(|path| {
        let path = path.trim_start_matches(['<', '&', '(', '[']);
        let krate = path.split_once("::").map(|(krate, _)| krate);
        krate.is_some_and(|krate| {
            let is_name = krate.chars().all(|c| c.is_alphanumeric() || c == '_');
            is_name && !KNOWN.contains(&krate) && own::package_named(krate).is_none()
        })
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{is_allocator, is_of_no_known_crate, plain, with_module};

    #[test]
    fn a_module_of_this_crate_is_known_whatever_its_folder_is_called() {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/alloc.rs");
        for (file, expected) in [
            (own.as_path(), "hotbench_guard::alloc::realloc"),
            (
                Path::new(
                    "/home/me/.cargo/registry/src/index-1949cf8c6b5b557f/hashbrown-0.16.1/src/raw.rs",
                ),
                "hashbrown::raw::realloc",
            ),
        ] {
            assert_eq!(with_module("realloc".to_owned(), file), expected);
        }
    }

    #[test]
    fn the_shims_of_a_global_allocator_are_nobodys() {
        for function in [
            "__rustc::__rust_alloc",
            "__rustc[c8f7a]::__rust_realloc",
            "__rust_dealloc",
        ] {
            assert!(is_allocator(function), "{function}");
        }
        assert!(!is_allocator("app::rust_alloc"));
    }

    #[test]
    fn a_function_is_the_users_by_its_type_or_its_trait() {
        for function in [
            "app::parse",
            "<app::Parser>::next",
            "<app::Parser as core::iter::Iterator>::next",
            "<alloc::vec::Vec<u8> as app::Extend>::more",
        ] {
            assert!(is_of_no_known_crate(function), "{function}");
        }
    }

    #[test]
    fn a_plain_name_has_no_generics_and_no_closures() {
        for (function, expected) in [
            ("app::parse", "app::parse"),
            ("app::parse::<u32, alloc::vec::Vec<u8>>", "app::parse"),
            ("app::parse::<u32>::{closure#0}", "app::parse"),
            ("app::apply::<fn(&str) -> usize>", "app::apply"),
            ("app::later::{async_fn#0}", "app::later"),
            ("app::later::{{closure}}", "app::later"),
            (
                "<app::Parser<u8>>::next::{closure#0}::{closure#1}",
                "app::Parser::next",
            ),
            (
                "<app::Parser as core::iter::traits::iterator::Iterator>::next",
                "<app::Parser as core::iter::traits::iterator::Iterator>::next",
            ),
        ] {
            assert_eq!(plain(function), expected);
        }
    }

    #[test]
    fn std_and_primitive_types_are_nobodys() {
        for function in [
            "core::fmt::write",
            "backtrace::backtrace::trace_unsynchronized",
            "<alloc::vec::Vec<app::Token>>::push",
            "<u16 as core::fmt::Display>::fmt",
            "<&str as alloc::string::ToString>::to_string",
            "__rustc[c8f7a]::__rust_alloc",
            "main",
        ] {
            assert!(!is_of_no_known_crate(function), "{function}");
        }
    }
}
