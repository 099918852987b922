//! The arguments of `#[bench_case]`.

use proc_macro2::{Span, TokenStream};
use syn::{Expr, LitStr};

use super::guard::{MAX_ALLOCS, MAX_BYTES};
use crate::args::{CRATE, Form, Grammar, Shape};
use crate::ctxt::Ctxt;
use crate::paths::Runtime;

const fn form(name: &'static str, shape: Shape, shown: &'static str) -> Form {
    Form { name, shape, shown }
}

const GRAMMAR: Grammar = Grammar {
    attribute: "bench_case",
    named: true,
    forms: &[
        form("args", Shape::List, "args(EXPR, …)"),
        form("group", Shape::Value, "group = \"…\""),
        form("baseline", Shape::Flag, "baseline"),
        MAX_ALLOCS,
        MAX_BYTES,
        form("no_alloc", Shape::Flag, "no_alloc"),
        CRATE,
    ],
};

/// The arguments of one `#[bench_case]`.
#[derive(Default)]
pub(crate) struct BenchCase {
    pub(crate) name: Option<LitStr>,
    pub(crate) args: Option<Args>,
    pub(crate) group: Option<LitStr>,
    pub(crate) baseline: Option<Span>,
    pub(crate) max_allocs: Option<Expr>,
    pub(crate) max_bytes: Option<Expr>,
    pub(crate) no_alloc: Option<Span>,
    /// Whether an argument was wrong and is not here.
    pub(crate) rejected: bool,
    renamed: Option<syn::Path>,
}

/// `args(…)`: one expression for each parameter.
pub(crate) struct Args {
    pub(crate) span: Span,
    pub(crate) values: Vec<Expr>,
}

impl BenchCase {
    pub(crate) fn parse(ctxt: &mut Ctxt, tokens: TokenStream) -> Self {
        let arguments = GRAMMAR.parse(ctxt, tokens);
        let mut case = Self {
            name: arguments.name,
            rejected: arguments.rejected,
            ..Self::default()
        };
        for argument in arguments.rest {
            let span = argument.span();
            match argument.name.to_string().as_str() {
                "args" => {
                    let values = argument.values;
                    case.args = Some(Args { span, values });
                }
                "group" => {
                    case.group = argument.string(ctxt);
                    case.rejected |= case.group.is_none();
                }
                "baseline" => case.baseline = Some(span),
                "max_allocs" => case.max_allocs = argument.value(),
                "max_bytes" => case.max_bytes = argument.value(),
                "no_alloc" => case.no_alloc = Some(span),
                _ => case.renamed = argument.path(ctxt),
            }
        }
        case
    }

    pub(crate) fn runtime(&self) -> Runtime {
        Runtime::new(self.renamed.as_ref())
    }
}
