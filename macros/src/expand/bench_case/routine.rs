//! The function that measures a case: it makes the arguments, and hands a call of the case's function to
//! the runtime.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::argument::{Argument, Way};
use super::{for_wanted, option, threads};
use crate::attr::bench_case::{BenchCase, RuntimeKind};
use crate::callee::Callee;
use crate::expand::limit;
use crate::generics::Choice;
use crate::paths;
use crate::receiver::Receiver;
use crate::syntax;

/// What is known of each call: its budget, and what it works on.
fn declaration(case: &BenchCase, bencher: &Ident) -> TokenStream {
    let private = |name| case.hotbench().private(name);
    let declared = private("Declared");
    let count = private("count");
    let max_allocs = match case.no_alloc {
        Some(_) => quote!(0),
        None => limit(case.max_allocs.as_ref()),
    };
    let max_bytes = limit(case.max_bytes.as_ref());
    let no_alloc = case.no_alloc.is_some();
    let counted = |n: &Option<Expr>| {
        if let Some(n) = n {
            quote_spanned!(n.span()=> ::core::option::Option::Some(#count(#n)))
        } else {
            quote!(::core::option::Option::None)
        }
    };
    let bytes = counted(&case.throughput.bytes);
    let elements = counted(&case.throughput.elements);
    let runtime = match &case.runtime {
        None => {
            let kind = private("Runtime");
            quote!(#kind::Default)
        }
        // Where tokio is off that is the place of the error.
        Some((span, kind)) => {
            let gate = case.hotbench().private_at("runtime", *span);
            match kind {
                RuntimeKind::CurrentThread => quote_spanned!(*span=> #gate!(current_thread)),
                RuntimeKind::MultiThread(workers) => {
                    quote_spanned!(*span=> #gate!(multi_thread(#workers)))
                }
            }
        }
    };
    let sample_size = option(case.sample_size.as_ref());
    let warm_up_time = option(case.warm_up_time.as_ref());
    let measurement_time = option(case.measurement_time.as_ref());
    quote! {
        #bencher.__hotbench_declare(#declared {
            max_allocs: #max_allocs,
            max_bytes: #max_bytes,
            no_alloc: #no_alloc,
            bytes: #bytes,
            elements: #elements,
            runtime: #runtime,
            sample_size: #sample_size,
            warm_up_time: #warm_up_time,
            measurement_time: #measurement_time,
        });
    }
}

/// The function takes the `Bencher` itself.
pub(super) fn own(case: &BenchCase, callee: &Callee<'_>, choice: &Choice) -> TokenStream {
    let entry_type = case.hotbench().private("Entry");
    let bencher = paths::local("bencher", Span::mixed_site());
    let entry = paths::local("entry", Span::mixed_site());
    let declaration = declaration(case, &bencher);
    let (path, turbofish) = (&callee.path, &choice.turbofish);
    let quiet = quiet(callee);
    let body = quote! {
        #declaration
        #path #turbofish (#bencher)
    };
    let measured = choice.scope(&for_wanted(case, &entry, &bencher, &body));
    quote! {
        #quiet
        fn __hotbench_routine(#entry: &mut #entry_type<'_>) {
            #measured
        }
    }
}

/// A function that is deprecated is measured without a warning. Else nothing is allowed: that is an
/// error where the crate forbids the lint.
fn quiet(callee: &Callee<'_>) -> Option<TokenStream> {
    let mut attrs = callee.function.attrs.iter();
    attrs
        .any(|attr| attr.path().is_ident("deprecated"))
        .then(|| quote!(#[allow(deprecated)]))
}

/// Calls the function with `args`.
///
/// References are hoisted into a `match`, which keeps their temporaries alive around the whole
/// measurement. Every other argument becomes a source: of one `Copy` value, or of a value made
/// afresh for each call, as a `&mut` is always lent one of its own. That goes out with the function's
/// output, so that its drop is not timed.
pub(super) fn generated(case: &BenchCase, callee: &Callee<'_>, choice: &Choice) -> TokenStream {
    let runtime = case.hotbench();
    let private = |name| runtime.private(name);
    let [entry_type, make] = ["Entry", "Make"].map(private);
    let traits = ["OnceSource", "FreshSource", "Source"].map(private);
    let bencher = paths::local("bencher", Span::mixed_site());
    let executor = paths::local("executor", Span::mixed_site());

    let arguments = arguments(case, callee, &executor);
    let of_way = |way| move |argument: &&Argument| argument.way == way;
    let hoisted: Vec<_> = arguments.iter().filter(of_way(Way::Hoisted)).collect();
    let is_owned = |argument: &&Argument| matches!(argument.way, Way::Lent | Way::Owned);
    let owned: Vec<_> = arguments.iter().filter(is_owned).collect();

    let hoisted_names = hoisted.iter().map(|argument| &argument.name);
    let hoisted_values = hoisted.iter().map(|argument| argument.value());
    let coerced = hoisted.iter().filter_map(|argument| argument.coerced());
    let makers = owned.iter().map(|argument| argument.maker());
    let owned_names = owned.iter().map(|argument| &argument.name);
    let source_names = owned.iter().map(|argument| &argument.source);
    let sources = owned.iter().map(|argument| argument.made_by(&runtime));
    let declaration = declaration(case, &bencher);
    let uses_executor = values(case)
        .any(syntax::is_async)
        .then(|| quote!(let #executor = #bencher.__hotbench_executor();));
    let call = measured_call(case, callee, choice, &arguments, &bencher);
    let entry = paths::local("entry", Span::mixed_site());
    let body = quote! {
        #declaration
        #uses_executor
        match (#(#hoisted_values,)*) {
            (#(#hoisted_names,)*) => {
                #(#coerced)*
                #(let #owned_names = #make::new(#makers);)*
                #(let #source_names = #sources;)*
                #call
            }
        };
    };
    let measured = choice.scope(&for_wanted(case, &entry, &bencher, &body));
    let quiet = quiet(callee);
    quote! {
        #quiet
        fn __hotbench_routine(#entry: &mut #entry_type<'_>) {
            use {#(#traits as _),*};
            #measured
        }
    }
}

/// The expressions that values come from.
fn values(case: &BenchCase) -> impl Iterator<Item = &Expr> {
    let args = case.args.iter().flat_map(|args| &args.values);
    args.chain(case.with.as_ref().map(|(_, with)| with))
}

/// The receiver, if there is one, and the arguments.
fn arguments(case: &BenchCase, callee: &Callee<'_>, executor: &Ident) -> Vec<Argument> {
    let receiver = callee.sig.receiver().and_then(Receiver::of);
    let with = case.with.as_ref().map(|(_, with)| with);
    let receiver = receiver.zip(with).zip(callee.owner);
    let receiver = receiver.map(|((receiver, with), owner)| {
        let (per_call, runtime) = (case.per_call.is_some(), case.hotbench());
        Argument::of_receiver(receiver, with, per_call, owner, &runtime, executor)
    });
    let args = case.args.iter().flat_map(|args| &args.values);
    let parameters = args
        .zip(syntax::parameters(&callee.sig))
        .enumerate()
        .map(|(index, (value, input))| Argument::of_parameter(index, value, input, executor));
    receiver.into_iter().chain(parameters).collect()
}

/// Hands a call of the function to the one of the runtime's functions that measures its like.
fn measured_call(
    case: &BenchCase,
    callee: &Callee<'_>,
    choice: &Choice,
    arguments: &[Argument],
    bencher: &Ident,
) -> TokenStream {
    let runtime = case.hotbench();
    let private = |name| runtime.private(name);
    let is_async = callee.sig.asyncness.is_some();
    let kept = arguments.iter().find(|argument| argument.way == Way::Kept);
    let owned = || {
        let is_owned = |argument: &&Argument| matches!(argument.way, Way::Lent | Way::Owned);
        arguments.iter().filter(is_owned)
    };
    let sources = owned().map(|argument| &argument.source);
    let sources = quote!((#(#sources,)*));
    let bound = owned().map(Argument::bound);
    let bound = quote!((#(#bound,)*));
    let (call, check) = call(case, callee, choice, arguments);

    if case.threads.is_none() && !is_async && kept.is_none() {
        let call_case = private("call_case");
        return quote!(#call_case(#bencher, #sources, move |#bound| #call, #check););
    }
    let keep = kept.map_or_else(|| quote!(|| ()), Argument::maker);
    let kept = kept.map_or_else(|| quote!(_), Argument::bound);
    if case.threads.is_some() {
        let call_on_threads = private("call_on_threads");
        let threads = threads();
        // Here an error is about the argument that can't be shared.
        let shared = arguments
            .iter()
            .filter(|argument| argument.way == Way::Hoisted)
            .map(|Argument { name, .. }| {
                let shared = runtime.private_at("shared", name.span());
                quote_spanned!(name.span()=> #shared(#name);)
            });
        return quote! {
            #(#shared)*
            #call_on_threads(#bencher, #threads, #keep, #sources, move |#kept, #bound| #call, #check);
        };
    }
    let (function, asyncness) = if is_async {
        ("call_async", Some(quote!(async)))
    } else {
        ("call_kept", None)
    };
    let function = private(function);
    quote!(#function(#bencher, #keep, #sources, #asyncness move |#kept, #bound| #call, #check);)
}

/// The call, with what is to be dropped after it, and what checks its output.
fn call(
    case: &BenchCase,
    callee: &Callee<'_>,
    choice: &Choice,
    arguments: &[Argument],
) -> (TokenStream, TokenStream) {
    let runtime = case.hotbench();
    let private = |name| runtime.private(name);
    let black_box = private("black_box");
    let (path, turbofish) = (&callee.path, &choice.turbofish);
    let passed = arguments.iter().map(|argument| {
        let passed = argument.passed();
        // What a source passes has gone through one already.
        let is_opaque = argument.way == Way::Owned && !argument.is_wrapped();
        if is_opaque {
            passed
        } else {
            quote!(#black_box(#passed))
        }
    });
    let awaited = callee.sig.asyncness.map(|_| quote!(.await));
    let call = quote!(#path #turbofish (#(#passed),*) #awaited);
    let check = case.check.as_ref();
    let check = check.map_or_else(|| quote!(|_| ()), |(_, check)| check.to_token_stream());
    let borrowed_from = |argument: &Argument| matches!(argument.way, Way::Lent | Way::Kept);
    let lent: Vec<_> = lent(arguments).collect();
    let may_borrow = syntax::may_borrow(callee)
        || (case.check.is_none() && syntax::may_capture(&callee.function.sig));
    if arguments.iter().any(borrowed_from) && may_borrow {
        let lent = (!lent.is_empty()).then(|| quote!((#(#lent,)*)));
        let consume = private("consume");
        return (quote!({ #consume(#call); #lent }), quote!(|_| ()));
    }
    if lent.is_empty() {
        return (call, check);
    }
    let check_first = private("check_first");
    let returned = paths::local("returned", Span::mixed_site());
    (
        quote!((#call, (#(#lent,)*))),
        quote!(|#returned| #check_first(#returned, #check)),
    )
}

/// What calls were lent.
fn lent(arguments: &[Argument]) -> impl Iterator<Item = &Ident> {
    let lent = arguments
        .iter()
        .filter(|argument| argument.way == Way::Lent);
    lent.map(|argument| &argument.name)
}
