//! Every rule about where an attribute may stand and which arguments go together.

use std::collections::HashSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{ItemImpl, PatType, ReturnType, Signature};

use crate::attr::bench_case::{BenchCase, Choices, ChoicesOf};
use crate::attr::bench_cases::BenchCases;
use crate::callee::Callee;
use crate::ctxt::Ctxt;
use crate::generics::{self, Entry};
use crate::item::{Impl, Item};
use crate::receiver::{Access, Receiver};
use crate::syntax;

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

/// `#[hotbench::main]` takes the place of `main` in a bench target, at the root of the crate.
pub(crate) fn is_main(ctxt: &mut Ctxt, sig: &Signature) {
    if sig.ident != "main" {
        let message = format!(
            "`#[hotbench::main]` goes on `fn main`, not on `{}`",
            sig.ident
        );
        ctxt.error(&sig.ident, message);
    }
}

/// The rules for `#[bench_case]`, on a function or on a method of `#[bench_cases]`.
pub(crate) fn bench_case(ctxt: &mut Ctxt, case: &BenchCase, callee: &Callee<'_>) {
    let sig = &callee.function.sig;
    case_name(ctxt, case);
    sweeps_have_names_of_their_own(ctxt, case, &sig.ident);
    callable(ctxt, callee);
    // What is missing may be what was rejected.
    if !case.rejected {
        generics_are_chosen(ctxt, &case.choices, &Generic::of_function(sig));
        arguments_go_together(ctxt, case);
        receiver_is_made(ctxt, case, callee);
    }
    threads_are_possible(ctxt, case, sig);
    if let Some(input) = syntax::mentions_bencher(sig) {
        bencher_function(ctxt, case, callee, input);
    } else {
        runtime_is_used(ctxt, case, sig);
        args_match(ctxt, case, callee);
    }
}

/// The rules for `#[bench_cases]`.
pub(crate) fn bench_cases(ctxt: &mut Ctxt, cases: &BenchCases, block: &Impl) {
    if !cases.rejected {
        generics_are_chosen(ctxt, &cases.choices, &Generic::of_impl(&block.head));
    }
    let has_case = block.items.iter().any(|item| match item {
        Item::Function(function) => function.is_case(),
        Item::Other(_) => false,
    });
    if !has_case {
        let message = "there is no case in this `impl`: put `#[bench_case]` on its methods";
        ctxt.error(&block.head.self_ty, message);
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

/// A second one would hide the first, whose values would then be told apart by nothing; one named like the
/// function would hide that.
fn sweeps_have_names_of_their_own(ctxt: &mut Ctxt, case: &BenchCase, function: &syn::Ident) {
    for (index, sweep) in case.sweeps.iter().enumerate() {
        if sweep.name == *function {
            let message = format!(
                "`{}` is the function that is called: give the sweep another name",
                sweep.name
            );
            ctxt.error(&sweep.name, message);
        }
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

/// Whether generated code beside the function, or beside its `impl`, can call it.
fn callable(ctxt: &mut Ctxt, callee: &Callee<'_>) {
    let function = callee.function;
    let sig = &function.sig;
    let name = &sig.ident;
    if callee.owner.is_none() {
        if let Some(receiver) = sig.receiver() {
            ctxt.error(receiver, in_an_impl(name));
        } else if syntax::mentions(sig.to_token_stream(), "Self")
            || names_its_self(function.body.stream())
        {
            ctxt.error(name, in_an_impl(name));
        }
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

/// Whether the body says `Self`, outside of items of its own, in which that is another.
fn names_its_self(body: TokenStream) -> bool {
    let mut in_item = false;
    body.into_iter().any(|token| match token {
        TokenTree::Ident(word) => {
            in_item |= ["impl", "trait", "struct", "enum"]
                .iter()
                .any(|begin| word == begin);
            !in_item && word == "Self"
        }
        TokenTree::Group(group) => {
            let is_its_own = in_item;
            in_item &= group.delimiter() != Delimiter::Brace;
            !is_its_own && names_its_self(group.stream())
        }
        TokenTree::Punct(punct) => {
            in_item &= punct.as_char() != ';';
            false
        }
        TokenTree::Literal(_) => false,
    })
}

fn in_an_impl(name: &syn::Ident) -> String {
    format!(
        "`{name}` is in an `impl` or a trait: put `#[hotbench::bench_cases]` on the `impl`, or call \
         `{name}` from a free function"
    )
}

/// A method is called on what `with` makes.
fn receiver_is_made(ctxt: &mut Ctxt, case: &BenchCase, callee: &Callee<'_>) {
    let sig = &callee.function.sig;
    let name = &sig.ident;
    let receiver = callee.owner.and(sig.receiver());
    if let (Some((span, _)), None) = (&case.with, receiver) {
        let message = if callee.owner.is_some() {
            format!("`{name}` takes no `self` that `with` could make: leave it out")
        } else {
            "`with` makes what a method is called on: `#[hotbench::bench_cases]` on its `impl`"
                .to_owned()
        };
        ctxt.error_at(*span, message);
    }
    let form = receiver.and_then(Receiver::of);
    if let Some(receiver) = receiver {
        if form.is_none() {
            let message = "`with` makes a `Self`, which does not become a receiver of this form: call \
                           the method from a free function, and put `#[bench_case]` there";
            ctxt.error(receiver, message);
        }
        if case.with.is_none() {
            let message = format!(
                "`{name}` is called on a value: say how to make it, `with = EXPR`, here or in \
                 `#[bench_cases(…)]`"
            );
            ctxt.error(receiver, message);
        }
    }
    let is_mutable = form.is_some_and(|receiver| receiver.access == Access::Mutable);
    if let (Some(span), false) = (case.per_call, is_mutable) {
        let message = "`per_call` has a `&mut self` made for each call, not for a batch of calls; here \
                       is none";
        ctxt.error_at(span, message);
    }
}

/// Threads call a plain function.
fn threads_are_possible(ctxt: &mut Ctxt, case: &BenchCase, sig: &Signature) {
    let Some(threads) = &case.threads else { return };
    if threads.values.is_empty() {
        let message = "`threads` has no entry, so there is nothing to measure: `threads(1, 2)`";
        ctxt.error_at(threads.span, message);
    }
    for value in &threads.values {
        if value.to_token_stream().to_string() == "0" {
            ctxt.error(value, "on no thread there is no call");
        }
    }
    if let Some(token) = &sig.asyncness {
        let message = "`threads` does not go with an `async fn`: a runtime has threads of its own, \
                       `runtime = multi_thread(2)`";
        ctxt.error(token, message);
    }
}

/// A runtime is for what is async.
fn runtime_is_used(ctxt: &mut Ctxt, case: &BenchCase, sig: &Signature) {
    let Some((span, _)) = &case.runtime else {
        return;
    };
    let args = case.args.iter().flat_map(|args| &args.values);
    let mut values = args.chain(case.with.as_ref().map(|(_, with)| with));
    if sig.asyncness.is_none() && !values.any(syntax::is_async) {
        let message = format!(
            "nothing is async in a case of `{}`: leave `runtime` out",
            sig.ident
        );
        ctxt.error_at(*span, message);
    }
}

/// What has generic parameters.
struct Generic<'a> {
    /// As messages name it.
    shown: String,
    generics: &'a syn::Generics,
}

impl<'a> Generic<'a> {
    fn of_function(sig: &'a Signature) -> Self {
        Self {
            shown: format!("`{}`", sig.ident),
            generics: &sig.generics,
        }
    }

    fn of_impl(head: &'a ItemImpl) -> Self {
        Self {
            shown: "this `impl`".to_owned(),
            generics: &head.generics,
        }
    }
}

/// What is generic is a case for each choice of its parameters, and of these there must be some.
fn generics_are_chosen(ctxt: &mut Ctxt, of: &ChoicesOf, generic: &Generic<'_>) {
    let types = generics::type_parameters(generic.generics);
    let consts: Vec<_> = generics::const_parameters(generic.generics)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    choices_match(ctxt, of.types.as_ref(), &Kind::TYPES, &types, generic);
    choices_match(ctxt, of.consts.as_ref(), &Kind::CONSTS, &consts, generic);
}

/// A kind of parameters.
struct Kind {
    /// What chooses.
    argument: &'static str,
    parameter: &'static str,
    example: &'static str,
}

impl Kind {
    const TYPES: Self = Self {
        argument: "types",
        parameter: "type",
        example: "A, B",
    };
    const CONSTS: Self = Self {
        argument: "consts",
        parameter: "const",
        example: "1, 2",
    };
}

fn choices_match<T: Entry>(
    ctxt: &mut Ctxt,
    choices: Option<&Choices<T>>,
    kind: &Kind,
    parameters: &[&syn::Ident],
    generic: &Generic<'_>,
) {
    let Kind {
        argument,
        parameter: kind,
        example,
    } = kind;
    let name = &generic.shown;
    let Some(Choices { span, entries }) = choices else {
        for parameter in parameters {
            let message = format!(
                "{name} is generic over `{parameter}`, so there is no one function to measure: say \
                 which, `{argument}({example})`"
            );
            ctxt.error(parameter, message);
        }
        return;
    };
    if parameters.is_empty() {
        ctxt.error_at(
            *span,
            format!("{name} has no {kind} parameter: leave `{argument}` out"),
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
                "{name} has {}: an entry is a tuple of as many",
                count(parameters.len(), &format!("{kind} parameter"))
            );
            ctxt.error(entry, message);
        }
    }
}

/// A function that measures for itself takes `&mut Bencher`, nothing else, and returns nothing.
fn bencher_function(ctxt: &mut Ctxt, case: &BenchCase, callee: &Callee<'_>, input: &PatType) {
    let sig = &callee.function.sig;
    let name = &sig.ident;
    if callee.owner.is_some() {
        let message = format!("`{name}` takes a `Bencher`: write it as a free function");
        ctxt.error(input, message);
    }
    if let Some(token) = &sig.asyncness {
        let message = "a case that takes a `Bencher` is no `async fn`: what is to be awaited goes into \
                       `bencher.iter_async(…)` and `bencher.block_on(…)`";
        ctxt.error(token, message);
    }
    if let Some(threads) = &case.threads {
        let message = format!("`{name}` takes a `Bencher`: start threads in its body");
        ctxt.error_at(threads.span, message);
    }
    if syntax::reference(&input.ty).is_none_or(|reference| reference.mutability.is_none()) {
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
fn args_match(ctxt: &mut Ctxt, case: &BenchCase, callee: &Callee<'_>) {
    let sig = &callee.function.sig;
    let name = &sig.ident;
    let wanted = syntax::parameters(sig).count();
    // A receiver may be what the arguments begin with.
    if sig.receiver().is_some() && callee.owner.is_none() {
        return;
    }
    match &case.args {
        None if wanted > 0 && !case.rejected => ctxt.error(
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
    lent_values_are_made(ctxt, case, callee);
    let is_owned = |input: &&PatType| !syntax::is_reference(input) || syntax::is_lent(input);
    let owned = syntax::parameters(sig).filter(is_owned).count();
    if owned > MAX_OWNED {
        let message =
            format!("`args` takes at most {MAX_OWNED} arguments by value, here are {owned}");
        ctxt.error(&sig.inputs, message);
    }
}

/// A `&mut` parameter gets a value of its own for each call, which only `&mut EXPR` can say.
fn lent_values_are_made(ctxt: &mut Ctxt, case: &BenchCase, callee: &Callee<'_>) {
    let sig = &callee.function.sig;
    let values = case.args.iter().flat_map(|args| &args.values);
    let receiver = callee.owner.and(sig.receiver()).and_then(Receiver::of);
    let mut lends = receiver.is_some_and(|receiver| receiver.access == Access::Mutable);
    for (value, _) in values
        .zip(syntax::parameters(sig))
        .filter(|(_, input)| syntax::is_lent(input))
    {
        lends = true;
        if syntax::lent_value(value).is_none() {
            let message = "a parameter `&mut T` is lent a value of its own for each call: write how to \
                           make it, `&mut EXPR`";
            ctxt.error(value, message);
        }
    }
    if let (true, Some((span, _)), true) = (lends, &case.check, syntax::may_borrow(callee)) {
        let message = "what the function returns may borrow from its `&mut` argument, so it can't be \
                       kept for a check: check in a function that takes `&mut hotbench::Bencher`";
        ctxt.error_at(*span, message);
    }
}

fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}
