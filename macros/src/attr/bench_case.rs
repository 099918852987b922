//! The arguments of `#[bench_case]`.

use proc_macro2::{Span, TokenStream};
use syn::{Expr, Ident, LitStr, Type};

use super::guard::{MAX_ALLOCS, MAX_BYTES};
use crate::args::{CRATE, Form, Grammar, Shape};
use crate::ctxt::Ctxt;
use crate::paths::Runtime;

const fn form(name: &'static str, shape: Shape, shown: &'static str) -> Form {
    Form { name, shape, shown }
}

/// As the user writes it, for messages.
const THROUGHPUT: &str = "throughput = Bytes(N)";

const GRAMMAR: Grammar = Grammar {
    attribute: "bench_case",
    named: true,
    forms: &[
        form("args", Shape::List, "args(EXPR, …)"),
        form("types", Shape::Types, "types(A, B)"),
        form("consts", Shape::List, "consts(1, 2)"),
        form("for", Shape::Sweep, "for NAME in EXPR"),
        form("check", Shape::Value, "check = |output| …"),
        form("throughput", Shape::Value, THROUGHPUT),
        form("group", Shape::Value, "group = \"…\""),
        form("baseline", Shape::Flag, "baseline"),
        MAX_ALLOCS,
        MAX_BYTES,
        form("no_alloc", Shape::Flag, "no_alloc"),
        form("sample_size", Shape::Value, "sample_size = N"),
        form("warm_up_time", Shape::Value, "warm_up_time = DURATION"),
        form(
            "measurement_time",
            Shape::Value,
            "measurement_time = DURATION",
        ),
        form("ignore", Shape::Flag, "ignore"),
        CRATE,
    ],
};

/// The arguments of one `#[bench_case]`.
#[derive(Default)]
pub(crate) struct BenchCase {
    pub(crate) name: Option<LitStr>,
    pub(crate) args: Option<Args>,
    /// What a generic function is called with.
    pub(crate) types: Option<Choices<Type>>,
    pub(crate) consts: Option<Choices<Expr>>,
    /// From the outermost to the innermost.
    pub(crate) sweeps: Vec<Sweep>,
    /// With the place of its name.
    pub(crate) check: Option<(Span, Expr)>,
    pub(crate) throughput: Throughput,
    pub(crate) group: Option<LitStr>,
    pub(crate) baseline: Option<Span>,
    pub(crate) max_allocs: Option<Expr>,
    pub(crate) max_bytes: Option<Expr>,
    pub(crate) no_alloc: Option<Span>,
    pub(crate) sample_size: Option<Expr>,
    pub(crate) warm_up_time: Option<Expr>,
    pub(crate) measurement_time: Option<Expr>,
    pub(crate) ignore: bool,
    /// Whether an argument was wrong and is not here.
    pub(crate) rejected: bool,
    renamed: Option<syn::Path>,
}

/// What one call works on.
#[derive(Default)]
pub(crate) struct Throughput {
    pub(crate) bytes: Option<Expr>,
    pub(crate) elements: Option<Expr>,
}

impl Throughput {
    /// `Bytes(N)`, `Elements(N)`, or a tuple of both.
    fn parse(ctxt: &mut Ctxt, expr: Expr) -> Self {
        let mut throughput = Self::default();
        let parts = match bare(expr) {
            Expr::Tuple(tuple) => tuple.elems.into_iter().collect(),
            expr => vec![expr],
        };
        for part in parts {
            if !throughput.add(&part) {
                let message = "`throughput` takes `Bytes(N)` or `Elements(N)`, or both: \
                               `throughput = (Bytes(N), Elements(N))`";
                ctxt.error(part, message);
            }
        }
        throughput
    }

    /// Whether it is one of the two, and not there yet.
    fn add(&mut self, expr: &Expr) -> bool {
        let Expr::Call(call) = expr else {
            return false;
        };
        let slot = match &*call.func {
            Expr::Path(path) if path.path.is_ident("Bytes") => &mut self.bytes,
            Expr::Path(path) if path.path.is_ident("Elements") => &mut self.elements,
            _ => return false,
        };
        let number = call.args.first().filter(|_| call.args.len() == 1);
        let is_new = number.is_some() && slot.is_none();
        if is_new {
            *slot = number.cloned();
        }
        is_new
    }
}

/// The expression without the invisible parentheses of a `macro_rules!` fragment.
fn bare(expr: Expr) -> Expr {
    match expr {
        Expr::Group(group) => bare(*group.expr),
        expr => expr,
    }
}

/// `types(…)` or `consts(…)`: a case for each, a tuple where the function has several parameters.
pub(crate) struct Choices<T> {
    pub(crate) span: Span,
    pub(crate) entries: Vec<T>,
}

/// `for NAME in EXPR`: a case for each value.
pub(crate) struct Sweep {
    pub(crate) name: Ident,
    pub(crate) values: Expr,
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
                    let values = argument.values.exprs;
                    case.args = Some(Args { span, values });
                }
                "group" => {
                    case.group = argument.string(ctxt);
                    case.rejected |= case.group.is_none();
                }
                "types" => {
                    let entries = argument.values.types;
                    case.types = Some(Choices { span, entries });
                }
                "consts" => {
                    let entries = argument.values.exprs;
                    case.consts = Some(Choices { span, entries });
                }
                "for" => {
                    let name = argument.binding.clone();
                    if let Some((name, values)) = name.zip(argument.value()) {
                        case.sweeps.push(Sweep { name, values });
                    }
                }
                "check" => case.check = argument.value().map(|check| (span, check)),
                "throughput" => {
                    if let Some(expr) = argument.value() {
                        case.throughput = Throughput::parse(ctxt, expr);
                    }
                }
                "baseline" => case.baseline = Some(span),
                "max_allocs" => case.max_allocs = argument.value(),
                "max_bytes" => case.max_bytes = argument.value(),
                "no_alloc" => case.no_alloc = Some(span),
                "sample_size" => case.sample_size = argument.value(),
                "warm_up_time" => case.warm_up_time = argument.value(),
                "measurement_time" => case.measurement_time = argument.value(),
                "ignore" => case.ignore = true,
                _ => case.renamed = argument.path(ctxt),
            }
        }
        case
    }

    pub(crate) fn has_budget(&self) -> bool {
        self.no_alloc.is_some() || self.max_allocs.is_some() || self.max_bytes.is_some()
    }

    pub(crate) fn runtime(&self) -> Runtime {
        Runtime::new(self.renamed.as_ref())
    }
}
