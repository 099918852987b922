//! `#[no_alloc]`, `#[hot]`, `#[allow_alloc]`: the function as it ships, and a form whose body runs
//! in a region. A gate of the runtime picks one.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, Pat, ReturnType, Signature, Type};

use super::limit;
use crate::attr::guard::{Guard, Kind};
use crate::check;
use crate::ctxt::Ctxt;
use crate::item::Function;
use crate::lints;
use crate::paths;
use crate::syntax;

pub(crate) fn expand(
    ctxt: &mut Ctxt,
    kind: Kind,
    args: TokenStream,
    item: TokenStream,
) -> Option<TokenStream> {
    let guard = Guard::parse(ctxt, kind, args);
    let mut function = Function::parse(ctxt, kind.attribute(), item)?;
    lints::allow_what_is_expected(&mut function);
    check::not_const(ctxt, kind.attribute(), &function.sig);

    let live_when = live_when();
    let live = live(&guard, &function);
    if kind == Kind::AllowAlloc {
        let gate = guard.runtime.private("exempt");
        let plain = function.whole();
        return Some(quote! {
            #gate! { live_when { #live_when } live { #live } plain { #plain } }
        });
    }
    let gate = guard.runtime.private(match kind {
        Kind::Hot => "hot",
        _ => "guarded",
    });
    let registered = registered(&guard, &function);
    Some(quote! {
        #gate! {
            live_when { #live_when }
            live { #live }
            registered { #registered }
        }
    })
}

/// The condition of the annotated crate under which the guard is live.
///
/// As `debug_assert!` has it, and in a crate's own tests in every profile; but what bench targets time,
/// which Cargo compiles with `cfg(test)` too, must be what ships.
fn live_when() -> TokenStream {
    if super::in_bench_target() {
        quote!(debug_assertions)
    } else {
        quote!(any(test, debug_assertions))
    }
}

/// The function as it ships, with a registration in its body that is no code.
fn registered(guard: &Guard, function: &Function) -> TokenStream {
    let site_type = guard.runtime.private("Site");
    let site_macro = guard.runtime.private("site");
    let site = site(guard, function, false);
    let head = function.head(&function.sig);
    // The stream as a whole, in which nothing is taken apart.
    let body = function.body.stream();
    let block = function.block(&quote! {
        const _: &#site_type = #site_macro!(live: false, #site);
        #body
    });
    quote!(#head #block)
}

/// What a report says of the function, and what it may allocate.
///
/// Where the guard is not live, nothing is held to a budget that can't be in a static, and none is said.
fn site(guard: &Guard, function: &Function, is_live: bool) -> TokenStream {
    let attribute = guard.kind.attribute();
    let (line, column) = function.place();
    let max_allocs = match guard.kind {
        Kind::NoAlloc => quote!(0),
        _ => limit(guard.max_allocs.as_ref()),
    };
    let max_bytes = limit(guard.max_bytes.as_ref());
    let warmup = guard
        .warmup
        .as_ref()
        .map_or_else(|| quote!(0), ToTokens::to_token_stream);
    let (deny_dealloc, forbid) = (guard.deny_dealloc, guard.forbid);
    let is_limited = guard.kind == Kind::NoAlloc
        || guard.max_allocs.is_some()
        || guard.max_bytes.is_some()
        || deny_dealloc;
    // A panic is reported at the place of its call: give it the function's.
    let message = paths::local("message", function.span());
    let raise = guard.runtime.private_at("raise", function.span());
    let raise = quote_spanned! {function.span()=>
        |#message: &::core::primitive::str| -> ! { #raise(#message) }
    };
    let numbers = quote!(max_allocs: #max_allocs, max_bytes: #max_bytes, warmup: #warmup);
    let numbers = if !syntax::depends_on_generics(numbers.clone(), &function.sig) {
        quote!(numbers { #numbers })
    } else if is_live {
        quote!(dependent { #numbers })
    } else {
        let none = limit(None);
        quote!(numbers { max_allocs: #none, max_bytes: #none, warmup: 0 })
    };
    quote! {
        described {
            attribute: #attribute,
            line: #line,
            column: #column,
            is_limited: #is_limited,
            deny_dealloc: #deny_dealloc,
            forbid: #forbid,
            raise: #raise,
        }
        #numbers
    }
}

/// The function with its body in a region, which is entered first and left last: what the
/// parameters own is moved into bindings of the region's scope, so that their drops count.
fn live(guard: &Guard, function: &Function) -> TokenStream {
    let (sig, rebound, body) = rebind_parameters(function);
    let head = function.head(&sig);
    if sig.asyncness.is_some() {
        let block = function.block(&in_future(guard, function, &rebound, &body));
        return quote!(#head #block);
    }
    let entry = entry(guard, function);
    let rest = if syntax::owns_receiver(&function.sig) {
        in_closure(guard, function, &quote!(#rebound { #body }))
    } else {
        quote!(#rebound { #body })
    };
    let block = function.block(&quote!(#entry #rest));
    quote!(#head #block)
}

/// Enters the region. That of a hot path comes from a gate, for there is more to enter where there is the
/// profile.
fn entry(guard: &Guard, function: &Function) -> TokenStream {
    let constructor = if guard.warmup.is_some() {
        quote!(warming_up)
    } else {
        quote!(of)
    };
    let region_type = guard.runtime.private("Region");
    let new = match guard.kind {
        Kind::Hot => return hot_body(guard, function, &quote!(region #constructor)),
        Kind::AllowAlloc => quote!(#region_type::exempt()),
        Kind::NoAlloc => {
            let site = live_site(guard, function);
            quote!(#region_type::#constructor(#site))
        }
    };
    let region = paths::local("region", Span::mixed_site());
    quote! {
        let #region = ::core::pin::pin!(#new);
        #region.as_ref().enter();
    }
}

fn hot_body(guard: &Guard, function: &Function, what: &TokenStream) -> TokenStream {
    let gate = guard.runtime.private("hot_body");
    let live_when = live_when();
    let site = site(guard, function, true);
    quote!(#gate! { live_when { #live_when } #what site { #site } })
}

fn live_site(guard: &Guard, function: &Function) -> TokenStream {
    let site_macro = guard.runtime.private("site");
    let site = site(guard, function, true);
    quote!(#site_macro!(live: true, #site))
}

/// An async function returns before its body runs: what guards it goes along with the body.
fn in_future(
    guard: &Guard,
    function: &Function,
    rebound: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let capture = owned_receiver(&function.sig);
    let returns = returns(guard, &function.sig);
    let name = paths::local("body", Span::mixed_site());
    // A lint takes a future at the end of an `async` block for one that should have been awaited. A `return` anywhere else
    // would make code of this macro unreachable where the body does not end.
    let body = if syntax::may_be_awaited(&function.sig) {
        quote!(return #body;)
    } else {
        body.clone()
    };
    let (wrapped, future) = match guard.kind {
        Kind::Hot => {
            let wrapped = hot_body(guard, function, &quote!(future #name));
            (wrapped, quote!(#name))
        }
        Kind::AllowAlloc => {
            let exempt_future = guard.runtime.private("exempt_future");
            (TokenStream::new(), quote!(#exempt_future(#name)))
        }
        Kind::NoAlloc => {
            let guard_future = guard.runtime.private("guard_future");
            let site = live_site(guard, function);
            (TokenStream::new(), quote!(#guard_future(#site, #name)))
        }
    };
    let future = if diverges(&function.sig) {
        let forever = guard.runtime.private("forever");
        quote!(match #forever(#future).await {})
    } else {
        quote!(#future.await)
    };
    quote! {
        let #name = async move {
            #returns
            #capture
            #rebound
            #body
        };
        #wrapped
        #future
    }
}

/// A block can't say what it returns; a `return` in it can. What the body returns is coerced to the
/// type of this one, which is never reached.
fn returns(guard: &Guard, sig: &Signature) -> Option<TokenStream> {
    let ReturnType::Type(_, ty) = inferred_output(sig) else {
        return None;
    };
    if diverges(sig) {
        return None;
    }
    let never = guard.runtime.private("never");
    Some(quote!(if false { return #never::<#ty>(); }))
}

fn diverges(sig: &Signature) -> bool {
    matches!(&sig.output, ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)))
}

/// What the function returns, as a closure or a `let` may say it: not that it is some type of a trait.
fn inferred_output(sig: &Signature) -> ReturnType {
    struct Infer;

    impl VisitMut for Infer {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            // What a macro makes of it may be one.
            if matches!(ty, Type::ImplTrait(_) | Type::Macro(_)) {
                *ty = syn::parse_quote!(_);
            } else {
                visit_mut::visit_type_mut(self, ty);
            }
        }
    }

    let mut output = sig.output.clone();
    Infer.visit_return_type_mut(&mut output);
    output
}

/// Captures all of an owned `self`, even where the body uses one field of it alone.
fn owned_receiver(sig: &Signature) -> Option<TokenStream> {
    let receiver = sig.receiver().filter(|_| syntax::owns_receiver(sig))?;
    let self_token = receiver.self_token;
    Some(quote!(let _ = &#self_token;))
}

/// `self` can't be bound again; a closure that is called once owns it instead, and drops it.
fn in_closure(guard: &Guard, function: &Function, body: &TokenStream) -> TokenStream {
    let call_once = guard.runtime.private("call_once");
    let output = inferred_output(&function.sig);
    let capture = owned_receiver(&function.sig);
    quote!(#call_once(move || #output { #capture #body }))
}

/// The signature with a name for each parameter that has something to drop, and the body after `let`s that bind the
/// patterns again.
///
/// A pattern is taken apart from a binding of its own, not from the parameter: what it leaves behind (`_`, `..`) is
/// dropped with that binding, still inside the region. The body is the end of a block of this crate's edition, which
/// drops the temporaries of its last expression first: a block of an edition before 2024 would drop them after these
/// bindings, from which they may borrow, and after the region.
///
/// The user's pattern stands in its `let` alone. The parameter has the name that it had, but as one of this macro: neither
/// lints nor the body see it.
fn rebind_parameters(function: &Function) -> (Signature, TokenStream, TokenStream) {
    let mut sig = function.sig.clone();
    let mut rebound = TokenStream::new();
    for (index, input) in sig.inputs.iter_mut().enumerate() {
        let FnArg::Typed(input) = input else { continue };
        if syntax::has_nothing_to_drop(&input.ty) {
            continue;
        }
        let attrs = lints::of_binding(&input.attrs);
        let place = input.pat.span();
        let name = match syntax::plain_name(&input.pat) {
            Some(plain) => {
                let mut name = plain.ident.clone();
                name.set_span(place.resolved_at(Span::mixed_site()));
                name
            }
            None => paths::local(format_args!("param{index}"), place),
        };
        let pat = &input.pat;
        if syntax::plain_name(pat).is_some() {
            // In a tuple: of a value that is bound to a name alone, lints ask what for.
            rebound.extend(quote!(#(#attrs)* let (#pat,) = (#name,);));
        } else {
            // `ref mut` borrows from it.
            let mutability = syntax::mentions(pat.to_token_stream(), "ref").then(|| quote!(mut));
            rebound.extend(quote!(#(#attrs)* let #mutability #name = #name;));
            if !matches!(**pat, Pat::Wild(_)) {
                rebound.extend(quote!(#(#attrs)* let #pat = #name;));
            }
        }
        *input.pat = syn::parse_quote!(#name);
    }
    // In parentheses of this macro's: of the user's braces a lint would say that they are not needed.
    let body = &function.body;
    (sig, rebound, quote!((#body)))
}
