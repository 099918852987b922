//! What a case calls: a function, or a method of an `impl`, as code outside of it names that.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{FnArg, GenericParam, Path, PathArguments, ReturnType, Signature, Type};

use crate::item::{self, Function, Impl};
use crate::syntax;

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
    pub(crate) fn conditions(&self) -> impl Iterator<Item = TokenStream> {
        let attrs = self.owner.map(|_| self.function.attrs.iter());
        attrs.into_iter().flatten().filter_map(item::condition)
    }
}

/// The `impl` that methods are in.
pub(crate) struct Owner {
    /// The type as written, with `'_` for the lifetimes that are the `impl`'s parameters.
    ty: TokenStream,
    /// The trait, likewise, and with the type in the place of `Self`.
    of_trait: Option<TokenStream>,
    /// The names of the associated types, which outside need the trait's name as well.
    associated: Vec<String>,
    /// The type's name.
    shown: String,
    /// A name for the type where the user has written `Self`.
    alias: TokenStream,
    /// `module::Parser`, of `module::Parser<T>`.
    constructor: Option<Path>,
    /// Whether nothing that stands in the constructor's place could be meant but the type.
    is_whole: bool,
    /// Whether the size of the type is known not to be: a slice, a `str`, a `dyn Trait`.
    is_unsized: bool,
    /// The lifetimes that are the `impl`'s parameters.
    pub(crate) lifetimes: Vec<String>,
}

/// What stands for `Self`, in expressions.
const SELF: &str = "__HotbenchSelf";

impl Owner {
    pub(crate) fn new(block: &Impl) -> Self {
        let head = &block.head;
        let bare = syntax::bare(&head.self_ty);
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
        let path = match bare {
            Type::Path(path) if path.qself.is_none() => Some(&path.path),
            _ => None,
        };
        let is_whole = path.is_some_and(|path| {
            let mut segments = path.segments.iter();
            segments.all(|segment| segment.arguments.is_none())
        });
        let ty = elide(written(bare), &names);
        let of_trait = head.trait_.as_ref().map(|(path, _)| {
            let of_trait = elide(path.to_token_stream(), &names);
            replace(of_trait, &|_| Some(ty.clone()))
        });
        Self {
            of_trait,
            associated: block.associated_types(),
            shown: path.and_then(|path| path.segments.last()).map_or_else(
                || crate::generics::label(bare),
                |last| last.ident.unraw().to_string(),
            ),
            alias: alias(bare, &lifetimes),
            constructor: path.map(without_arguments),
            is_whole,
            is_unsized: match bare {
                Type::Slice(_) | Type::TraitObject(_) => true,
                _ => path.is_some_and(|path| path.is_ident("str")),
            },
            lifetimes: names,
            ty,
        }
    }

    /// What `Self` is.
    pub(crate) fn ty(&self) -> &TokenStream {
        &self.ty
    }

    /// What `Self` is, where a value of it can be made.
    pub(crate) fn sized_ty(&self) -> Option<&TokenStream> {
        (!self.is_unsized).then_some(&self.ty)
    }

    fn path_to(&self, name: &Ident) -> TokenStream {
        let ty = &self.ty;
        let of_trait = self.of_trait.as_ref().map(|of_trait| quote!(as #of_trait));
        quote!(<#ty #of_trait>::#name)
    }

    /// The tokens of an argument with a name for the type in the place of `Self`.
    ///
    /// A type that needs no arguments is named as the `impl` names it. Any other gets an alias, which is no
    /// constructor of a tuple or a unit struct.
    pub(crate) fn without_self(&self, tokens: TokenStream) -> TokenStream {
        replace(tokens, &|place| {
            let span = place.ident.span();
            if let Some(associated) = self.associated_type(place) {
                return Some(associated);
            }
            let is_value = match place.after {
                None => place.is_all || place.before == '=',
                Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Parenthesis,
                Some(TokenTree::Punct(punct)) => place.before == '=' && punct.as_char() == ',',
                Some(_) => false,
            };
            match &self.constructor {
                Some(constructor) if is_value || self.is_whole => {
                    Some(respanned(constructor.to_token_stream(), span))
                }
                _ => {
                    // Not of the user's code, where a lint would miss its lifetimes.
                    let alias = Ident::new(SELF, span.resolved_at(Span::mixed_site()));
                    Some(alias.into_token_stream())
                }
            }
        })
    }

    /// `Self::Item`, as `<Type as Trait>` before the `::Item`.
    fn associated_type(&self, place: &Place<'_>) -> Option<TokenStream> {
        let name = place.member?.to_string();
        let of_trait = self.of_trait.as_ref()?;
        let ty = &self.ty;
        let is_associated = self.associated.contains(&name);
        is_associated.then(|| quote_spanned!(place.ident.span()=> <#ty as #of_trait>))
    }

    /// The name that stands for `Self`.
    pub(crate) fn alias(&self) -> &TokenStream {
        &self.alias
    }

    /// Whether that name is used.
    pub(crate) fn is_named_in(tokens: &TokenStream) -> bool {
        syntax::mentions(tokens.clone(), SELF)
    }

    /// The type, with the `impl`'s in the place of `Self`, which is left where the type outside would read
    /// differently: an associated type that is another trait's.
    fn written_out(&self, ty: &Type) -> Type {
        let written_out = replace(ty.to_token_stream(), &|place| match place.member {
            None => Some(self.ty.clone()),
            Some(_) => self.associated_type(place),
        });
        syn::parse2(written_out).unwrap_or_else(|_| ty.clone())
    }
}

/// The type, in parentheses where it needs them after a `&`.
fn written(ty: &Type) -> TokenStream {
    match ty {
        Type::TraitObject(object) if object.bounds.len() > 1 => quote!((#ty)),
        ty => quote!(#ty),
    }
}

/// `module::Parser`, of `module::Parser<T>`.
fn without_arguments(path: &Path) -> Path {
    let mut path = path.clone();
    for segment in &mut path.segments {
        segment.arguments = PathArguments::None;
    }
    path
}

/// The alias for `Self`, of the `impl`'s lifetimes that are in the type, and of those that have no name in it.
fn alias(ty: &Type, lifetimes: &[&syn::Lifetime]) -> TokenStream {
    let tokens = ty.to_token_stream();
    let used = lifetimes
        .iter()
        .filter(|lifetime| syntax::mentions(tokens.clone(), &lifetime.ident.to_string()));
    let used: Vec<syn::Lifetime> = used.copied().cloned().collect();
    let mut unnamed = Vec::new();
    let tokens = name_lifetimes(tokens.clone(), &mut unnamed);
    let alias = Ident::new(SELF, Span::mixed_site());
    quote!(type #alias<#(#used,)* #(#unnamed),*> = #tokens;)
}

/// With names for the lifetimes that have none.
fn name_lifetimes(tokens: TokenStream, names: &mut Vec<syn::Lifetime>) -> TokenStream {
    let mut tokens = tokens.into_iter().peekable();
    let mut all = TokenStream::new();
    let name = |names: &mut Vec<syn::Lifetime>| {
        let name = format!("'__hotbench_{}", names.len());
        let name = syn::Lifetime::new(&name, Span::mixed_site());
        names.push(name.clone());
        name
    };
    // What a function takes is for any lifetime.
    let mut is_function = false;
    while let Some(token) = tokens.next() {
        let was_function = std::mem::take(&mut is_function);
        match token {
            TokenTree::Group(group) if !was_function => {
                all.extend(within(&group, |tokens| name_lifetimes(tokens, names)));
            }
            TokenTree::Punct(punct) => {
                let next = tokens.peek();
                let is_lifetime =
                    matches!(next, Some(TokenTree::Punct(next)) if next.as_char() == '\'');
                let is_unnamed = matches!(next, Some(TokenTree::Ident(next)) if next == "_");
                match punct.as_char() {
                    '&' if !is_lifetime => {
                        let name = name(names);
                        all.extend(quote!(#punct #name));
                    }
                    '\'' if is_unnamed => {
                        tokens.next();
                        name(names).to_tokens(&mut all);
                    }
                    _ => all.extend([TokenTree::Punct(punct)]),
                }
            }
            token => {
                is_function = matches!(&token, TokenTree::Ident(ident)
                    if ident != "mut" && ident != "const" && ident != "dyn");
                all.extend([token]);
            }
        }
    }
    all
}

/// Where a `Self` stands.
struct Place<'a> {
    ident: &'a Ident,
    /// The punctuation before it, or a space.
    before: char,
    after: Option<&'a TokenTree>,
    /// Whether it is all that there is.
    is_all: bool,
    /// `Item`, of `Self::Item`.
    member: Option<&'a Ident>,
}

/// With what `with` makes in the place of each `Self`; it stays where that is nothing.
fn replace(tokens: TokenStream, with: &dyn Fn(&Place<'_>) -> Option<TokenStream>) -> TokenStream {
    replace_in(tokens, true, with)
}

fn replace_in(
    tokens: TokenStream,
    is_outermost: bool,
    with: &dyn Fn(&Place<'_>) -> Option<TokenStream>,
) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_punct = |index: usize, punct: char| matches!(tokens.get(index), Some(TokenTree::Punct(found)) if found.as_char() == punct);
    let replaced = tokens.iter().enumerate().map(|(index, token)| match token {
        TokenTree::Ident(ident) if ident == "Self" => {
            let before = match index.checked_sub(1).map(|index| &tokens[index]) {
                Some(TokenTree::Punct(punct)) => punct.as_char(),
                _ => ' ',
            };
            let is_path = is_punct(index + 1, ':') && is_punct(index + 2, ':');
            let member = match tokens.get(index + 3) {
                Some(TokenTree::Ident(member)) if is_path => Some(member),
                _ => None,
            };
            let place = Place {
                ident,
                before,
                after: tokens.get(index + 1),
                is_all: is_outermost && tokens.len() == 1,
                member,
            };
            with(&place).unwrap_or_else(|| token.clone().into())
        }
        TokenTree::Group(group) => within(group, |tokens| replace_in(tokens, false, with)),
        token => token.clone().into(),
    });
    replaced.collect()
}

/// The tokens as if they stood at `span`, where errors then are.
fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    let respan = |mut token: TokenTree| {
        token.set_span(token.span().located_at(span));
        token
    };
    tokens.into_iter().map(respan).collect()
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
