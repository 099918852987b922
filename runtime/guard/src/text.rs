//! Numbers and paths in sentences.

use std::path::{Component, Path, PathBuf};

/// `12,345`.
pub fn thousands(n: u64) -> String {
    let mut text = n.to_string();
    let mut end = text.len();
    while end > 3 {
        end -= 3;
        text.insert(end, ',');
    }
    text
}

/// `1 byte`, `12,345 bytes`.
pub fn count(n: u64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(n))
}

/// `once`, `12,345 times`.
pub fn times(n: u64) -> String {
    match n {
        1 => "once".to_owned(),
        n => format!("{} times", thousands(n)),
    }
}

/// The path without its detours: `benches/../src/main.rs`, as a file that is included has it, is
/// `src/main.rs`.
pub fn direct(path: &Path) -> PathBuf {
    let mut direct = PathBuf::new();
    for component in path.components() {
        let goes_back = component == Component::ParentDir
            && matches!(direct.components().next_back(), Some(Component::Normal(_)));
        if goes_back {
            direct.pop();
        } else {
            direct.push(component);
        }
    }
    direct
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{count, direct, thousands, times};

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(thousands),
            ["0", "999", "1,000", "1,234,567"]
        );
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(
            [0, 1, 2].map(|n| count(n, "byte")),
            ["0 bytes", "1 byte", "2 bytes"]
        );
        assert_eq!([1, 2].map(times), ["once", "2 times"]);
    }

    #[test]
    fn a_path_takes_no_detour() {
        let shown = |path: &str| direct(Path::new(path)).display().to_string();
        assert_eq!(shown("app/benches/../src/main.rs"), "app/src/main.rs");
        assert_eq!(shown("../src/./main.rs"), "../src/main.rs");
        assert_eq!(shown("a/../../b"), "../b");
        assert_eq!(shown("/a/../b"), "/b");
    }
}
