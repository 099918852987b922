//! The choices of a generic function's parameters, each of which is a case of its own.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, GenericParam, Generics, Type};

use crate::attr::bench_case::ChoicesOf;

/// One choice.
#[derive(Clone, Default)]
pub(crate) struct Choice {
    /// As the id shows it.
    pub(crate) label: Option<String>,
    /// What was chosen, under names of our own.
    chosen: TokenStream,
    /// The parameters' names for it.
    aliases: TokenStream,
    /// What comes after the function's name, in the scope of the aliases.
    pub(crate) turbofish: TokenStream,
}

impl Choice {
    /// What is chosen for an `impl`, and then for a function of it.
    pub(crate) fn then(&self, inner: Self) -> Self {
        let labels: Vec<&str> = [&self.label, &inner.label]
            .into_iter()
            .filter_map(Option::as_deref)
            .collect();
        let join = |outer: &TokenStream, inner: &TokenStream| quote!(#outer #inner);
        Self {
            label: (!labels.is_empty()).then(|| labels.join("/")),
            chosen: join(&self.chosen, &inner.chosen),
            aliases: join(&self.aliases, &inner.aliases),
            turbofish: inner.turbofish,
        }
    }

    /// With a name for a type that stands for it beside the parameters'.
    pub(crate) fn with_alias(mut self, alias: &TokenStream) -> Self {
        self.aliases.extend(alias.clone());
        self
    }

    /// Statements in which the parameters stand for what was chosen.
    ///
    /// A parameter may have the name of what is chosen for it, or for another, so that the aliases need
    /// a scope of their own.
    pub(crate) fn scope(&self, body: &TokenStream) -> TokenStream {
        if self.aliases.is_empty() {
            return body.clone();
        }
        let Self {
            chosen, aliases, ..
        } = self;
        quote!(#chosen { #aliases #body })
    }
}

/// Several parameters are given together, as a tuple.
pub(crate) trait Entry: ToTokens + Clone {
    fn elements(&self) -> Option<Vec<Self>>;
}

impl Entry for Type {
    fn elements(&self) -> Option<Vec<Self>> {
        match self {
            Self::Tuple(tuple) => Some(tuple.elems.iter().cloned().collect()),
            _ => None,
        }
    }
}

impl Entry for Expr {
    fn elements(&self) -> Option<Vec<Self>> {
        match self {
            Self::Tuple(tuple) => Some(tuple.elems.iter().cloned().collect()),
            _ => None,
        }
    }
}

/// The entry's parts, one for each of so many parameters.
pub(crate) fn parts<T: Entry>(entry: &T, parameters: usize) -> Option<Vec<T>> {
    if parameters == 1 {
        return Some(vec![entry.clone()]);
    }
    entry.elements().filter(|parts| parts.len() == parameters)
}

/// The names of the type parameters.
pub(crate) fn type_parameters(generics: &Generics) -> Vec<&Ident> {
    let params = generics.params.iter();
    let types = params.filter_map(|param| match param {
        GenericParam::Type(param) => Some(&param.ident),
        _ => None,
    });
    types.collect()
}

/// The names of the const parameters, with their types.
pub(crate) fn const_parameters(generics: &Generics) -> Vec<(&Ident, &Type)> {
    let params = generics.params.iter();
    let consts = params.filter_map(|param| match param {
        GenericParam::Const(param) => Some((&param.ident, &param.ty)),
        _ => None,
    });
    consts.collect()
}

/// The product of `types` and `consts`; one choice, of nothing, where the function has none of them.
pub(crate) fn choices(of: &ChoicesOf, generics: &Generics) -> Vec<Choice> {
    let (types, consts) = (type_parameters(generics), const_parameters(generics));
    let chosen_types = entries(of.types.as_ref().map(|types| &*types.entries), types.len());
    let chosen_consts = entries(
        of.consts.as_ref().map(|consts| &*consts.entries),
        consts.len(),
    );
    let mut choices = Vec::new();
    for (type_label, chosen_types) in &chosen_types {
        for (const_label, chosen_consts) in &chosen_consts {
            let labels: Vec<&str> = [type_label, const_label]
                .into_iter()
                .filter_map(Option::as_deref)
                .collect();
            let mut choice = Choice {
                label: (!labels.is_empty()).then(|| labels.join("/")),
                turbofish: turbofish(generics, chosen_types, chosen_consts),
                ..Choice::default()
            };
            for (name, chosen) in types.iter().zip(chosen_types) {
                let (own, name) = (own_name(name), quiet(name));
                choice.chosen.extend(quote!(type #own = #chosen;));
                choice.aliases.extend(quote!(type #name = #own;));
            }
            for ((name, ty), chosen) in consts.iter().zip(chosen_consts) {
                let (own, name) = (own_name(name), quiet(name));
                choice.chosen.extend(quote!(const #own: #ty = #chosen;));
                choice.aliases.extend(quote!(const #name: #ty = #own;));
            }
            choices.push(choice);
        }
    }
    choices
}

/// A name for what is chosen for a parameter.
fn own_name(parameter: &Ident) -> Ident {
    quiet(&format_ident!("__hotbench_{}", parameter.unraw()))
}

/// The same name, of which no lint speaks, since it is in code from a macro: that it is in the wrong
/// case, or that nothing uses it. An `allow` would be an error where the crate forbids the lint.
fn quiet(name: &Ident) -> Ident {
    let mut name = name.clone();
    name.set_span(Span::mixed_site().located_at(name.span()));
    name
}

/// Each entry with its label and its parts; those with a wrong number of parts are told elsewhere.
fn entries<T: Entry>(entries: Option<&[T]>, parameters: usize) -> Vec<(Option<String>, Vec<T>)> {
    let Some(entries) = entries.filter(|_| parameters > 0) else {
        return vec![(None, Vec::new())];
    };
    let with_label = |entry: &T| Some((Some(label(entry)), parts(entry, parameters)?));
    entries.iter().filter_map(with_label).collect()
}

/// The parameters in their order, each at the place of what was chosen for it.
fn turbofish(generics: &Generics, types: &[Type], consts: &[Expr]) -> TokenStream {
    let (mut types, mut consts) = (types.iter(), consts.iter());
    let params = generics.params.iter();
    let arguments = params.filter_map(|param| match param {
        GenericParam::Lifetime(_) => None,
        GenericParam::Type(param) => Some((&param.ident, types.next()?.span())),
        GenericParam::Const(param) => Some((&param.ident, consts.next()?.span())),
    });
    let arguments: Vec<Ident> = arguments
        .map(|(name, place)| {
            let mut argument = name.clone();
            argument.set_span(name.span().located_at(place));
            argument
        })
        .collect();
    if arguments.is_empty() {
        return TokenStream::new();
    }
    quote!(::<#(#arguments),*>)
}

/// An entry as the id shows it: its tokens without the spaces that nobody writes.
pub(crate) fn label(entry: &impl ToTokens) -> String {
    let text = entry.to_token_stream().to_string();
    let mut label = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        if c != ' ' || (is_word(label.chars().last()) && is_word(chars.peek().copied())) {
            label.push(c);
        }
    }
    label
}
