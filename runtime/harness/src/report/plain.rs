//! Text of a terminal, for those who have none: XML, Markdown, annotations.

/// The text without colours, its other control characters made visible: a document must not have them.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // A control sequence: parameters, and what ends it. Cut off, it costs no more than itself.
            '\x1b' if chars.next_if_eq(&'[').is_some() => {
                while chars.next_if(|c| (' '..='?').contains(c)).is_some() {}
                chars.next_if(|c| ('@'..='~').contains(c));
            }
            '\n' | '\t' => plain.push(c),
            '\r' if chars.peek() == Some(&'\n') => {}
            _ => plain.push(visible(c)),
        }
    }
    plain
}

/// A control character as its picture.
fn visible(c: char) -> char {
    match c {
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        // XML has no way to say these two.
        '\u{80}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn colours_go_and_control_characters_show() {
        for (text, expected) in [
            ("\x1b[1;31mred\x1b[0m, plain", "red, plain"),
            ("a\r\nb\tc", "a\nb\tc"),
            ("\0\x08\r\x7f\u{85}\u{ffff}", "␀␈␍␡\u{fffd}\u{fffd}"),
            // What is not ended takes nothing along.
            ("\x1b]title", "␛]title"),
            ("\x1b[31\nmore", "\nmore"),
            ("\x1b", "␛"),
        ] {
            assert_eq!(plain(text), expected, "{text:?}");
        }
    }
}
