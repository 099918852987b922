//! `#[no_alloc]`, `#[hot]`, `#[allow_alloc]`: the function as it ships, and a form whose body runs
//! in a region. A gate of the runtime picks one.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{FnArg, Pat, ReturnType, Signature, Token, Type};

use crate::attr::guard::{Guard, Kind};
use crate::check;
use crate::ctxt::Ctxt;
use crate::item::Function;

pub(crate) fn expand(
    ctxt: &mut Ctxt,
    kind: Kind,
    args: TokenStream,
    item: TokenStream,
) -> Option<TokenStream> {
    let guard = Guard::parse(ctxt, kind, args);
    let function = Function::parse(ctxt, kind.attribute(), item)?;
    check::not_const(ctxt, kind.attribute(), &function.sig);
    check::not_async(ctxt, kind.attribute(), &function.sig);

    let head = function.head(&function.sig);
    let body = &function.body;
    let live = live(&guard, &function);
    Some(match kind {
        Kind::AllowAlloc => {
            let gate = guard.runtime.private("exempt");
            quote!(#gate! { live { #live } plain { #head { #body } } })
        }
        Kind::NoAlloc | Kind::Hot => {
            let gate = guard.runtime.private("guarded");
            let site = site(&guard, &function);
            let attribute = kind.attribute();
            quote! {
                #gate! {
                    attribute #attribute
                    live { #live }
                    plain { #head } { #body }
                    site { #site }
                }
            }
        }
    })
}

/// What a report says of the function, and what it may allocate.
fn site(guard: &Guard, function: &Function) -> TokenStream {
    let attribute = guard.kind.attribute();
    let name = function.name();
    let line = function.line();
    let max_allocs = match guard.kind {
        Kind::NoAlloc => quote!(0),
        _ => limit(guard.max_allocs.as_ref()),
    };
    let max_bytes = limit(guard.max_bytes.as_ref());
    // A panic is reported at the place of its `panic!`: give it the function's.
    let message = Ident::new("message", Span::mixed_site());
    let raise = quote_spanned! {function.span()=>
        |#message: &str| -> ! { ::core::panic!("{}", #message) }
    };
    quote! {
        attribute: #attribute,
        name: #name,
        line: #line,
        max_allocs: #max_allocs,
        max_bytes: #max_bytes,
        raise: #raise
    }
}

fn limit(expr: Option<&syn::Expr>) -> TokenStream {
    expr.map_or_else(
        || quote!(::core::primitive::u64::MAX),
        ToTokens::to_token_stream,
    )
}

/// The function with its body in a region, which is entered first and left last: what the
/// parameters own is moved into bindings of the region's scope, so that their drops count.
fn live(guard: &Guard, function: &Function) -> TokenStream {
    let enter = enter(guard, function);
    let region = Ident::new("region", Span::mixed_site());
    let (sig, rebound) = rebind_parameters(&function.sig);
    let head = function.head(&sig);
    let body = &function.body;
    let rest = if check::owns_receiver(&function.sig) {
        in_closure(guard, &function.sig, &rebound, body)
    } else {
        quote!(#rebound #body)
    };
    quote! {
        #head {
            let #region = #enter;
            #rest
        }
    }
}

fn enter(guard: &Guard, function: &Function) -> TokenStream {
    if guard.kind == Kind::AllowAlloc {
        let exempt = guard.runtime.private("Exempt");
        return quote!(#exempt::enter());
    }
    let region = guard.runtime.private("Region");
    let site_macro = guard.runtime.private("site");
    let site = site(guard, function);
    quote!(#region::enter(#site_macro!(live: true, #site)))
}

/// `self` can't be bound again; a closure that is called once owns it instead, and drops it.
fn in_closure(
    guard: &Guard,
    sig: &Signature,
    rebound: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let call_once = guard.runtime.private("call_once");
    let output = match &sig.output {
        ReturnType::Type(_, ty) if !is_impl_trait(ty) => Some(&sig.output),
        _ => None,
    };
    let self_token = Token![self](Span::call_site());
    // `&self` captures all of `self`, even where the body uses one field alone.
    let capture = match sig.receiver() {
        Some(receiver) => receiver.self_token,
        None => self_token,
    };
    quote!(#call_once(move || #output { let _ = &#capture; #rebound #body }))
}

fn is_impl_trait(ty: &Type) -> bool {
    let is_impl = |token: proc_macro2::TokenTree| matches!(&token, proc_macro2::TokenTree::Ident(ident) if ident == "impl");
    ty.to_token_stream().into_iter().any(is_impl)
}

/// The signature with a name for each parameter, and the `let`s that bind the patterns again.
///
/// A pattern is taken apart from a binding of its own, not from the parameter: what it leaves
/// behind (`_`, `..`) is dropped with that binding, still inside the region.
fn rebind_parameters(sig: &Signature) -> (Signature, TokenStream) {
    let mut sig = sig.clone();
    let mut rebound = TokenStream::new();
    for (index, input) in sig.inputs.iter_mut().enumerate() {
        let FnArg::Typed(input) = input else { continue };
        let attrs = &input.attrs;
        if let Some(plain) = check::plain_name(&input.pat) {
            let (mutability, name) = (plain.mutability, plain.ident.clone());
            rebound.extend(quote!(#(#attrs)* let #mutability #name = #name;));
            *input.pat = Pat::Ident(syn::PatIdent {
                mutability: None,
                ..plain.clone()
            });
        } else {
            let name = format_ident!("_param{index}", span = Span::mixed_site());
            let pat = &input.pat;
            rebound.extend(quote!(let #name = #name; #(#attrs)* let #pat = #name;));
            *input.pat = syn::parse_quote!(#name);
        }
    }
    (sig, rebound)
}
