//! How the text of a file is spelled: its byte order mark and the ends of its lines, which a new text keeps.

use std::collections::{HashMap, VecDeque};

const BYTE_ORDER_MARK: char = '\u{feff}';

/// The spelling of a text.
#[derive(Debug)]
pub(super) struct Spelling<'a> {
    has_mark: bool,
    /// For each line, without its end, whether it ends with `\r\n`, in the order of the text.
    lines: HashMap<&'a str, VecDeque<bool>>,
    /// Whether most lines end so: new ones do, too.
    is_crlf: bool,
}

impl<'a> Spelling<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let unmarked = text.strip_prefix(BYTE_ORDER_MARK);
        let mut lines: HashMap<_, VecDeque<_>> = HashMap::new();
        let (mut crlf, mut lf) = (0, 0);
        for line in unmarked.unwrap_or(text).split_inclusive('\n') {
            let Some(line) = line.strip_suffix('\n') else {
                continue;
            };
            let without = line.strip_suffix('\r');
            lines
                .entry(without.unwrap_or(line))
                .or_default()
                .push_back(without.is_some());
            match without {
                Some(_) => crlf += 1,
                None => lf += 1,
            }
        }
        Self {
            has_mark: unmarked.is_some(),
            lines,
            is_crlf: crlf > lf,
        }
    }

    /// The text without the mark, with `\n` at the end of each line.
    pub(super) fn plain(text: &str) -> String {
        let unmarked = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        unmarked.replace("\r\n", "\n")
    }

    /// Spells a plain text likewise. A line that was there before keeps its end.
    pub(super) fn spell(mut self, plain: &str) -> String {
        let mut text = String::with_capacity(plain.len());
        text.extend(self.has_mark.then_some(BYTE_ORDER_MARK));
        for line in plain.split_inclusive('\n') {
            let Some(line) = line.strip_suffix('\n') else {
                text.push_str(line);
                continue;
            };
            let known = self.lines.get_mut(line).and_then(VecDeque::pop_front);
            text.push_str(line);
            text.push_str(if known.unwrap_or(self.is_crlf) {
                "\r\n"
            } else {
                "\n"
            });
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Spelling;

    #[test]
    fn a_text_is_spelled_as_it_was() {
        for text in [
            "",
            "a\nb\n",
            "a\r\nb\r\n",
            "\u{feff}a\r\nb",
            "a\r\n\r\nb\n\nc\r\n",
            "\u{feff}",
        ] {
            let plain = Spelling::plain(text);
            assert!(!plain.contains(['\r', '\u{feff}']), "{text:?}");
            assert_eq!(Spelling::of(text).spell(&plain), text);
        }
    }

    #[test]
    fn new_lines_end_as_most_do() {
        let spell = |text: &str, plain: &str| Spelling::of(text).spell(plain);
        assert_eq!(spell("a\r\nb\r\n", "a\nx\nb\n"), "a\r\nx\r\nb\r\n");
        assert_eq!(spell("a\r\nb\nc\n", "a\nx\n"), "a\r\nx\n");
        assert_eq!(spell("", "a\n"), "a\n");
    }
}
