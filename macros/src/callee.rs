//! What a case calls: a function, or a method of an `impl`, as code outside of it names that.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, FnArg, GenericParam, ItemImpl, Path, PathArguments, ReturnType, Signature, Type,
};

use crate::check;
use crate::item::Function;
use crate::paths::at;

/// A function, from outside.
pub(crate) struct Callee<'a> {
    pub(crate) function: &'a Function,
    /// What `Self` stands for is written out in it.
    pub(crate) sig: Signature,
    /// Without what generics are chosen.
    pub(crate) path: TokenStream,
    /// In ids.
    pub(crate) shown: String,
    /// Of the `impl` that it is in.
    pub(crate) owner: Option<&'a Owner>,
}

impl<'a> Callee<'a> {
    pub(crate) fn free(function: &'a Function) -> Self {
        let name = &function.sig.ident;
        Self {
            function,
            sig: function.sig.clone(),
            path: quote!(#name),
            shown: function.name(),
            owner: None,
        }
    }

    pub(crate) fn of_impl(function: &'a Function, owner: &'a Owner) -> Self {
        let mut sig = function.sig.clone();
        for input in &mut sig.inputs {
            if let FnArg::Typed(input) = input {
                *input.ty = owner.written_out(&input.ty);
            }
        }
        if let ReturnType::Type(_, output) = &mut sig.output {
            **output = owner.written_out(output);
        }
        let name = &sig.ident;
        let path = owner.path_to(name);
        Self {
            function,
            path,
            shown: format!("{}::{}", owner.shown, function.name()),
            sig,
            owner: Some(owner),
        }
    }

    /// The conditions under which it is there, which a registration beside its `impl` must share.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &'a Attribute> {
        let attrs = self.owner.map(|_| self.function.attrs.iter());
        attrs
            .into_iter()
            .flatten()
            .filter(|attr| attr.path().is_ident("cfg"))
    }
}

/// The `impl` that methods are in.
pub(crate) struct Owner {
    /// The type as written, with `'_` for the lifetimes that are the `impl`'s parameters.
    ty: TokenStream,
    /// The trait, likewise.
    of_trait: Option<TokenStream>,
    /// The type's name.
    shown: String,
    /// The item that gives the type a name, for where the user has written `Self`.
    alias: TokenStream,
    /// `inner::Parser`, of `inner::Parser<T>`.
    constructor: Option<Path>,
    /// The lifetimes that are the `impl`'s parameters.
    pub(crate) lifetimes: Vec<String>,
}

/// What stands for `Self`, in expressions.
const SELF: &str = "__HotbenchSelf";

impl Owner {
    pub(crate) fn new(head: &ItemImpl) -> Self {
        let ty = &*head.self_ty;
        let params = head.generics.params.iter();
        let lifetimes: Vec<&syn::Lifetime> = params
            .filter_map(|param| match param {
                GenericParam::Lifetime(param) => Some(&param.lifetime),
                _ => None,
            })
            .collect();
        let names: Vec<String> = lifetimes
            .iter()
            .map(|lifetime| lifetime.ident.to_string())
            .collect();
        let elided = |tokens: TokenStream| elide(tokens, &names);
        let path = match ty {
            Type::Path(path) => Some(&path.path),
            _ => None,
        };
        let last = path.and_then(|path| path.segments.last());
        let constructor = path.cloned().map(|mut path| {
            if let Some(last) = path.segments.last_mut() {
                last.arguments = PathArguments::None;
            }
            path
        });
        let used = lifetimes
            .iter()
            .filter(|lifetime| check::mentions(ty.to_token_stream(), &lifetime.ident.to_string()));
        let alias = Ident::new(SELF, Span::mixed_site());
        Self {
            ty: elided(ty.to_token_stream()),
            of_trait: head
                .trait_
                .as_ref()
                .map(|(path, _)| elided(path.to_token_stream())),
            shown: last.map_or_else(|| crate::generics::label(ty), |last| last.ident.to_string()),
            alias: quote!(type #alias<#(#used),*> = #ty;),
            constructor,
            lifetimes: names,
        }
    }

    /// What `Self` is.
    pub(crate) fn ty(&self) -> &TokenStream {
        &self.ty
    }

    fn path_to(&self, name: &Ident) -> TokenStream {
        let ty = &self.ty;
        let of_trait = self.of_trait.as_ref().map(|of_trait| quote!(as #of_trait));
        quote!(<#ty #of_trait>::#name)
    }

    /// The tokens with a name for the type in the place of `Self`.
    pub(crate) fn without_self(&self, tokens: TokenStream) -> TokenStream {
        let mut tokens = tokens.into_iter().peekable();
        let mut outside = TokenStream::new();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(ident) if ident == "Self" => {
                    let is_call = matches!(tokens.peek(), Some(TokenTree::Group(group))
                        if group.delimiter() == Delimiter::Parenthesis);
                    // An alias is no constructor of a tuple struct.
                    let span = ident.span();
                    match &self.constructor {
                        Some(path) if is_call => outside.extend(at(span, quote!(#path))),
                        _ => outside.extend([TokenTree::from(Ident::new(SELF, span))]),
                    }
                }
                TokenTree::Group(group) => {
                    outside.extend(within(&group, |tokens| self.without_self(tokens)));
                }
                token => outside.extend([token]),
            }
        }
        outside
    }

    /// The item that declares the name which stands for `Self`.
    pub(crate) fn alias(&self) -> &TokenStream {
        &self.alias
    }

    /// Whether that name is used.
    pub(crate) fn is_named_in(tokens: &TokenStream) -> bool {
        check::mentions(tokens.clone(), SELF)
    }

    /// The type, with the `impl`'s in the place of `Self`.
    fn written_out(&self, ty: &Type) -> Type {
        let written_out = replace_self(ty.to_token_stream(), &self.ty);
        syn::parse2(written_out).unwrap_or_else(|_| ty.clone())
    }
}

fn replace_self(tokens: TokenStream, ty: &TokenStream) -> TokenStream {
    let replace = |token: TokenTree| match token {
        TokenTree::Ident(ident) if ident == "Self" => ty.clone(),
        TokenTree::Group(group) => within(&group, |tokens| replace_self(tokens, ty)),
        token => token.into(),
    };
    tokens.into_iter().flat_map(replace).collect()
}

/// The group with other tokens in it.
fn within(group: &Group, change: impl FnOnce(TokenStream) -> TokenStream) -> TokenStream {
    let mut changed = Group::new(group.delimiter(), change(group.stream()));
    changed.set_span(group.span());
    TokenTree::Group(changed).into()
}

/// With `'_` in the place of these lifetimes.
fn elide(tokens: TokenStream, lifetimes: &[String]) -> TokenStream {
    let mut after_quote = false;
    let elided = tokens.into_iter().flat_map(|token| -> TokenStream {
        let is_lifetime = std::mem::take(&mut after_quote);
        match token {
            TokenTree::Ident(ident)
                if is_lifetime && lifetimes.iter().any(|known| ident == known) =>
            {
                TokenTree::Ident(Ident::new("_", ident.span())).into()
            }
            TokenTree::Group(group) => within(&group, |tokens| elide(tokens, lifetimes)),
            TokenTree::Punct(punct) => {
                after_quote = punct.as_char() == '\'';
                TokenTree::Punct(punct).into()
            }
            token => token.into(),
        }
    });
    elided.collect()
}
