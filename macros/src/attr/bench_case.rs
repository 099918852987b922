//! The arguments of `#[bench_case]`.

use proc_macro2::{Span, TokenStream};
use syn::{Expr, Ident, LitStr, Type};

use super::guard::{MAX_ALLOCS, MAX_BYTES};
use crate::args::{Argument, CRATE, Form, Grammar, Shape, Values};
use crate::ctxt::Ctxt;
use crate::paths::Hotbench;

const fn form(name: &'static str, shape: Shape, shown: &'static str) -> Form {
    Form { name, shape, shown }
}

/// In the place of arguments, on a method whose `impl` has read them: it stays there so that the
/// attribute's name is looked up, and its `use` not called unused.
pub(crate) const READ: &str = "__hotbench_read";

/// As the user writes it, for messages.
const THROUGHPUT: &str = "throughput = Bytes(N)";

const RUNTIME: &str = "runtime = multi_thread(2)";

/// What a generic function, or a generic `impl`, is called with.
pub(crate) const TYPES: Form = form("types", Shape::Types, "types(A, B)");
pub(crate) const CONSTS: Form = form("consts", Shape::List, "consts(1, 2)");
/// How a method's receiver is made.
pub(crate) const WITH: Form = form("with", Shape::Value, "with = EXPR");

const GRAMMAR: Grammar = Grammar {
    attribute: "bench_case",
    named: true,
    forms: &[
        form("args", Shape::List, "args(EXPR, …)"),
        TYPES,
        CONSTS,
        form("for", Shape::Sweep, "for NAME in EXPR"),
        form("threads", Shape::List, "threads(1, 2)"),
        WITH,
        form("per_call", Shape::Flag, "per_call"),
        form("runtime", Shape::Value, RUNTIME),
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
    pub(crate) choices: ChoicesOf,
    /// From the outermost to the innermost.
    pub(crate) sweeps: Vec<Sweep>,
    pub(crate) threads: Option<Args>,
    /// How a method's receiver is made, with the place of the argument's name.
    pub(crate) with: Option<(Span, Expr)>,
    /// Whether a receiver is made for each call.
    pub(crate) per_call: Option<Span>,
    pub(crate) runtime: Option<(Span, RuntimeKind)>,
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
    /// On a method: of the `#[cfg_attr(…)]` that the attribute is in.
    pub(crate) condition: Option<syn::Meta>,
    pub(crate) renamed: Option<syn::Path>,
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

/// What async functions run on.
pub(crate) enum RuntimeKind {
    CurrentThread,
    /// With so many worker threads.
    MultiThread(Expr),
}

impl RuntimeKind {
    fn parse(ctxt: &mut Ctxt, expr: Expr) -> Option<Self> {
        match &bare(expr) {
            Expr::Path(path) if path.path.is_ident("current_thread") => Some(Self::CurrentThread),
            Expr::Call(call)
                if matches!(&*call.func, Expr::Path(path) if path.path.is_ident("multi_thread"))
                    && call.args.len() == 1 =>
            {
                call.args.first().cloned().map(Self::MultiThread)
            }
            other => {
                let message = "`runtime` is `current_thread` or `multi_thread(WORKERS)`";
                ctxt.error(other, message);
                None
            }
        }
    }
}

/// What the parameters of a generic function, or of an `impl`, are.
#[derive(Default)]
pub(crate) struct ChoicesOf {
    pub(crate) types: Option<Choices<Type>>,
    pub(crate) consts: Option<Choices<Expr>>,
}

impl ChoicesOf {
    /// `types(…)` or `consts(…)`.
    pub(super) fn add(&mut self, argument: Argument) {
        let span = argument.span();
        let Values { types, exprs } = argument.values;
        if argument.name == TYPES.name {
            let entries = types;
            self.types = Some(Choices { span, entries });
        } else {
            let entries = exprs;
            self.consts = Some(Choices { span, entries });
        }
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

/// `args(…)`: one expression for each parameter; or the like.
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
                "types" | "consts" => case.choices.add(argument),
                "for" => {
                    let name = argument.binding.clone();
                    if let Some((name, values)) = name.zip(argument.value()) {
                        case.sweeps.push(Sweep { name, values });
                    }
                }
                "threads" => {
                    let values = argument.values.exprs;
                    case.threads = Some(Args { span, values });
                }
                "with" => case.with = argument.value().map(|with| (span, with)),
                "per_call" => case.per_call = Some(span),
                "runtime" => {
                    let kind = argument.value();
                    let kind = kind.and_then(|kind| RuntimeKind::parse(ctxt, kind));
                    case.runtime = kind.map(|kind| (span, kind));
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

    pub(crate) fn hotbench(&self) -> Hotbench {
        Hotbench::new(self.renamed.as_ref())
    }
}
