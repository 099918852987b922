//! `#[bench_case]`: the function as it stands, and beside it a routine that is registered.

mod argument;
mod routine;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::attr::bench_case::{BenchCase, READ, Sweep};
use crate::callee::Callee;
use crate::check;
use crate::ctxt::Ctxt;
use crate::generics::{self, Choice};
use crate::item::{self, Function};
use crate::lints;
use crate::paths;
use crate::syntax;

pub(crate) fn expand(
    ctxt: &mut Ctxt,
    args: TokenStream,
    item: &TokenStream,
) -> Option<TokenStream> {
    if args.to_string() == READ {
        return Some(item.clone());
    }
    let case = BenchCase::parse(ctxt, args);
    let mut function = Function::parse(ctxt, "bench_case", item.clone())?;
    // A function that its registration calls is not dead, which may be expected of it.
    let item = if lints::is_any_expected(&function) {
        lints::allow_what_is_expected(&mut function);
        &function.whole()
    } else {
        item
    };
    let callee = Callee::free(&function);
    check::bench_case(ctxt, &case, &callee);

    let choices = generics::choices(&case.choices, &callee.sig.generics);
    let registrations = registrations(&case, &callee, choices, Span::call_site());
    if syntax::takes_bencher(&callee.sig) {
        let bench_only = case.hotbench().private("bench_only");
        Some(quote!(#bench_only! { #item } #registrations))
    } else {
        Some(quote!(#item #registrations))
    }
}

/// A registration for each choice. The attribute stands at `attribute`.
pub(super) fn registrations(
    case: &BenchCase,
    callee: &Callee<'_>,
    choices: Vec<Choice>,
    attribute: Span,
) -> TokenStream {
    let line = item::literal(attribute.unwrap().line());
    let choices = choices.into_iter().enumerate();
    choices
        .map(|(index, choice)| registration(case, callee, line, index, &choice))
        .collect()
}

fn registration(
    case: &BenchCase,
    callee: &Callee<'_>,
    attribute_line: u32,
    index: usize,
    choice: &Choice,
) -> TokenStream {
    let gate = case.hotbench().private("case");
    let routine = if syntax::takes_bencher(&callee.sig) {
        routine::own(case, callee, choice)
    } else {
        routine::generated(case, callee, choice)
    };
    let function_name = &callee.shown;
    let (line, column) = callee.function.place();
    let conditions = callee.conditions();
    let condition = case.condition.iter();
    let name = option(case.name.as_ref());
    let generics = option(
        choice
            .label
            .as_ref()
            .map(|label| quote!((#index, #label)))
            .as_ref(),
    );
    let group = option(case.group.as_ref());
    let baseline = case.baseline.is_some();
    let has_budget = case.has_budget();
    let ignore = case.ignore;
    let sweep = labels(case, choice);
    quote! {
        #(#conditions)*
        #(#[cfg(#condition)])*
        #gate! {
            function: #function_name,
            name: #name,
            generics: #generics,
            line: #line,
            column: #column,
            attribute_line: #attribute_line,
            group: #group,
            baseline: #baseline,
            has_budget: #has_budget,
            ignore: #ignore,
            sweep: { #sweep },
            routine: { #routine }
        }
    }
}

fn option(value: Option<&impl ToTokens>) -> TokenStream {
    if let Some(value) = value {
        quote!(::core::option::Option::Some(#value))
    } else {
        quote!(::core::option::Option::None)
    }
}

/// The sweeps' place and the function that shows their values, or nothing.
fn labels(case: &BenchCase, choice: &Choice) -> TokenStream {
    if !is_swept(case) {
        return quote!(::core::option::Option::None);
    }
    let private = |name| case.hotbench().private(name);
    let [labels_type, sweep] = ["Labels", "Sweep"].map(private);
    let traits = ["ShownLabel", "DebugLabel"].map(private);
    let labels = paths::local("labels", Span::mixed_site());
    let shown = shown(case);
    let body = quote!(#labels.push(&[#(#shown),*]););
    let loops = choice.scope(&in_loops(case, body));
    let line = sweep_line(case);
    quote! {
        ::core::option::Option::Some({
            fn __hotbench_labels(#labels: &mut #labels_type) {
                use {#(#traits as _),*};
                #loops
            }
            #sweep { line: #line, labels: __hotbench_labels }
        })
    }
}

/// The line of the first sweep.
fn sweep_line(case: &BenchCase) -> u32 {
    let first = case.sweeps.first().map(|sweep| sweep.name.span());
    let threads = case.threads.as_ref().map(|threads| threads.span);
    let place = first.or(threads).unwrap_or_else(Span::call_site);
    item::literal(place.unwrap().line())
}

/// The values of the sweeps as ids show them, inside the loops.
fn shown(case: &BenchCase) -> Vec<TokenStream> {
    let private = |name| case.hotbench().private(name);
    let label = private("Label");
    let names = case.sweeps.iter().map(|sweep| &sweep.name);
    let shown =
        names.map(|name| quote_spanned!(name.span()=> (&#label(&#name)).__hotbench_label()));
    let threads = case.threads.as_ref().map(|_| {
        let (threads_label, threads) = (private("threads_label"), threads());
        quote!(#threads_label(#threads))
    });
    shown.chain(threads).collect()
}

/// Whether it is a case for each of some values.
fn is_swept(case: &BenchCase) -> bool {
    !case.sweeps.is_empty() || case.threads.is_some()
}

/// The number of threads, in the loop over these.
fn threads() -> Ident {
    paths::local("threads", Span::mixed_site())
}

/// The sweeps around `body`, as nested loops: the values of an inner one may depend on those outside.
/// The innermost is over the threads.
fn in_loops(case: &BenchCase, body: TokenStream) -> TokenStream {
    let sweeps = case.sweeps.iter().rev();
    sweeps.fold(
        over_threads(case, body),
        |body, Sweep { name, values }| quote!(for #name in #values { #body }),
    )
}

/// `body` for each number of threads, if there are several.
fn over_threads(case: &BenchCase, body: TokenStream) -> TokenStream {
    let Some(of) = &case.threads else {
        return body;
    };
    let threads = threads();
    let numbers = of.values.iter().map(|n| {
        let number = paths::local("number", n.span());
        quote_spanned!(n.span()=> { let #number: ::core::primitive::usize = #n; #number })
    });
    quote!(for #threads in [#(#numbers),*] { #body })
}

/// `body`, which uses `bencher`, for each of the sweeps' values that `entry` lets in.
///
/// The text of a value is made of a binding of our own: one of the user's that nothing of his uses stays unused.
fn for_wanted(case: &BenchCase, entry: &Ident, bencher: &Ident, body: &TokenStream) -> TokenStream {
    let private = |name| case.hotbench().private(name);
    let traits = ["ShownLabel", "DebugLabel"].map(private);
    let traits = is_swept(case).then(|| quote!(use {#(#traits as _),*};));
    let text = |index| paths::local(format_args!("text{index}"), Span::mixed_site());
    let texts = (0..case.sweeps.len()).map(|index| {
        let text = text(index);
        quote!(&*#text)
    });
    let threads_label = private("threads_label");
    let threads = case.threads.as_ref().map(|_| {
        let threads = threads();
        quote!(&*#threads_label(#threads))
    });
    let texts = texts.chain(threads);
    let visit = quote! {
        if let ::core::option::Option::Some(mut #bencher) = #entry.enter(&[#(#texts),*]) {
            let #bencher = &mut #bencher;
            #body
        }
        if #entry.leave() {
            return;
        }
    };
    let label = private("Label");
    let sweeps = case.sweeps.iter().enumerate().rev();
    let loops = sweeps.fold(
        over_threads(case, visit),
        |inner, (index, Sweep { name, values })| {
            let (text, value) = (
                text(index),
                paths::local(format_args!("value{index}"), name.span()),
            );
            let shown = quote_spanned!(name.span()=> (&#label(&#value)).__hotbench_label());
            quote! {
                for #value in #values {
                    let #text = #shown;
                    let #name = #value;
                    #inner
                }
            }
        },
    );
    quote!(#traits #loops)
}
