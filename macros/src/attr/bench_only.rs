//! The arguments of `#[bench_only]`: `crate` alone.

use proc_macro2::TokenStream;

use crate::args::{CRATE, Grammar};
use crate::ctxt::Ctxt;
use crate::paths::Hotbench;

const GRAMMAR: Grammar = Grammar {
    attribute: "bench_only",
    named: false,
    forms: &[CRATE],
};

pub(crate) fn parse(ctxt: &mut Ctxt, tokens: TokenStream) -> Hotbench {
    let mut renamed = None;
    for argument in GRAMMAR.parse(ctxt, tokens).rest {
        renamed = argument.path(ctxt);
    }
    Hotbench::new(renamed.as_ref())
}
