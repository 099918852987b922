//! A case's id as the name of a file.

use super::stable_hash::fnv_1a;

/// In bytes. Common file systems take 255 of a name, less where an extension or a copy's number is
/// to come.
const LONGEST: usize = 100;
/// `~` and a hash.
const SUFFIX: usize = 1 + 16;

/// A name for what belongs to the case `id`, which every file system takes as it is: `a::b/c` becomes
/// `a.b+c`.
///
/// Distinct ids have distinct names, on file systems that fold upper and lower case too. Where something
/// had to be replaced or cut, a hash of the id tells: `a::B/½` becomes `a.B+_~` and the hash.
pub(crate) fn file_name(id: &str) -> String {
    let name = id.replace("::", ".").replace('/', "+");
    // What stands for something else must not stand in the id.
    if !id.contains(['.', '+']) && is_safe(&name) {
        return name;
    }
    let mut safe: String = name
        .chars()
        .map(|c| if is_readable(c) { c } else { '_' })
        .collect();
    if safe.starts_with(['.', '-']) || is_device(&safe) {
        safe.insert(0, '_');
    }
    // ASCII alone: any place is a character's end.
    safe.truncate(LONGEST - SUFFIX);
    format!("{safe}~{:016x}", fnv_1a(id.as_bytes()))
}

/// Whether `name` needs no hash, and can't be taken for a name that has one.
fn is_safe(name: &str) -> bool {
    let all_readable = name
        .chars()
        .all(|c| is_readable(c) && !c.is_ascii_uppercase());
    // Windows cuts a dot at the end; one at the start hides the file, and a dash is an option's.
    let ends_well = !name.is_empty() && !name.starts_with(['.', '-']) && !name.ends_with('.');
    all_readable && ends_well && name.len() <= LONGEST && !is_device(name)
}

/// No other alphabet: macOS composes and decomposes its letters as it likes.
fn is_readable(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+')
}

/// Whether Windows takes the name, up to its first dot, for a device.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    let numbered = stem
        .strip_prefix("com")
        .or_else(|| stem.strip_prefix("lpt"));
    matches!(&*stem, "con" | "prn" | "aux" | "nul")
        || numbered.is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{LONGEST, file_name, fnv_1a};

    #[test]
    fn ordinary_ids_stay_readable() {
        assert_eq!(
            file_name("my-app::words::count/short/64"),
            "my-app.words.count+short+64"
        );
        // As long as may be, and one more.
        let ordinary = |length: usize| format!("a::{}", "b".repeat(length - 2));
        assert_eq!(file_name(&ordinary(LONGEST)).len(), LONGEST);
        assert!(!file_name(&ordinary(LONGEST)).contains('~'));
        let cut = file_name(&ordinary(LONGEST + 1));
        assert_eq!(cut.len(), LONGEST);
        assert!(cut.contains("bb~"), "{cut}");
    }

    #[test]
    fn what_is_replaced_is_told_by_the_hash_of_the_id() {
        let hash = |id: &str| format!("{:016x}", fnv_1a(id.as_bytes()));
        let id = "app::sum/x:y*?\"<>|";
        assert_eq!(file_name(id), format!("app.sum+x_y______~{}", hash(id)));
        let id = "app::sum/größe";
        assert_eq!(file_name(id), format!("app.sum+gr__e~{}", hash(id)));
    }

    #[test]
    fn every_file_system_takes_the_name() {
        for id in [
            "",
            ".",
            "..",
            "/",
            "::",
            "CON",
            "con",
            "con::x",
            "nul.txt",
            "lpt1",
            "-rf",
            "a.",
            "a::",
            "a ",
            " ",
            "~",
            "\0",
            "a\nb",
            "\u{202e}",
            "é",
            "e\u{301}",
            "💥",
            "a\\b",
            "../../etc/passwd",
            &"長".repeat(300),
            &"::".repeat(300),
        ] {
            let name = file_name(id);
            assert!(!name.is_empty() && name.len() <= LONGEST, "{id:?}: {name}");
            let safe = |c: char| c.is_ascii_alphanumeric() || "_-.+~".contains(c);
            assert!(name.chars().all(safe), "{id:?}: {name}");
            assert!(!name.starts_with(['.', '-']), "{id:?}: {name}");
            assert!(!name.ends_with('.'), "{id:?}: {name}");
            let stem = name.split('.').next().expect("text before the first dot");
            assert!(!["con", "nul", "lpt1"].contains(&stem), "{id:?}: {name}");
        }
    }

    #[test]
    fn ids_that_differ_at_all_have_names_that_differ_by_more_than_case() {
        let long = "x".repeat(300);
        let mut ids = vec![
            "a::b", "a.b", "a/b", "a+b", "a:b", "a?b", "a*b", "a_b", "a::b/C", "a::b/c", "A::b/c",
            "é", "e\u{301}", "e", "e_", "a::::b", "a:::b", "_con", "con", "Con", "a::b/~",
            "a::b/_", "", "_",
        ]
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
        ids.extend([
            format!("{long}1"),
            format!("{long}2"),
            long.to_uppercase(),
            long,
        ]);
        // Nor can an id be written that has the name of another.
        ids.push(file_name("a.b"));
        ids.push(file_name("a.b").replace('.', "::").replace('+', "/"));
        let names: HashSet<String> = ids
            .iter()
            .map(|id| file_name(id).to_ascii_lowercase())
            .collect();
        assert_eq!(names.len(), ids.len());
    }
}
