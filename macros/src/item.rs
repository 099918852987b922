//! The annotated item: a function's signature, its body kept as tokens.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::quote;
use syn::buffer::Cursor;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{AttrStyle, Attribute, ImplItem, ItemImpl, Meta, Signature, Token, Visibility};

use crate::ctxt::Ctxt;
use crate::fragments;

/// A function with a body: free, or a method.
pub(crate) struct Function {
    /// Inner attributes included, turned into outer ones: the body's first statement may be ours.
    pub(crate) attrs: Vec<Attribute>,
    vis: Visibility,
    defaultness: Option<Token![default]>,
    pub(crate) sig: Signature,
    /// As it stands in the file: lints take a function whose braces a macro made for the macro's, and what is in it
    /// must not be taken apart.
    pub(crate) body: Group,
}

impl Function {
    /// Parses `item`, or reports what it is instead.
    pub(crate) fn parse(ctxt: &mut Ctxt, attribute: &str, item: TokenStream) -> Option<Self> {
        let parse = |input: ParseStream<'_>| Self::parse_stream(attribute, input);
        let item = fragments::outside_bodies(item);
        parse.parse2(item).map_err(|error| ctxt.push(error)).ok()
    }

    fn parse_stream(attribute: &str, input: ParseStream<'_>) -> syn::Result<Self> {
        let mut attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let defaultness = if input.peek(Token![default]) && !input.peek2(Token![!]) {
            Some(input.parse()?)
        } else {
            None
        };
        if !is_function(input) {
            let inside = [
                input.peek(Token![impl]),
                input.peek(Token![trait]),
                input.peek(Token![mod]),
            ];
            let inside = inside.contains(&true).then_some(": put it on those inside");
            let message = format!(
                "`#[{attribute}]` goes on a function{}",
                inside.unwrap_or_default()
            );
            return Err(syn::Error::new(input.span(), message));
        }
        let sig: Signature = input.parse()?;
        if input.peek(Token![;]) {
            let message = format!("`#[{attribute}]` needs a function with a body");
            return Err(syn::Error::new(input.span(), message));
        }
        let body = match input.parse()? {
            TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => body,
            other => {
                return Err(syn::Error::new_spanned(
                    other,
                    "expected the function's body",
                ));
            }
        };
        let (inner_attrs, body) = without_inner_attributes(body)?;
        attrs.extend(inner_attrs);
        Ok(Self {
            attrs,
            vis,
            defaultness,
            sig,
            body,
        })
    }

    /// Everything before the body, with `sig` for the signature.
    pub(crate) fn head(&self, sig: &Signature) -> TokenStream {
        let Self {
            attrs,
            vis,
            defaultness,
            ..
        } = self;
        quote!(#(#attrs)* #vis #defaultness #sig)
    }

    /// All of it.
    pub(crate) fn whole(&self) -> TokenStream {
        let (head, body) = (self.head(&self.sig), &self.body);
        quote!(#head #body)
    }

    /// A body of these statements, in the braces of the function's own.
    pub(crate) fn block(&self, statements: &TokenStream) -> TokenStream {
        let mut block = Group::new(Delimiter::Brace, statements.clone());
        block.set_span(self.body.span());
        TokenTree::Group(block).into()
    }

    /// Whether `#[bench_case]` stands on it.
    pub(crate) fn is_case(&self) -> bool {
        let is_case_if =
            |attr| conditional(attr).is_some_and(|(_, metas)| metas.iter().any(is_case));
        self.attrs
            .iter()
            .any(|attr| is_case(&attr.meta) || is_case_if(attr))
    }

    /// The name without `r#`.
    pub(crate) fn name(&self) -> String {
        syn::ext::IdentExt::unraw(&self.sig.ident).to_string()
    }

    pub(crate) fn span(&self) -> Span {
        self.sig.ident.span()
    }

    /// Line and column of the function's name, as literals: `line!()` would give the attribute's.
    pub(crate) fn place(&self) -> (u32, u32) {
        let span = self.span().unwrap();
        (literal(span.line()), literal(span.column()))
    }
}

/// The inner attributes of a body as outer ones, and the rest of it.
fn without_inner_attributes(body: Group) -> syn::Result<(Vec<Attribute>, Group)> {
    let mut first = body.stream().into_iter();
    let has_any = matches!(
        (first.next(), first.next()),
        (Some(TokenTree::Punct(hash)), Some(TokenTree::Punct(bang)))
            if hash.as_char() == '#' && bang.as_char() == '!'
    );
    if !has_any {
        return Ok((Vec::new(), body));
    }
    let parse = |input: ParseStream<'_>| {
        let mut attrs = input.call(Attribute::parse_inner)?;
        for attr in &mut attrs {
            attr.style = AttrStyle::Outer;
        }
        Ok((attrs, input.parse::<TokenStream>()?))
    };
    let (attrs, rest) = parse.parse2(fragments::explicit(body.stream()))?;
    let mut rest = Group::new(Delimiter::Brace, rest);
    rest.set_span(body.span());
    Ok((attrs, rest))
}

/// Whether it is `#[bench_case]`, by whatever path.
pub(crate) fn is_case(meta: &Meta) -> bool {
    let last = meta.path().segments.last();
    last.is_some_and(|last| last.ident == "bench_case")
}

/// The condition of a `#[cfg_attr(…)]`, and what stands on the item where it holds.
pub(crate) fn conditional(attr: &Attribute) -> Option<(Meta, Vec<Meta>)> {
    let list = attr.meta.require_list().ok();
    let list = list.filter(|list| list.path.is_ident("cfg_attr"))?;
    let metas = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    let mut metas = metas.ok()?.into_iter();
    Some((metas.next()?, metas.collect()))
}

/// Of the attribute, what says whether the item is there.
pub(crate) fn condition(attr: &Attribute) -> Option<TokenStream> {
    let is_cfg = |meta: &Meta| meta.path().is_ident("cfg");
    if is_cfg(&attr.meta) {
        return Some(quote!(#attr));
    }
    let (condition, mut metas) = conditional(attr)?;
    metas.retain(is_cfg);
    (!metas.is_empty()).then(|| quote!(#[cfg_attr(#condition, #(#metas),*)]))
}

/// An `impl`, its items kept as tokens but for the functions' heads.
pub(crate) struct Impl {
    /// Without its items.
    pub(crate) head: ItemImpl,
    pub(crate) items: Vec<Item>,
    /// `#![allow(…)]`, at the beginning of the braces.
    inner_attrs: Vec<Attribute>,
    /// All before the braces, as it is written.
    before: TokenStream,
    brace: Group,
}

/// What an `impl` has in it.
pub(crate) enum Item {
    Function(Box<Function>),
    Other(Other),
}

/// An item that is no function, as it stands in the file.
pub(crate) struct Other {
    item: Box<ImplItem>,
    pub(crate) tokens: TokenStream,
}

impl Impl {
    /// Parses `item`, or reports what it is instead.
    pub(crate) fn parse(ctxt: &mut Ctxt, attribute: &str, item: &TokenStream) -> Option<Self> {
        Self::try_parse(attribute, item)
            .map_err(|error| ctxt.push(error))
            .ok()
    }

    fn try_parse(attribute: &str, item: &TokenStream) -> syn::Result<Self> {
        let mut tokens: Vec<TokenTree> = item.clone().into_iter().collect();
        let Some(TokenTree::Group(brace)) = tokens.pop() else {
            return Err(not_an_impl(attribute, item));
        };
        let before = fragments::explicit(tokens.into_iter().collect());
        let head = syn::parse2(quote!(#before {})).map_err(|_| not_an_impl(attribute, item))?;
        let parse = |input: ParseStream<'_>| {
            let inner_attrs = input.call(Attribute::parse_inner)?;
            let mut items = Vec::new();
            while !input.is_empty() {
                let is_function = {
                    let rest = input.fork();
                    rest.call(Attribute::parse_outer)?;
                    rest.parse::<Visibility>()?;
                    rest.parse::<Option<Token![default]>>()?;
                    is_function(&rest)
                };
                items.push(if is_function {
                    Item::Function(Box::new(Function::parse_stream(attribute, input)?))
                } else {
                    let begin = input.cursor();
                    let item = input.parse()?;
                    let tokens = between(begin, input.cursor());
                    Item::Other(Other { item, tokens })
                });
            }
            Ok((inner_attrs, items))
        };
        let (inner_attrs, items) = parse.parse2(fragments::outside_bodies(brace.stream()))?;
        Ok(Self {
            head,
            items,
            inner_attrs,
            before,
            brace,
        })
    }

    /// The names of its associated types.
    pub(crate) fn associated_types(&self) -> Vec<String> {
        let names = self.items.iter().filter_map(|item| match item {
            Item::Other(other) => match &*other.item {
                ImplItem::Type(item) => Some(item.ident.to_string()),
                _ => None,
            },
            Item::Function(_) => None,
        });
        names.collect()
    }

    /// The `impl` with other items.
    pub(crate) fn with_items(&self, items: &TokenStream) -> TokenStream {
        let Self {
            before,
            inner_attrs,
            ..
        } = self;
        let mut brace = Group::new(Delimiter::Brace, quote!(#(#inner_attrs)* #items));
        brace.set_span(self.brace.span());
        quote!(#before #brace)
    }
}

/// The tokens from one place to another.
fn between(mut begin: Cursor<'_>, end: Cursor<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    while begin != end {
        let Some((token, rest)) = begin.token_tree() else {
            break;
        };
        tokens.extend([token]);
        begin = rest;
    }
    tokens
}

fn not_an_impl(attribute: &str, item: &TokenStream) -> syn::Error {
    let first = item.clone().into_iter().next();
    syn::Error::new_spanned(first, format!("`#[{attribute}]` goes on an `impl`"))
}

/// Whether what comes is a function, which may still be malformed.
fn is_function(input: ParseStream<'_>) -> bool {
    let rest = input.fork();
    // `const`, `async`, `safe`, `unsafe` and `extern "C"` come before `fn`.
    while !rest.peek(Token![fn]) {
        let qualifies = rest.peek(Token![const])
            || rest.peek(Token![async])
            || rest.peek(Token![safe])
            || rest.peek(Token![unsafe])
            || rest.peek(Token![extern])
            || rest.peek(syn::LitStr);
        if !qualifies || rest.parse::<TokenTree>().is_err() {
            return false;
        }
    }
    true
}

/// A line or a column, as the runtime has it.
pub(crate) fn literal(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(0)
}
