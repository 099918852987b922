//! `#[bench_case]`: the function as it stands, and beside it a routine that is registered.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, FnArg, Type};

use crate::attr::bench_case::BenchCase;
use crate::check;
use crate::ctxt::Ctxt;
use crate::item::Function;

pub(crate) fn expand(
    ctxt: &mut Ctxt,
    args: TokenStream,
    item: &TokenStream,
) -> Option<TokenStream> {
    let case = BenchCase::parse(ctxt, args);
    let function = Function::parse(ctxt, "bench_case", item.clone())?;
    check::bench_case(ctxt, &case, &function);

    let runtime = case.runtime();
    let registration = registration(&case, &function);
    if check::takes_bencher(&function.sig) {
        let bench_only = runtime.private("bench_only");
        Some(quote!(#bench_only! { #item } #registration))
    } else {
        Some(quote!(#item #registration))
    }
}

fn registration(case: &BenchCase, function: &Function) -> TokenStream {
    let gate = case.runtime().private("case");
    let routine = if check::takes_bencher(&function.sig) {
        own_routine(case, function)
    } else {
        routine(case, function)
    };
    let function_name = function.name();
    let line = function.line();
    let name = option(case.name.as_ref());
    let group = option(case.group.as_ref());
    let baseline = case.baseline.is_some();
    let max_allocs = match case.no_alloc {
        Some(_) => quote!(::core::option::Option::Some(0)),
        None => option(case.max_allocs.as_ref()),
    };
    let max_bytes = option(case.max_bytes.as_ref());
    quote! {
        #gate! {
            function: #function_name,
            name: #name,
            line: #line,
            group: #group,
            baseline: #baseline,
            max_allocs: #max_allocs,
            max_bytes: #max_bytes,
            routine: { #routine }
        }
    }
}

fn option(value: Option<impl ToTokens>) -> TokenStream {
    if let Some(value) = value {
        quote!(::core::option::Option::Some(#value))
    } else {
        quote!(::core::option::Option::None)
    }
}

/// The function takes the `Bencher` itself.
fn own_routine(case: &BenchCase, function: &Function) -> TokenStream {
    let bencher_type = case.runtime().private("Bencher");
    let bencher = Ident::new("bencher", Span::mixed_site());
    let name = &function.sig.ident;
    quote! {
        fn __hotbench_routine(#bencher: &mut #bencher_type<'_>) {
            #name(#bencher)
        }
    }
}

/// Calls the function with `args`.
///
/// References are hoisted into a `match`, which keeps their temporaries alive around the whole
/// measurement. Every other argument becomes a source: of one `Copy` value, or of a value made
/// afresh for each call.
fn routine(case: &BenchCase, function: &Function) -> TokenStream {
    let runtime = case.runtime();
    let bencher_type = runtime.private("Bencher");
    let [call_case, make, black_box] =
        ["call_case", "Make", "black_box"].map(|name| runtime.private(name));
    let bencher = Ident::new("bencher", Span::mixed_site());
    let name = &function.sig.ident;

    let values: &[Expr] = case.args.as_ref().map_or(&[], |args| &args.values);
    let arguments: Vec<Argument<'_>> = values
        .iter()
        .zip(&function.sig.inputs)
        .enumerate()
        .map(|(index, (value, input))| Argument::new(index, value, input))
        .collect();
    let (hoisted, owned): (Vec<_>, Vec<_>) =
        arguments.iter().partition(|argument| argument.hoisted);

    let names = arguments.iter().map(|argument| &argument.name);
    let hoisted_names = hoisted.iter().map(|argument| &argument.name);
    let hoisted_values = hoisted.iter().map(|argument| argument.value);
    let makers = owned.iter().map(|argument| argument.maker());
    let owned_names: Vec<_> = owned.iter().map(|argument| &argument.name).collect();
    let source = runtime.private("Source");
    let traits = ["OnceSource", "FreshSource"].map(|name| runtime.private(name));
    quote! {
        fn __hotbench_routine(#bencher: &mut #bencher_type<'_>) {
            #[allow(unused_imports)]
            use {#(#traits as _,)* #source as _};
            match (#(#hoisted_values,)*) {
                (#(#hoisted_names,)*) => {
                    #(let #owned_names = #make(#makers);)*
                    #call_case(
                        #bencher,
                        (#((&#owned_names).source(),)*),
                        |(#(#owned_names,)*)| #name(#(#black_box(#names)),*),
                    )
                }
            }
        }
    }
}

struct Argument<'a> {
    name: Ident,
    value: &'a Expr,
    /// The declared type, where a closure outside the function can name it.
    ty: Option<&'a Type>,
    hoisted: bool,
}

impl<'a> Argument<'a> {
    fn new(index: usize, value: &'a Expr, input: &'a FnArg) -> Self {
        let ty = match input {
            FnArg::Typed(input) => Some(&*input.ty),
            FnArg::Receiver(_) => None,
        };
        Self {
            name: format_ident!("arg{index}", span = Span::mixed_site()),
            value,
            ty: ty.filter(|ty| nameable(ty.to_token_stream())),
            hoisted: matches!(ty, Some(Type::Reference(_))),
        }
    }

    /// A closure that makes the value. With its type, so that literals and `into()` are inferred.
    fn maker(&self) -> TokenStream {
        let value = self.value;
        let span = syn::spanned::Spanned::span(value).resolved_at(Span::mixed_site());
        if let Some(ty) = self.ty {
            quote_spanned!(span=> || -> #ty { #value })
        } else {
            quote_spanned!(span=> || #value)
        }
    }
}

/// Whether a type reads the same outside the signature: no `impl Trait`, no lifetime parameter.
fn nameable(ty: TokenStream) -> bool {
    let mut after_quote = false;
    ty.into_iter().all(|token| match token {
        proc_macro2::TokenTree::Group(group) => nameable(group.stream()),
        proc_macro2::TokenTree::Ident(ident) => {
            let lifetime = std::mem::take(&mut after_quote);
            ident != "impl" && (!lifetime || ident == "static" || ident == "_")
        }
        proc_macro2::TokenTree::Punct(punct) => {
            after_quote = punct.as_char() == '\'';
            true
        }
        proc_macro2::TokenTree::Literal(_) => true,
    })
}
