//! Makes the groups of `macro_rules!` fragments explicit.
//!
//! `$e * 2`, where `$e` is `1 + 2`, reaches an attribute as an invisible group and two tokens. The compiler keeps to such
//! a group as long as the stream that has it is passed on as a whole, and ignores one that a macro emits token by token:
//! the value would be `1 + 2 * 2`. So whatever is to be parsed goes through [`explicit`], which writes parentheses where
//! the group has an effect. What is not parsed, a function's body above all, is passed on untouched.

use proc_macro2::{Delimiter, Group, Punct, Spacing, Span, TokenStream, TokenTree};

/// The tokens with parentheses in the place of invisible groups; without either, where the group changes nothing.
pub(crate) fn explicit(tokens: TokenStream) -> TokenStream {
    if !has_fragment(&tokens) {
        return tokens;
    }
    let mut out = Vec::new();
    write(tokens, &mut out);
    out.into_iter().collect()
}

/// [`explicit`] for an item, or for the items of an `impl`, but the bodies of functions are left as they are.
///
/// A fragment that is a whole item, or a whole body, is unwrapped.
pub(crate) fn outside_bodies(tokens: TokenStream) -> TokenStream {
    let mut all = Vec::new();
    let mut head = Vec::new();
    let mut item = Item::default();
    for token in items(tokens) {
        let token = item.body(&token).map_or(token, TokenTree::Group);
        let is_body = item.pass(&token);
        if is_body {
            all.extend(explicit(head.drain(..).collect()));
            all.push(token);
        } else {
            head.push(token);
        }
    }
    all.extend(explicit(head.into_iter().collect()));
    all.into_iter().collect()
}

/// The tokens, those of fragments that are items among them.
fn items(tokens: TokenStream) -> Vec<TokenTree> {
    let mut all = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if is_item(&group) => all.extend(items(group.stream())),
            token => all.push(token),
        }
    }
    all
}

/// Whether the group is a fragment with a whole item in it: it ends as one, and is not a block alone.
fn is_item(group: &Group) -> bool {
    if group.delimiter() != Delimiter::None {
        return false;
    }
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    match &tokens[..] {
        [TokenTree::Group(inner)] => is_item(inner),
        [.., last] => {
            let ends = is_brace(last) || is_punct(last, ';') || fragment_of_block(last).is_some();
            ends && begins_item(&tokens)
        }
        _ => false,
    }
}

/// Whether the tokens are an item, a statement that begins with `let`, or the beginning of either, such as `pub`.
fn begins_item(tokens: &[TokenTree]) -> bool {
    const ALWAYS: [&str; 10] = [
        "enum", "extern", "let", "mod", "pub", "struct", "trait", "type", "union", "use",
    ];
    const BEFORE_A_WORD: [&str; 8] = [
        "async", "auto", "const", "default", "fn", "safe", "static", "unsafe",
    ];
    let TokenTree::Ident(word) = &tokens[0] else {
        return is_punct(&tokens[0], '#');
    };
    let is = |words: &[&str]| words.iter().any(|begin| word == begin);
    match tokens.get(1) {
        Some(TokenTree::Ident(next)) => {
            is(&ALWAYS)
                || (is(&BEFORE_A_WORD) && next != "as" && next != "move")
                || (word == "impl" && tokens.last().is_some_and(is_brace))
        }
        Some(TokenTree::Literal(_)) => word == "extern",
        Some(TokenTree::Group(_)) | None => word == "pub",
        Some(next) => {
            let is_macro = word == "macro_rules" && is_punct(next, '!');
            let is_generic = word == "impl" && tokens.last().is_some_and(is_brace);
            is_macro || is_generic || word == "let"
        }
    }
}

/// How far an item has been read.
#[derive(Default)]
struct Item {
    /// Whether it is a function.
    is_function: bool,
    depth: usize,
    /// Whether the last token was the beginning of `->` or `=>`.
    arrow: bool,
}

impl Item {
    /// Whether what comes at this place in braces is the body of a function.
    fn expects_body(&self) -> bool {
        self.is_function && self.depth == 0
    }

    /// The body, if the token is a fragment that is one.
    fn body(&self, token: &TokenTree) -> Option<Group> {
        fragment_of_block(token).filter(|_| self.expects_body())
    }

    /// Reads on; whether the token is the body of a function.
    fn pass(&mut self, token: &TokenTree) -> bool {
        let arrow = std::mem::take(&mut self.arrow);
        match token {
            TokenTree::Group(_) if is_brace(token) && self.depth == 0 => {
                return std::mem::take(self).is_function;
            }
            TokenTree::Ident(word) if word == "fn" && self.depth == 0 => self.is_function = true,
            TokenTree::Punct(punct) => match punct.as_char() {
                '<' => self.depth += 1,
                '>' if !arrow => self.depth = self.depth.saturating_sub(1),
                '-' | '=' => self.arrow = punct.spacing() == Spacing::Joint,
                ';' if self.depth == 0 => *self = Self::default(),
                _ => {}
            },
            _ => {}
        }
        false
    }
}

/// The braces of a fragment that is a block.
fn fragment_of_block(token: &TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = token else {
        return None;
    };
    if group.delimiter() != Delimiter::None {
        return None;
    }
    let mut tokens = group.stream().into_iter();
    let only = tokens.next().filter(|_| tokens.next().is_none())?;
    match &only {
        TokenTree::Group(inner) if inner.delimiter() == Delimiter::Brace => Some(inner.clone()),
        only => fragment_of_block(only),
    }
}

fn has_fragment(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Group(group) => {
            group.delimiter() == Delimiter::None || has_fragment(&group.stream())
        }
        _ => false,
    })
}

/// Appends the tokens, the groups among them made explicit.
fn write(tokens: TokenStream, out: &mut Vec<TokenTree>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let start = out.len();
    for (index, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else {
            out.push(token.clone());
            continue;
        };
        let before = &out[start..];
        if group.delimiter() == Delimiter::None {
            let mut inner = Vec::new();
            write(group.stream(), &mut inner);
            let neighbours = Neighbours {
                before,
                after: &tokens[index + 1..],
            };
            match Form::of(&inner).delimited(&neighbours) {
                Delimited::Not => out.extend(inner),
                Delimited::Parentheses => out.push(parenthesised(inner)),
                Delimited::Angles => {
                    let [open, close] = ['<', '>'].map(|angle| punct(angle, Spacing::Alone));
                    out.push(open);
                    out.extend(inner);
                    out.push(close);
                }
            }
        } else if has_fragment(&group.stream()) {
            let mut inner = Vec::new();
            write(group.stream(), &mut inner);
            let mut written = Group::new(group.delimiter(), inner.into_iter().collect());
            written.set_span(group.span());
            out.push(TokenTree::Group(written));
        } else {
            out.push(token.clone());
        }
    }
}

/// The place of the parentheses is this macro's: no lint calls them unused.
fn parenthesised(tokens: Vec<TokenTree>) -> TokenTree {
    let mut group = Group::new(Delimiter::Parenthesis, tokens.into_iter().collect());
    group.set_span(Span::mixed_site());
    TokenTree::Group(group)
}

fn punct(punct: char, spacing: Spacing) -> TokenTree {
    let mut punct = Punct::new(punct, spacing);
    punct.set_span(Span::mixed_site());
    TokenTree::Punct(punct)
}

/// What a fragment is, as far as its neighbours could tear it apart.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// A path, a call, a literal: nothing binds tighter.
    Atomic,
    /// Nothing at all, or a statement or an item, which can't be in parentheses.
    Bare,
    /// A block alone, which may be an argument of a generic type as well.
    Block,
    /// `S { … }`, which can't stand before a block.
    Struct,
    /// `-x`, `&mut x`, `&'a T`: only what comes after it could bind tighter.
    Prefixed,
    /// An operation, a closure, an `if`; a type of several bounds; a pattern of several.
    Compound,
}

enum Delimited {
    Not,
    Parentheses,
    /// A type before `::`.
    Angles,
}

/// What stands around a fragment in its own group.
struct Neighbours<'a> {
    before: &'a [TokenTree],
    after: &'a [TokenTree],
}

impl Form {
    fn of(tokens: &[TokenTree]) -> Self {
        match tokens {
            [] => return Self::Bare,
            [only] if is_brace(only) => return Self::Block,
            [_] => return Self::Atomic,
            [TokenTree::Punct(quote), TokenTree::Ident(_)] if quote.as_char() == '\'' => {
                return Self::Atomic;
            }
            tokens if begins_item(tokens) => return Self::Bare,
            _ => {}
        }
        let unprefixed = without_prefix(tokens);
        let is_prefixed = unprefixed.len() < tokens.len();
        match operand(unprefixed) {
            Some(_) if is_prefixed => Self::Prefixed,
            Some(form) => form,
            None => Self::Compound,
        }
    }

    /// What is to stand around the fragment for it to stay one.
    fn delimited(self, neighbours: &Neighbours<'_>) -> Delimited {
        if self == Self::Bare {
            return Delimited::Not;
        }
        let (before, after) = (neighbours.binding_before(), neighbours.binding_after());
        if neighbours.is_before_path() {
            return Delimited::Angles;
        }
        let needed = match self {
            Self::Atomic | Self::Bare => false,
            Self::Block => after.is_some() && !neighbours.is_generic_argument(),
            Self::Struct => neighbours.is_before_block(),
            Self::Prefixed => after == Some(Binding::Postfix),
            Self::Compound => before || after.is_some() || neighbours.is_before_block(),
        };
        if needed {
            Delimited::Parentheses
        } else {
            Delimited::Not
        }
    }
}

/// The tokens after `-`, `!`, `*`, `&`, `&'a mut`, if there are any.
fn without_prefix(mut tokens: &[TokenTree]) -> &[TokenTree] {
    loop {
        tokens = match tokens {
            [TokenTree::Punct(punct), rest @ ..] if "-!*&".contains(punct.as_char()) => rest,
            [TokenTree::Punct(quote), TokenTree::Ident(_), rest @ ..]
                if quote.as_char() == '\'' =>
            {
                rest
            }
            [TokenTree::Ident(word), rest @ ..] if word == "mut" => rest,
            rest => return rest,
        };
    }
}

/// Words that don't begin an operand, or that go on after one.
const COMPOUND: [&str; 21] = [
    "as", "async", "become", "box", "break", "const", "continue", "dyn", "for", "if", "impl",
    "let", "loop", "match", "move", "ref", "return", "static", "unsafe", "while", "yield",
];

/// Whether all of the tokens are one operand: a path with what follows it, such as calls, fields and indices.
fn operand(tokens: &[TokenTree]) -> Option<Form> {
    let mut form = Form::Atomic;
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        match token {
            TokenTree::Ident(word) => {
                let follows_operand = index > 0
                    && !is_punct(&tokens[index - 1], '.')
                    && !is_punct(&tokens[index - 1], ':');
                if follows_operand || COMPOUND.iter().any(|compound| word == compound) {
                    return None;
                }
            }
            TokenTree::Literal(_) => {
                if index > 0 && !is_punct(&tokens[index - 1], '.') {
                    return None;
                }
            }
            TokenTree::Group(_) if is_brace(token) => {
                // Of a macro, or of a struct.
                let of_macro = index > 0 && is_punct(&tokens[index - 1], '!');
                if !of_macro {
                    form = Form::Struct;
                }
                if index == 0 {
                    return None;
                }
            }
            TokenTree::Group(_) => {}
            TokenTree::Punct(punct) => match punct.as_char() {
                ':' | '?' => {}
                // `..` is a range.
                '.' if !is_at(tokens, index + 1, '.') => {}
                '!' if index > 0 && matches!(tokens.get(index + 1), Some(TokenTree::Group(_))) => {}
                '<' => index = end_of_generics(tokens, index)?,
                _ => return None,
            },
        }
        index += 1;
    }
    Some(form)
}

/// The place of the `>` that closes the `<` at `open`; nothing, if that compares.
fn end_of_generics(tokens: &[TokenTree], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        let TokenTree::Punct(punct) = token else {
            continue;
        };
        let before = index.checked_sub(1).map(|before| &tokens[before]);
        let is_after = |chars: &str| matches!(before, Some(TokenTree::Punct(punct)) if chars.contains(punct.as_char()));
        match punct.as_char() {
            '<' => depth += 1,
            '>' if is_after("-=") => {}
            '>' => {
                depth -= 1;
                if depth == 0 {
                    return Some(index);
                }
            }
            // `&T` begins a type, `a & b` is an operation.
            '&' | '*' | '-' | '!' if is_after("<,=&*>:") => {}
            '-' if is_at(tokens, index + 1, '>') => {}
            ',' | ':' | '\'' | '=' | '+' | '?' => {}
            _ => return None,
        }
    }
    None
}

/// How tightly what comes after a fragment binds.
#[derive(Clone, Copy, PartialEq)]
enum Binding {
    /// A method, a field, a call, an index, a `?`.
    Postfix,
    Operator,
}

impl Neighbours<'_> {
    fn next(&self) -> Option<TokenTree> {
        self.after.iter().find_map(first)
    }

    /// Whether `punct` comes next, and `then` right after it.
    fn is_before(&self, punct: char, then: char) -> bool {
        is_at(self.after, 0, punct) && is_at(self.after, 1, then)
    }

    fn is_before_path(&self) -> bool {
        self.is_before(':', ':')
    }

    fn binding_after(&self) -> Option<Binding> {
        match self.next()? {
            TokenTree::Punct(punct) => match punct.as_char() {
                '.' if !self.is_before('.', '.') => Some(Binding::Postfix),
                '?' => Some(Binding::Postfix),
                '=' => self.is_before('=', '=').then_some(Binding::Operator),
                '.' | '+' | '-' | '*' | '/' | '%' | '^' | '&' | '|' | '<' | '>' | '!' => {
                    Some(Binding::Operator)
                }
                _ => None,
            },
            TokenTree::Group(group) => match group.delimiter() {
                Delimiter::Parenthesis | Delimiter::Bracket => Some(Binding::Postfix),
                Delimiter::Brace | Delimiter::None => None,
            },
            TokenTree::Ident(word) => (word == "as").then_some(Binding::Operator),
            TokenTree::Literal(_) => None,
        }
    }

    fn binding_before(&self) -> bool {
        let is_lifetime =
            matches!(self.before, [.., quote, TokenTree::Ident(_)] if is_punct(quote, '\''));
        match self.before {
            [.., TokenTree::Ident(word)] => {
                is_lifetime
                    || ["as", "mut", "dyn", "impl"]
                        .iter()
                        .any(|binding| word == binding)
            }
            // An arrow.
            [.., TokenTree::Punct(before), TokenTree::Punct(punct)] if punct.as_char() == '>' => {
                !"-=".contains(before.as_char())
            }
            // Not of an assignment, or of a named argument.
            [.., TokenTree::Punct(before), TokenTree::Punct(punct)] if punct.as_char() == '=' => {
                before.spacing() == Spacing::Joint
            }
            [.., TokenTree::Punct(punct)] => "+-*/%^!&|<>@.".contains(punct.as_char()),
            _ => false,
        }
    }

    /// `for n in S { … } { … }`
    fn is_before_block(&self) -> bool {
        let heads = ["if", "match", "while", "in"];
        matches!(self.before, [.., TokenTree::Ident(word)] if heads.iter().any(|head| word == head))
    }

    /// `<{ N }>`, `<T, { N }>`
    fn is_generic_argument(&self) -> bool {
        let begins =
            matches!(self.before, [.., TokenTree::Punct(punct)] if "<,=".contains(punct.as_char()));
        begins && is_at(self.after, 0, '>')
    }
}

/// The first token that is seen, inside of fragments as well.
fn first(token: &TokenTree) -> Option<TokenTree> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            group.stream().into_iter().find_map(|token| first(&token))
        }
        token => Some(token.clone()),
    }
}

fn is_at(tokens: &[TokenTree], index: usize, punct: char) -> bool {
    tokens
        .get(index)
        .is_some_and(|token| is_punct(token, punct))
}

fn is_punct(token: &TokenTree, punct: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == punct)
}

fn is_brace(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text's tokens, with a fragment of `$` in the place of each `FRAGMENT`.
    fn with(text: &str, fragment: &TokenStream) -> TokenStream {
        fn replaced(tokens: TokenStream, fragment: &TokenStream) -> TokenStream {
            let replaced = tokens.into_iter().map(|token| match token {
                TokenTree::Ident(word) if word == "FRAGMENT" => {
                    TokenTree::Group(Group::new(Delimiter::None, fragment.clone()))
                }
                TokenTree::Group(group) => {
                    let inner = replaced(group.stream(), fragment);
                    TokenTree::Group(Group::new(group.delimiter(), inner))
                }
                token => token,
            });
            replaced.collect()
        }
        replaced(text.parse().expect("tokens"), fragment)
    }

    /// The tokens without spaces, by which the same ones may differ.
    fn shown(tokens: &TokenStream) -> String {
        tokens.to_string().replace(' ', "")
    }

    #[track_caller]
    fn check(text: &str, fragment: &str, expected: &str) {
        let fragment: TokenStream = fragment.parse().expect("tokens");
        let nested = TokenTree::Group(Group::new(Delimiter::None, fragment.clone()));
        let expected: TokenStream = expected.parse().expect("tokens");
        for fragment in [fragment, nested.into()] {
            let written = explicit(with(text, &fragment));
            assert_eq!(shown(&written), shown(&expected), "{fragment} in {text}");
        }
    }

    #[test]
    fn operands_stay_as_they_are() {
        for operand in [
            "x",
            "1",
            "x.y",
            "x.0",
            "f(1)(2)",
            "a::b::<C>(1)?",
            "[1, 2][0]",
            "m!(1)",
            "m! { 1 }",
            "(1 + 2)",
            "x.await",
            "<T as U>::f::<V<W>>()",
            "Vec<&'a T>",
            "A<B = &mut C, fn() -> D>",
            "'a",
            "default",
            "safe(1)",
        ] {
            check("FRAGMENT + 1", operand, &format!("{operand} + 1"));
            check("-FRAGMENT.f()", operand, &format!("-{operand}.f()"));
            check("f(a, FRAGMENT)", operand, &format!("f(a, {operand})"));
        }
    }

    #[test]
    fn operations_are_put_in_parentheses_beside_what_binds() {
        for operation in [
            "1 + 2",
            "a as u8",
            "a..b",
            "..",
            "|x| x",
            "move || 1",
            "a && b",
            "a < b && c > d",
            "a < b || c > d",
            "a = b",
            "if a { 1 } else { 2 }",
            "match a { _ => 1 }",
            "unsafe { f() }",
            "async { 1 }",
            "return 1",
            "A | B",
            "dyn A + 'a",
            "impl A + B",
            "default + 1",
            "a < b",
            "-a + b",
            "a << 1",
            "a != b",
            "'a: loop {}",
        ] {
            for (text, expected) in [
                ("FRAGMENT * 2", "(..) * 2"),
                ("2 - FRAGMENT", "2 - (..)"),
                ("FRAGMENT.f()", "(..).f()"),
                ("FRAGMENT?", "(..)?"),
                ("FRAGMENT(1)", "(..)(1)"),
                ("FRAGMENT as u8", "(..) as u8"),
                ("&FRAGMENT", "&(..)"),
                ("&mut FRAGMENT", "&mut (..)"),
                ("&'b FRAGMENT", "&'b (..)"),
                ("FRAGMENT == 1", "(..) == 1"),
                ("1 == FRAGMENT", "1 == (..)"),
                ("for n in FRAGMENT", "for n in (..)"),
            ] {
                let parentheses = format!("({operation})");
                check(text, operation, &expected.replace("(..)", &parentheses));
            }
            for text in [
                "f(FRAGMENT)",
                "f(FRAGMENT, 1)",
                "n = FRAGMENT",
                "[FRAGMENT; 2]",
                "fn f() -> FRAGMENT",
                "x: FRAGMENT",
            ] {
                check(text, operation, &text.replace("FRAGMENT", operation));
            }
        }
    }

    #[test]
    fn what_begins_with_an_operator_is_put_in_parentheses_before_a_method() {
        for operand in ["-1", "!x", "*p.q", "&x", "&mut x", "&'a T", "--1"] {
            for text in ["FRAGMENT.f()", "FRAGMENT?", "FRAGMENT[0]"] {
                check(
                    text,
                    operand,
                    &text.replace("FRAGMENT", &format!("({operand})")),
                );
            }
            for text in [
                "FRAGMENT + 1",
                "1 - FRAGMENT",
                "FRAGMENT as u8",
                "A<FRAGMENT>",
                "f(FRAGMENT)",
            ] {
                check(text, operand, &text.replace("FRAGMENT", operand));
            }
        }
    }

    #[test]
    fn blocks_and_structs_are_put_in_parentheses_where_they_would_end_something() {
        check("FRAGMENT * 2", "{ 1 }", "({ 1 }) * 2");
        check("A<FRAGMENT>", "{ 1 }", "A<{ 1 }>");
        check("A<B, FRAGMENT>", "{ 1 }", "A<B, { 1 }>");
        check("for n in FRAGMENT", "S { a: 1 }", "for n in (S { a: 1 })");
        check("f(FRAGMENT)", "S { a: 1 }", "f(S { a: 1 })");
        check("FRAGMENT.a", "S { a: 1 }", "S { a: 1 }.a");
    }

    #[test]
    fn what_is_no_operand_is_unwrapped() {
        check("FRAGMENT fn f()", "pub(crate)", "pub(crate) fn f()");
        check("FRAGMENT fn f()", "pub", "pub fn f()");
        check("FRAGMENT fn f()", "", "fn f()");
        check("FRAGMENT; *p = 1", "let x = 1 + 2", "let x = 1 + 2; *p = 1");
        check("#[FRAGMENT] fn f()", "doc = \"a\"", "#[doc = \"a\"] fn f()");
        check(
            "#[doc = FRAGMENT] fn f()",
            "concat!(\"a\")",
            "#[doc = concat!(\"a\")] fn f()",
        );
    }

    #[test]
    fn a_type_before_a_path_is_put_in_angles() {
        for ty in ["u8", "Vec<u8>", "&'a T", "(A, B)", "[u8; 2]"] {
            check("FRAGMENT::MAX", ty, &format!("<{ty}>::MAX"));
        }
    }

    #[test]
    fn tokens_without_a_fragment_are_untouched() {
        check("a + (b * [c]) { d }", "", "a + (b * [c]) { d }");
    }

    #[test]
    fn bodies_are_left_as_they_are_and_fragments_that_are_bodies_or_items_are_unwrapped() {
        for (text, fragment, expected) in [
            (
                "fn f(x: [u8; FRAGMENT * 2]) -> A<{ 1 }> { FRAGMENT * 2 }",
                "1 + 2",
                "fn f(x: [u8; (1 + 2) * 2]) -> A<{ 1 }> { FRAGMENT * 2 }",
            ),
            (
                "fn f() -> u8 FRAGMENT fn g() {}",
                "{ 1 }",
                "fn f() -> u8 { 1 } fn g() {}",
            ),
            (
                "#[a] FRAGMENT fn g() {}",
                "pub fn f() { 1 }",
                "#[a] pub fn f() { 1 } fn g() {}",
            ),
            (
                "const A: fn() = { FRAGMENT * 2 }; fn f() { FRAGMENT * 2 }",
                "1 + 2",
                "const A: fn() = { FRAGMENT * 2 }; fn f() { FRAGMENT * 2 }",
            ),
            (
                "const A: u8 = FRAGMENT * 2; fn f() {}",
                "1 + 2",
                "const A: u8 = (1 + 2) * 2; fn f() {}",
            ),
            (
                "fn f<T>() where T: Fn() -> A<{ FRAGMENT * 2 }>, { FRAGMENT * 2 }",
                "1 + 2",
                "fn f<T>() where T: Fn() -> A<{ (1 + 2) * 2 }>, { FRAGMENT * 2 }",
            ),
        ] {
            let fragment: TokenStream = fragment.parse().expect("tokens");
            let written = outside_bodies(with(text, &fragment));
            // Of an invisible group no delimiter is shown.
            let expected = expected.replace("FRAGMENT", &fragment.to_string());
            let expected: TokenStream = expected.parse().expect("tokens");
            assert_eq!(shown(&written), shown(&expected), "{text}");
        }
    }
}
