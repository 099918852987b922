//! The attributes of `hotbench`. Use them through that crate, which documents them with examples.

#![warn(clippy::pedantic)]

mod args;
mod attr;
mod callee;
mod check;
mod compiled;
mod ctxt;
mod expand;
mod fragments;
mod generics;
mod item;
mod lints;
mod paths;
mod receiver;
mod syntax;

use proc_macro::{Literal, TokenStream, TokenTree};

use crate::attr::guard::Kind;

/// Makes a function a case of `cargo bench`.
#[proc_macro_attribute]
pub fn bench_case(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(item, |ctxt, item| {
        expand::bench_case::expand(ctxt, arguments(args), &item)
    })
}

/// Makes methods cases of `cargo bench`.
#[proc_macro_attribute]
pub fn bench_cases(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::bench_cases::attribute(arguments(args), &item.into()).into()
}

/// Makes a program without a library its own bench target.
#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(item, |ctxt, item| expand::main(ctxt, arguments(args), item))
}

/// Keeps an item out of every build in which the harness is off.
#[proc_macro_attribute]
pub fn bench_only(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(item, |ctxt, item| {
        Some(expand::bench_only(ctxt, arguments(args), &item))
    })
}

/// Fails the test that reaches an allocation inside the function.
#[proc_macro_attribute]
pub fn no_alloc(args: TokenStream, item: TokenStream) -> TokenStream {
    guard(Kind::NoAlloc, args, item)
}

/// Registers a hot path, and holds it to an allocation budget.
#[proc_macro_attribute]
pub fn hot(args: TokenStream, item: TokenStream) -> TokenStream {
    guard(Kind::Hot, args, item)
}

/// Exempts what the function allocates from the regions around it.
#[proc_macro_attribute]
pub fn allow_alloc(args: TokenStream, item: TokenStream) -> TokenStream {
    guard(Kind::AllowAlloc, args, item)
}

/// The arguments, in which a fragment of a `macro_rules!` macro stays what it is when they are parsed.
fn arguments(args: TokenStream) -> proc_macro2::TokenStream {
    fragments::explicit(args.into())
}

/// How this crate is compiled: a string of facts. For `harness!` alone.
#[doc(hidden)]
#[proc_macro]
pub fn compiled(_: TokenStream) -> TokenStream {
    if expand::in_bench_target() && compiled::is_for_libtest(paths::compiler_arguments()) {
        return compiled::libtest_error().into();
    }
    let facts = compiled::facts(paths::compiler_arguments());
    TokenTree::from(Literal::string(&facts)).into()
}

fn guard(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(item, |ctxt, item| {
        expand::guard::expand(ctxt, kind, arguments(args), item)
    })
}
