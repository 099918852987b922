//! The annotated item: a function's signature, its body kept as tokens.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{AttrStyle, Attribute, Signature, Token, Visibility};

use crate::ctxt::Ctxt;

/// A function with a body: free, or a method.
pub(crate) struct Function {
    /// Inner attributes included, turned into outer ones: the body's first statement may be ours.
    pub(crate) attrs: Vec<Attribute>,
    vis: Visibility,
    defaultness: Option<Token![default]>,
    pub(crate) sig: Signature,
    /// What stands between the braces.
    pub(crate) body: TokenStream,
}

impl Function {
    /// Parses `item`, or reports what it is instead.
    pub(crate) fn parse(ctxt: &mut Ctxt, attribute: &str, item: TokenStream) -> Option<Self> {
        let parse = |input: ParseStream<'_>| Self::parse_stream(attribute, input);
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
        if input.fork().parse::<Signature>().is_err() {
            let message = format!("`#[{attribute}]` goes on a function");
            return Err(syn::Error::new(input.span(), message));
        }
        let sig: Signature = input.parse()?;
        if input.peek(Token![;]) {
            let message = format!(
                "`#[{attribute}]` needs a function with a body: put it on the implementations of `{}`",
                sig.ident
            );
            return Err(syn::Error::new(input.span(), message));
        }
        let content;
        syn::braced!(content in input);
        for mut attr in content.call(Attribute::parse_inner)? {
            attr.style = AttrStyle::Outer;
            attrs.push(attr);
        }
        Ok(Self {
            attrs,
            vis,
            defaultness,
            sig,
            body: content.parse()?,
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

    /// The name without `r#`.
    pub(crate) fn name(&self) -> String {
        syn::ext::IdentExt::unraw(&self.sig.ident).to_string()
    }

    pub(crate) fn span(&self) -> Span {
        self.sig.ident.span()
    }

    /// The line of the function's name, as a literal: `line!()` would give the attribute's.
    pub(crate) fn line(&self) -> u32 {
        u32::try_from(self.span().unwrap().line()).unwrap_or(0)
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let head = self.head(&self.sig);
        let body = &self.body;
        tokens.extend(quote!(#head { #body }));
    }
}
