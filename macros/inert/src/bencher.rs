//! Finds the functions that take a `Bencher`, which exist only where the harness does.

use std::iter::Peekable;

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

/// Returns whether the item is a function with a parameter whose type is a `Bencher` or a reference to one.
pub(crate) fn is_taken_by(item: &TokenStream) -> bool {
    parameters(item).map_or(false, |parameters| {
        split(visible(parameters.stream()), ',')
            .iter()
            .any(|parameter| is_bencher(parameter))
    })
}

/// The parentheses after the function's name and its generics.
fn parameters(item: &TokenStream) -> Option<Group> {
    let mut tokens = visible(item.clone())
        .into_iter()
        .skip_while(|token| !is_word(token, "fn"));
    tokens.next()?;
    tokens.next()?;
    let mut depth = Depth::default();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                if depth.is_outside() {
                    return Some(group);
                }
            }
            other => depth.pass(&other),
        }
    }
    None
}

/// Returns whether the parameter's type is `Bencher`, `&mut path::Bencher<'_>`, or the like.
fn is_bencher(parameter: &[TokenTree]) -> bool {
    let mut depth = Depth::default();
    let mut colon = None;
    for (index, token) in parameter.iter().enumerate() {
        let is_path = |index: usize| {
            parameter
                .get(index)
                .map_or(false, |token| is_punct(token, ':'))
        };
        let before = index.checked_sub(1);
        if depth.is_outside()
            && is_punct(token, ':')
            && !is_path(index + 1)
            && !before.map_or(false, is_path)
        {
            colon = Some(index);
            break;
        }
        depth.pass(token);
    }
    let receiver = parameter.iter().take(2).any(|token| is_word(token, "self"));
    colon.map_or(false, |colon| {
        !receiver && is_path_to_bencher(referent(&parameter[colon + 1..]))
    })
}

/// The type behind one reference, without parentheses around either.
fn referent(ty: &[TokenTree]) -> Vec<TokenTree> {
    let ty = without_parentheses(ty.to_vec());
    if !ty.first().map_or(false, |token| is_punct(token, '&')) {
        return ty;
    }
    let mut rest = ty.into_iter().skip(1).peekable();
    if next_is(&mut rest, |token| is_punct(token, '\'')) {
        rest.next();
        rest.next();
    }
    if next_is(&mut rest, |token| is_word(token, "mut")) {
        rest.next();
    }
    without_parentheses(rest.collect())
}

fn next_is(
    tokens: &mut Peekable<impl Iterator<Item = TokenTree>>,
    is: impl Fn(&TokenTree) -> bool,
) -> bool {
    tokens.peek().map_or(false, is)
}

fn without_parentheses(tokens: Vec<TokenTree>) -> Vec<TokenTree> {
    match tokens.first() {
        Some(TokenTree::Group(group))
            if tokens.len() == 1 && group.delimiter() == Delimiter::Parenthesis =>
        {
            without_parentheses(visible(group.stream()))
        }
        _ => tokens,
    }
}

/// Returns whether the type is a path that ends in `Bencher`, with or without arguments.
fn is_path_to_bencher(ty: Vec<TokenTree>) -> bool {
    const NO_PATH: [&str; 6] = ["impl", "dyn", "fn", "unsafe", "extern", "for"];
    let mut depth = Depth::default();
    let mut last = None;
    for (index, token) in ty.into_iter().enumerate() {
        let is_outside = depth.is_outside();
        depth.pass(&token);
        match token {
            TokenTree::Ident(name) => {
                let name = name.to_string();
                if index == 0 && NO_PATH.contains(&&*name) {
                    return false;
                }
                if is_outside {
                    last = Some(name);
                }
            }
            TokenTree::Punct(punct) => {
                let is_of_path = [':', '<', '>'].contains(&punct.as_char());
                if is_outside && !is_of_path {
                    return false;
                }
            }
            TokenTree::Group(_) | TokenTree::Literal(_) => {
                if is_outside {
                    return false;
                }
            }
        }
    }
    last.map_or(false, |last| last == "Bencher")
}

/// The tokens as they are read: those of a fragment of a `macro_rules!` macro in the place of its invisible group.
fn visible(tokens: TokenStream) -> Vec<TokenTree> {
    let mut all = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(ref group) if group.delimiter() == Delimiter::None => {
                all.extend(visible(group.stream()));
            }
            token => all.push(token),
        }
    }
    all
}

/// The tokens between separators that stand outside of `<` and `>`.
fn split(tokens: Vec<TokenTree>, separator: char) -> Vec<Vec<TokenTree>> {
    let mut parts = vec![Vec::new()];
    let mut depth = Depth::default();
    for token in tokens {
        if depth.is_outside() && is_punct(&token, separator) {
            parts.push(Vec::new());
            continue;
        }
        depth.pass(&token);
        parts
            .last_mut()
            .expect("there is one from the start")
            .push(token);
    }
    parts
}

/// How many `<` are open.
#[derive(Default)]
struct Depth {
    open: usize,
    /// Whether the last token was the beginning of `->` or `=>`.
    arrow: bool,
}

impl Depth {
    fn is_outside(&self) -> bool {
        self.open == 0
    }

    fn pass(&mut self, token: &TokenTree) {
        let arrow = std::mem::replace(
            &mut self.arrow,
            is_punct(token, '-') || is_punct(token, '='),
        );
        if is_punct(token, '<') {
            self.open += 1;
        } else if is_punct(token, '>') && !arrow {
            self.open = self.open.saturating_sub(1);
        }
    }
}

fn is_punct(token: &TokenTree, punct: char) -> bool {
    match token {
        TokenTree::Punct(found) => found.as_char() == punct,
        _ => false,
    }
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    match token {
        TokenTree::Ident(ident) => ident.to_string() == word,
        _ => false,
    }
}
