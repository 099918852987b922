//! `#[bench_cases]`: the `impl` as it stands, and beside it a registration for each case on its methods.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::spanned::Spanned;
use syn::{Expr, Meta};

use super::bench_case::registrations;
use crate::attr::bench_case::{BenchCase, READ};
use crate::attr::bench_cases::BenchCases;
use crate::callee::{Callee, Owner};
use crate::check;
use crate::ctxt::Ctxt;
use crate::generics::{self, Choice};
use crate::item::{self, Function, Impl, Item};
use crate::lints;

/// The expansion; or the errors, and the `impl` without what this attribute would have read.
pub(crate) fn attribute(args: TokenStream, item: &TokenStream) -> TokenStream {
    let mut ctxt = Ctxt::new();
    let expansion = expand(&mut ctxt, args, item);
    let errors = ctxt.finish();
    let Some((read, registrations)) = expansion else {
        return quote!(#errors #item);
    };
    match errors {
        None => quote!(#read #registrations),
        Some(errors) => quote!(#errors #read),
    }
}

/// The `impl`, its cases marked as read, and their registrations.
fn expand(
    ctxt: &mut Ctxt,
    args: TokenStream,
    item: &TokenStream,
) -> Option<(TokenStream, TokenStream)> {
    let of_impl = BenchCases::parse(ctxt, args);
    let mut block = Impl::parse(ctxt, "bench_cases", item)?;
    let owner = Owner::new(&block);
    check::bench_cases(ctxt, &of_impl, &block);

    let mut items = TokenStream::new();
    let mut registered = TokenStream::new();
    for item in &mut block.items {
        match item {
            Item::Other(other) => items.extend(other.tokens.clone()),
            Item::Function(function) => {
                let cases = take_cases(function);
                if !cases.is_empty() {
                    // A function that its registration calls is not dead, which may be expected of it.
                    lints::allow_what_is_expected(function);
                }
                let function = &**function;
                for written in &cases {
                    registered.extend(method(
                        ctxt,
                        &of_impl,
                        &block.head,
                        &owner,
                        function,
                        written,
                    ));
                }
                items.extend(function.whole());
            }
        }
    }
    Some((block.with_items(&items), registered))
}

/// A case as it stands on a method.
struct Written {
    meta: Meta,
    /// Of the `#[cfg_attr(…)]` that it is in.
    condition: Option<Meta>,
}

/// The cases on a method, which are marked as read where they stand.
fn take_cases(function: &mut Function) -> Vec<Written> {
    let mut cases = Vec::new();
    for attr in &mut function.attrs {
        if item::is_case(&attr.meta) {
            let meta = mark(&mut attr.meta);
            cases.push(Written {
                meta,
                condition: None,
            });
        } else if let Some((condition, mut metas)) = item::conditional(attr) {
            for meta in metas.iter_mut().filter(|meta| item::is_case(meta)) {
                cases.push(Written {
                    meta: mark(meta),
                    condition: Some(condition.clone()),
                });
            }
            if metas.iter().any(item::is_case) {
                attr.meta = syn::parse_quote!(cfg_attr(#condition, #(#metas),*));
            }
        }
    }
    cases
}

/// Marks a case as read.
fn mark(case: &mut Meta) -> Meta {
    let (path, read) = (case.path().clone(), format_ident!("{READ}"));
    std::mem::replace(case, syn::parse_quote!(#path(#read)))
}

/// The registration of one case on a method.
fn method(
    ctxt: &mut Ctxt,
    of_impl: &BenchCases,
    head: &syn::ItemImpl,
    owner: &Owner,
    function: &Function,
    written: &Written,
) -> TokenStream {
    let place = written.meta.path().span();
    let args = match &written.meta {
        Meta::List(list) => owner.without_self(list.tokens.clone()),
        Meta::NameValue(named) => {
            let value = named.value.to_token_stream();
            ctxt.error(
                named,
                format_args!("a name stands in parentheses: `#[bench_case({value})]`"),
            );
            TokenStream::new()
        }
        Meta::Path(_) => TokenStream::new(),
    };
    let mut uses_self = Owner::is_named_in(&args);
    let mut case = BenchCase::parse(ctxt, args);
    if case.with.is_none() && function.sig.receiver().is_some() {
        case.with = with(of_impl, owner);
        let with = case.with.iter().map(|(_, with)| with);
        uses_self |= with
            .into_iter()
            .any(|with| Owner::is_named_in(&with.to_token_stream()));
    }
    case.renamed = case.renamed.or_else(|| of_impl.renamed.clone());
    case.rejected |= of_impl.rejected;
    let callee = Callee::of_impl(function, owner);
    check::bench_case(ctxt, &case, &callee);

    let inner = generics::choices(&case.choices, &callee.sig.generics);
    let outer = generics::choices(&of_impl.choices, &head.generics);
    let pairs = outer
        .iter()
        .flat_map(|outer| inner.iter().map(move |inner| outer.then(inner.clone())));
    let with_self = |choice: Choice| {
        if uses_self {
            choice.with_alias(owner.alias())
        } else {
            choice
        }
    };
    case.condition.clone_from(&written.condition);
    registrations(&case, &callee, pairs.map(with_self).collect(), place)
}

/// The receiver that the attribute of the `impl` makes.
fn with(of_impl: &BenchCases, owner: &Owner) -> Option<(Span, Expr)> {
    let (span, with) = of_impl.with.as_ref()?;
    let outside = owner.without_self(with.to_token_stream());
    Some((*span, syn::parse2(outside).ok()?))
}
