//! Every rule about where an attribute may stand and which arguments go together.

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Expr, FnArg, GenericArgument, Pat, PatType, PathArguments, ReceiverKind, ReturnType, Signature,
    Type, TypeReference,
};

use crate::attr::bench_case::{BenchCase, Choices};
use crate::ctxt::Ctxt;
use crate::generics::{self, Entry};
use crate::item::Function;

/// As many by-value arguments as the runtime has sources for.
const MAX_OWNED: usize = 12;

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

/// `mod x;` can't carry an attribute macro on stable Rust, inline modules can.
pub(crate) fn not_file_module(ctxt: &mut Ctxt, item: &TokenStream) {
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

/// The rules for `#[bench_case]`.
pub(crate) fn bench_case(ctxt: &mut Ctxt, case: &BenchCase, function: &Function) {
    case_name(ctxt, case);
    sweeps_have_names_of_their_own(ctxt, case);
    callable(ctxt, function);
    if !case.rejected {
        generics_are_chosen(ctxt, case, &function.sig);
    }
    // What is missing may be what was rejected.
    if !case.rejected {
        arguments_go_together(ctxt, case);
    }
    if let Some(input) = mentions_bencher(&function.sig) {
        bencher_function(ctxt, case, &function.sig, input);
    } else {
        args_match(ctxt, case, &function.sig);
    }
}

/// Names end up in ids, tables and commands: they must be visible and fit one line.
fn case_name(ctxt: &mut Ctxt, case: &BenchCase) {
    let Some(name) = &case.name else { return };
    let value = name.value();
    if value.trim().is_empty() {
        ctxt.error(
            name,
            "the case's name is empty: leave it out, or give it one",
        );
    } else if value.trim() != value {
        ctxt.error(
            name,
            format!("the case's name has spaces around it: `{:?}`", value.trim()),
        );
    } else if value.chars().any(char::is_control) {
        ctxt.error(name, "the case's name has a control character in it");
    }
}

/// A second one would hide the first, whose values would then be told apart by nothing.
fn sweeps_have_names_of_their_own(ctxt: &mut Ctxt, case: &BenchCase) {
    for (index, sweep) in case.sweeps.iter().enumerate() {
        if case.sweeps[..index]
            .iter()
            .any(|known| known.name == sweep.name)
        {
            let message = format!(
                "`{}` is swept twice: give the second a name of its own",
                sweep.name
            );
            ctxt.error(&sweep.name, message);
        }
    }
}

fn arguments_go_together(ctxt: &mut Ctxt, case: &BenchCase) {
    if let (Some(span), None) = (case.baseline, &case.group) {
        let message = "`baseline` is the baseline of a group: add `group = \"…\"`";
        ctxt.error_at(span, message);
    }
    if let (Some(span), Some(_)) = (case.no_alloc, &case.max_allocs) {
        let message = "`no_alloc` is `max_allocs = 0`: keep one of the two";
        ctxt.error_at(span, message);
    }
}

/// Whether generated code beside the function can call it.
fn callable(ctxt: &mut Ctxt, function: &Function) {
    let sig = &function.sig;
    let name = &sig.ident;
    if let Some(receiver) = sig.receiver() {
        ctxt.error(receiver, not_free(name));
    } else if mentions(sig.to_token_stream(), "Self") || mentions(function.body.clone(), "Self") {
        ctxt.error(name, not_free(name));
    }
    if let Some(token) = &sig.asyncness {
        ctxt.error(
            token,
            format!(
                "`#[bench_case]` does not take an `async fn`: run `{name}` to its end in a \
                 function that takes `&mut hotbench::Bencher`"
            ),
        );
    }
    if let syn::Safety::Unsafe(token) = &sig.safety {
        let message = format!(
            "`{name}` is unsafe: call it from a safe function, and put `#[bench_case]` there"
        );
        ctxt.error(token, message);
    }
    for attr in &function.attrs {
        if attr.path().is_ident("target_feature") {
            let message = format!(
                "`{name}` needs a target feature: call it, where that is detected, from a function \
                 without, and put `#[bench_case]` there"
            );
            ctxt.error(attr, message);
        }
    }
}

/// A generic function is a case for each choice of its parameters, and of these there must be some.
fn generics_are_chosen(ctxt: &mut Ctxt, case: &BenchCase, sig: &Signature) {
    let types = generics::type_parameters(sig);
    let consts: Vec<_> = generics::const_parameters(sig)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    choices_match(
        ctxt,
        case.types.as_ref(),
        ("types", "type", "A, B"),
        &types,
        sig,
    );
    choices_match(
        ctxt,
        case.consts.as_ref(),
        ("consts", "const", "1, 2"),
        &consts,
        sig,
    );
}

fn choices_match<T: Entry>(
    ctxt: &mut Ctxt,
    choices: Option<&Choices<T>>,
    (argument, kind, example): (&str, &str, &str),
    parameters: &[&syn::Ident],
    sig: &Signature,
) {
    let name = &sig.ident;
    let Some(Choices { span, entries }) = choices else {
        for parameter in parameters {
            let message = format!(
                "`{name}` is generic over `{parameter}`, so there is no one function to measure: say \
                 which, `{argument}({example})`"
            );
            ctxt.error(parameter, message);
        }
        return;
    };
    if parameters.is_empty() {
        ctxt.error_at(
            *span,
            format!("`{name}` has no {kind} parameter: leave `{argument}` out"),
        );
        return;
    }
    if entries.is_empty() {
        let message = format!(
            "`{argument}` has no entry, so there is nothing to measure: `{argument}({example})`"
        );
        ctxt.error_at(*span, message);
    }
    let mut known = HashSet::new();
    for entry in entries {
        let label = generics::label(entry);
        if !known.insert(label.clone()) {
            ctxt.error(entry, format!("`{label}` is chosen twice"));
        }
        if generics::parts(entry, parameters.len()).is_none() {
            let message = format!(
                "`{name}` has {}: an entry is a tuple of as many",
                count(parameters.len(), &format!("{kind} parameter"))
            );
            ctxt.error(entry, message);
        }
    }
}

fn not_free(name: &syn::Ident) -> String {
    format!("`#[bench_case]` goes on a free function: call `{name}` from one, and put it there")
}

/// Whether the case drives the measurement itself.
pub(crate) fn takes_bencher(sig: &Signature) -> bool {
    mentions_bencher(sig).is_some()
}

/// The parameter whose type is a `Bencher`, in whatever form.
fn mentions_bencher(sig: &Signature) -> Option<&PatType> {
    sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(input) => {
            let ty = reference(&input.ty).map_or(&*input.ty, |reference| &*reference.elem);
            let Type::Path(path) = bare(ty) else {
                return None;
            };
            let last = path.path.segments.last()?;
            (last.ident == "Bencher").then_some(input)
        }
        FnArg::Receiver(_) => None,
    })
}

/// A function that measures for itself takes `&mut Bencher`, nothing else, and returns nothing.
fn bencher_function(ctxt: &mut Ctxt, case: &BenchCase, sig: &Signature, input: &PatType) {
    let name = &sig.ident;
    if reference(&input.ty).is_none_or(|reference| reference.mutability.is_none()) {
        ctxt.error(
            &input.ty,
            "a case takes its `Bencher` as `&mut hotbench::Bencher`",
        );
    }
    if sig.inputs.len() > 1 {
        let message = "a case that takes a `Bencher` takes nothing else: make the rest in its body";
        ctxt.error(&sig.inputs, message);
    }
    if let Some(args) = &case.args {
        let message = format!("`{name}` takes a `Bencher` and makes its own arguments");
        ctxt.error_at(args.span, message);
    }
    for sweep in &case.sweeps {
        let message = format!(
            "`{name}` takes a `Bencher`, which can't be given the values of a sweep: write a \
             function of `{}`, with `args({})`",
            sweep.name, sweep.name
        );
        ctxt.error(&sweep.name, message);
    }
    if let Some((span, _)) = &case.check {
        let message = format!("`{name}` takes a `Bencher`: check in its body, before it measures");
        ctxt.error_at(*span, message);
    }
    if let ReturnType::Type(_, ty) = &sig.output {
        let message = "a case that takes a `Bencher` returns nothing: what it measures is measured in \
                       there, and a failure is a panic";
        ctxt.error(ty, message);
    }
}

/// `args(…)` has one expression for each parameter.
fn args_match(ctxt: &mut Ctxt, case: &BenchCase, sig: &Signature) {
    let name = &sig.ident;
    let wanted = sig.inputs.len();
    match &case.args {
        None if wanted > 0 && !case.rejected && sig.receiver().is_none() => ctxt.error(
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
    lent_values_are_made(ctxt, case, sig);
    let owned = sig
        .inputs
        .iter()
        .filter(|input| !is_reference(input) || is_lent(input))
        .count();
    if owned > MAX_OWNED {
        let message =
            format!("`args` takes at most {MAX_OWNED} arguments by value, here are {owned}");
        ctxt.error(&sig.inputs, message);
    }
}

/// A `&mut` parameter gets a value of its own for each call, which only `&mut EXPR` can say.
fn lent_values_are_made(ctxt: &mut Ctxt, case: &BenchCase, sig: &Signature) {
    let values = case.args.iter().flat_map(|args| &args.values);
    let mut any = false;
    for (value, _) in values.zip(&sig.inputs).filter(|(_, input)| is_lent(input)) {
        any = true;
        if lent_value(value).is_none() {
            let message = "a parameter `&mut T` is lent a value of its own for each call: write how to \
                           make it, `&mut EXPR`";
            ctxt.error(value, message);
        }
    }
    if let (true, Some((span, _)), true) = (any, &case.check, borrows(&sig.output)) {
        let message = "what the function returns may borrow from its `&mut` argument, so it can't be \
                       kept for a check: check in a function that takes `&mut hotbench::Bencher`";
        ctxt.error_at(*span, message);
    }
}

/// Whether the parameter is written as `&mut T`.
pub(crate) fn is_lent(input: &FnArg) -> bool {
    matches!(input, FnArg::Typed(input)
        if reference(&input.ty).is_some_and(|reference| reference.mutability.is_some()))
}

/// What `&mut EXPR` borrows.
pub(crate) fn lent_value(value: &Expr) -> Option<&Expr> {
    match value {
        Expr::Group(group) => lent_value(&group.expr),
        Expr::Paren(paren) => lent_value(&paren.expr),
        Expr::Reference(reference) if reference.mutability.is_some() => Some(&reference.expr),
        _ => None,
    }
}

/// Whether a result is written with a lifetime that may be an argument's: a `&` without one, or one
/// that is not `'static`.
pub(crate) fn borrows(output: &ReturnType) -> bool {
    fn in_tokens(tokens: TokenStream) -> bool {
        let mut before = String::new();
        tokens.into_iter().any(|token| {
            let text = match &token {
                TokenTree::Group(group) => return before == "&" || in_tokens(group.stream()),
                token => token.to_string(),
            };
            let before = std::mem::replace(&mut before, text.clone());
            (before == "&" && text != "'") || (before == "'" && text != "static")
        })
    }
    matches!(output, ReturnType::Type(_, ty) if in_tokens(ty.to_token_stream()))
}

fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

/// Whether the parameter is written as a reference.
pub(crate) fn is_reference(input: &FnArg) -> bool {
    matches!(input, FnArg::Typed(input) if reference(&input.ty).is_some())
}

fn reference(ty: &Type) -> Option<&TypeReference> {
    match bare(ty) {
        Type::Reference(reference) => Some(reference),
        _ => None,
    }
}

/// The type without parentheses, and without the invisible ones of a `macro_rules!` fragment.
fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        ty => ty,
    }
}

/// Whether the receiver is owned by the call, and so dropped at its end.
pub(crate) fn owns_receiver(sig: &Signature) -> bool {
    sig.receiver().is_some_and(|receiver| match &receiver.kind {
        ReceiverKind::Value => true,
        ReceiverKind::Typed(_, ty) => reference(ty).is_none() && !is_pinned_reference(ty),
        _ => false,
    })
}

/// `Pin<&mut Self>`, which has nothing to drop.
fn is_pinned_reference(ty: &Type) -> bool {
    let Type::Path(path) = bare(ty) else {
        return false;
    };
    let last = path.path.segments.last();
    let Some(PathArguments::AngleBracketed(arguments)) = last
        .filter(|last| last.ident == "Pin")
        .map(|last| &last.arguments)
    else {
        return false;
    };
    matches!(arguments.args.first(), Some(GenericArgument::Type(ty)) if reference(ty).is_some())
}

/// The name of a parameter whose pattern is one plain name.
pub(crate) fn plain_name(pat: &Pat) -> Option<&syn::PatIdent> {
    match pat {
        Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => Some(pat),
        _ => None,
    }
}

/// Whether any of the tokens, however deep, is this word.
pub(crate) fn mentions(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => mentions(group.stream(), word),
        TokenTree::Ident(ident) => ident == word,
        _ => false,
    })
}
