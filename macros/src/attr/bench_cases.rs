//! The arguments of `#[bench_cases]`, on an `impl`: what holds for all of its cases.

use proc_macro2::{Span, TokenStream};
use syn::Expr;

use super::bench_case::{CONSTS, ChoicesOf, TYPES, WITH};
use crate::args::{CRATE, Grammar};
use crate::ctxt::Ctxt;

const GRAMMAR: Grammar = Grammar {
    attribute: "bench_cases",
    named: false,
    forms: &[WITH, TYPES, CONSTS, CRATE],
};

/// The arguments of one `#[bench_cases]`.
#[derive(Default)]
pub(crate) struct BenchCases {
    /// How the receivers are made, where a method does not say it itself.
    pub(crate) with: Option<(Span, Expr)>,
    /// What the parameters of the `impl` are.
    pub(crate) choices: ChoicesOf,
    /// Whether an argument was wrong and is not here.
    pub(crate) rejected: bool,
    pub(crate) renamed: Option<syn::Path>,
}

impl BenchCases {
    pub(crate) fn parse(ctxt: &mut Ctxt, tokens: TokenStream) -> Self {
        let arguments = GRAMMAR.parse(ctxt, tokens);
        let mut cases = Self {
            rejected: arguments.rejected,
            ..Self::default()
        };
        for argument in arguments.rest {
            let span = argument.span();
            match argument.name.to_string().as_str() {
                "with" => cases.with = argument.value().map(|with| (span, with)),
                "types" | "consts" => cases.choices.add(argument),
                _ => cases.renamed = argument.path(ctxt),
            }
        }
        cases
    }
}
