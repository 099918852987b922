//! Rust's tokens, as far as they tell attributes, modules and functions from comments and strings.

/// A token, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// In bytes.
    pub(super) start: usize,
    /// From 1.
    pub(super) line: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword, without `r#`; or a number.
    Word,
    /// A string without escapes, without its quotes.
    Text,
    Open,
    Close,
    Other,
}

impl Token<'_> {
    pub(super) fn is(&self, text: &str) -> bool {
        self.kind != Kind::Text && self.text == text
    }
}

pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer {
        source,
        at: 0,
        line: 1,
    };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next() {
        tokens.push(token);
    }
    tokens
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let taken = &self.rest()[..bytes];
        self.at += bytes;
        self.line += taken.matches('\n').count();
        taken
    }

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = self.rest();
            let first = rest.chars().next()?;
            if first.is_whitespace() || first == '\u{feff}' {
                self.take(first.len_utf8());
            } else if rest.starts_with("//") {
                self.take(rest.find('\n').unwrap_or(rest.len()));
            } else if rest.starts_with("/*") {
                self.take(comment(rest));
            } else {
                break;
            }
        }
        let (start, line) = (self.at, self.line);
        let rest = self.rest();
        let first = rest.chars().next()?;
        let (kind, text) = if let Some((length, text)) = string(rest) {
            self.take(length);
            (Kind::Text, text)
        } else if first == '\'' {
            let length = quote(rest);
            (Kind::Other, self.take(length))
        } else if is_of_word(first) {
            let word = rest
                .strip_prefix("r#")
                .filter(|word| word.starts_with(is_of_word));
            let raw = if word.is_some() { 2 } else { 0 };
            let length = rest[raw..].find(|c| !is_of_word(c));
            let length = raw + length.unwrap_or(rest.len() - raw);
            (Kind::Word, &self.take(length)[raw..])
        } else {
            let kind = match first {
                '(' | '[' | '{' => Kind::Open,
                ')' | ']' | '}' => Kind::Close,
                _ => Kind::Other,
            };
            (kind, self.take(first.len_utf8()))
        };
        Some(Token {
            kind,
            text,
            start,
            line,
        })
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// How long the comment is that a text begins with; they nest.
fn comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// How long the string is that a text begins with, and what it holds.
fn string(text: &str) -> Option<(usize, &str)> {
    let prefix = ["br", "cr", "b", "c", "r", ""];
    let prefix = prefix.into_iter().find(|prefix| {
        let rest = text.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.trim_start_matches('#').starts_with('"'))
    })?;
    let rest = &text[prefix.len()..];
    let marks = rest.len() - rest.trim_start_matches('#').len();
    if prefix.ends_with('r') {
        let start = prefix.len() + marks + 1;
        let end = format!("\"{}", "#".repeat(marks));
        let length = text[start..].find(&end).unwrap_or(text.len() - start);
        let whole = (start + length + end.len()).min(text.len());
        return Some((whole, &text[start..start + length]));
    }
    if marks > 0 {
        return None;
    }
    let start = prefix.len() + 1;
    let mut is_escaped = false;
    let end = text[start..].find(|c| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    });
    let length = end.unwrap_or(text.len() - start);
    Some((
        (start + length + 1).min(text.len()),
        &text[start..start + length],
    ))
}

/// How long the character or the lifetime is that a text begins with.
fn quote(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((escaped, c))) => {
            let from = escaped + c.len_utf8();
            text[from..]
                .find('\'')
                .map_or(text.len(), |end| from + end + 1)
        }
        (Some(_), Some((end, '\''))) => end + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::tokens;

    fn texts(source: &str) -> Vec<(&str, usize)> {
        let tokens = tokens(source).into_iter();
        tokens.map(|token| (token.text, token.line)).collect()
    }

    #[test]
    fn comments_strings_and_characters_hide_what_is_in_them() {
        assert_eq!(
            texts("// #\n/* # /* # */ */ a \"#\\\"\n#\" b r#\"\"\"# c"),
            [("a", 2), ("#\\\"\n#", 2), ("b", 3), ("\"", 3), ("c", 3)]
        );
        assert_eq!(
            texts(r"'#' '\'' '\u{1F600}' 'a b'#' '日'"),
            ["'#'", r"'\''", r"'\u{1F600}'", "'", "a", "b", "'#'", "'日'"].map(|text| (text, 1))
        );
        assert_eq!(
            texts("br##\"x\"# y\"## c\"#\" r#mod 1_000.0"),
            ["x\"# y", "#", "mod", "1_000", ".", "0"].map(|text| (text, 1))
        );
    }

    #[test]
    fn what_is_cut_off_ends_with_the_text() {
        for source in ["/* a", "\"a", "r#\"a", "'", "'\\", "'\\u{", "r#", "b", "\""] {
            tokens(source);
        }
        assert!(texts("").is_empty());
    }
}
