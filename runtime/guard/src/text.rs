//! Numbers in sentences.

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

#[cfg(test)]
mod tests {
    use super::{count, thousands, times};

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
}
