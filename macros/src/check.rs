//! Every rule about where an attribute may stand and which arguments go together.

use quote::ToTokens;
use syn::{FnArg, GenericParam, Pat, ReceiverKind, Signature, Type};

use crate::attr::bench_case::BenchCase;
use crate::ctxt::Ctxt;
use crate::item::Function;

/// The allocator, the registry and the thread-local regions exist at run time alone.
pub(crate) fn not_const(ctxt: &mut Ctxt, attribute: &str, sig: &Signature) {
    if let Some(token) = sig.constness {
        ctxt.error(
            token,
            format!(
                "`#[{attribute}]` can't guard a `const fn`: a region is entered at run time, \
                 and a `const fn` must also run at compile time"
            ),
        );
    }
}

/// An async function returns before its body has run; a region around the call guards nothing.
pub(crate) fn not_async(ctxt: &mut Ctxt, attribute: &str, sig: &Signature) {
    if let Some(token) = sig.asyncness {
        ctxt.error(
            token,
            format!(
                "`#[{attribute}]` does not take an `async fn`: put it on the functions that its \
                 body calls between two `.await`s"
            ),
        );
    }
}

/// Whether the case drives the measurement itself: its one parameter is `&mut Bencher`.
pub(crate) fn takes_bencher(sig: &Signature) -> bool {
    let mut inputs = sig.inputs.iter();
    let (Some(FnArg::Typed(only)), None) = (inputs.next(), inputs.next()) else {
        return false;
    };
    let Type::Reference(reference) = &*only.ty else {
        return false;
    };
    let Type::Path(path) = &*reference.elem else {
        return false;
    };
    path.path
        .segments
        .last()
        .is_some_and(|segment| segment.ident == "Bencher")
}

/// The rules for `#[bench_case]`.
pub(crate) fn bench_case(ctxt: &mut Ctxt, case: &BenchCase, function: &Function) {
    case_name(ctxt, case);
    if let (Some(span), None) = (case.baseline, &case.group) {
        let message = "`baseline` is the baseline of a group: add `group = \"…\"`";
        ctxt.error_at(span, message);
    }
    if let (Some(span), Some(_)) = (case.no_alloc, &case.max_allocs) {
        let message = "`no_alloc` is `max_allocs = 0`: keep one of the two";
        ctxt.error_at(span, message);
    }
    let before = callable(ctxt, &function.sig);
    if before {
        args_match(ctxt, case, &function.sig);
    }
}

/// Names end up in ids, tables and commands: they must be visible and fit one line.
fn case_name(ctxt: &mut Ctxt, case: &BenchCase) {
    let Some(name) = &case.name else { return };
    let value = name.value();
    if value.trim().is_empty() || value.trim() != value {
        ctxt.error(name, "the case's name is empty, or has spaces around it");
    } else if value.chars().any(char::is_control) {
        ctxt.error(name, "the case's name has a control character in it");
    }
}

/// Whether generated code can call the function at all.
fn callable(ctxt: &mut Ctxt, sig: &Signature) -> bool {
    let name = &sig.ident;
    let mut callable = true;
    let mut refuse = |tokens: &dyn ToTokens, message: String| {
        ctxt.error(tokens.to_token_stream(), message);
        callable = false;
    };
    if let Some(receiver) = sig.receiver() {
        let message = format!(
            "`#[bench_case]` goes on a free function: call `{name}` from one, and put it there"
        );
        refuse(receiver, message);
    }
    if let Some(token) = &sig.asyncness {
        let message = format!(
            "`#[bench_case]` does not take an `async fn`: run `{name}` to its end in a function \
             that takes `&mut hotbench::Bencher`"
        );
        refuse(token, message);
    }
    if let syn::Safety::Unsafe(token) = &sig.safety {
        let message = format!("`{name}` is unsafe: call it from a safe function, and measure that");
        refuse(token, message);
    }
    if let Some(variadic) = &sig.variadic {
        refuse(variadic, "a variadic function can't be a case".to_owned());
    }
    for param in &sig.generics.params {
        let param = match param {
            GenericParam::Lifetime(_) => continue,
            GenericParam::Type(param) => &param.ident,
            GenericParam::Const(param) => &param.ident,
        };
        let message = format!(
            "`{name}` is generic over `{param}`, so there is no one function to measure: call it \
             with concrete types from a function of its own, and put `#[bench_case]` there"
        );
        refuse(param, message);
    }
    callable
}

/// `args(…)` has one expression for each parameter.
fn args_match(ctxt: &mut Ctxt, case: &BenchCase, sig: &Signature) {
    let name = &sig.ident;
    if takes_bencher(sig) {
        if let Some(args) = &case.args {
            let message = format!("`{name}` takes a `Bencher` and makes its own arguments");
            ctxt.error_at(args.span, message);
        }
        return;
    }
    let wanted = sig.inputs.len();
    match &case.args {
        None if wanted > 0 => ctxt.error(
            &sig.inputs,
            format!(
                "`{name}` takes {}: say what to call it with, `args(…)`",
                count(wanted, "argument")
            ),
        ),
        Some(args) if args.values.len() != wanted => ctxt.error_at(
            args.span,
            format!(
                "`{name}` takes {}, but `args` has {}",
                count(wanted, "argument"),
                args.values.len()
            ),
        ),
        _ => {}
    }
    for input in &sig.inputs {
        if let FnArg::Typed(input) = input
            && let Type::Reference(reference) = &*input.ty
            && reference.mutability.is_some()
        {
            let message = "`args` can't make a value to lend as `&mut` for each call: take \
                           `&mut hotbench::Bencher`, and call the function in `iter_batched_ref`";
            ctxt.error(&input.ty, message);
        }
    }
}

fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

/// Whether the receiver is owned by the call, and so dropped at its end.
pub(crate) fn owns_receiver(sig: &Signature) -> bool {
    sig.receiver().is_some_and(|receiver| match &receiver.kind {
        ReceiverKind::Value => true,
        ReceiverKind::Typed(_, ty) => !matches!(**ty, Type::Reference(_)),
        _ => false,
    })
}

/// The name of a parameter whose pattern is one plain name.
pub(crate) fn plain_name(pat: &Pat) -> Option<&syn::PatIdent> {
    match pat {
        Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => Some(pat),
        _ => None,
    }
}

/// `mod x;` can't carry an attribute macro on stable Rust, inline modules can.
pub(crate) fn not_file_module(ctxt: &mut Ctxt, item: &proc_macro2::TokenStream) {
    if let Ok(module) = syn::parse2::<syn::ItemMod>(item.clone())
        && module.content.is_none()
    {
        ctxt.error(
            &module,
            format!(
                "`#[bench_only]` can't be put on a module in a file of its own: write `#[bench_only] \
                 mod {} {{ … }}`, or put it on the items inside",
                module.ident
            ),
        );
    }
}
