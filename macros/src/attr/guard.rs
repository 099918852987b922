//! The arguments of `#[no_alloc]`, `#[hot]` and `#[allow_alloc]`.

use proc_macro2::TokenStream;
use syn::Expr;

use crate::args::{CRATE, Form, Grammar, Shape};
use crate::ctxt::Ctxt;
use crate::paths::Hotbench;

pub(crate) const MAX_ALLOCS: Form = Form {
    name: "max_allocs",
    shape: Shape::Value,
    shown: "max_allocs = N",
};
pub(crate) const MAX_BYTES: Form = Form {
    name: "max_bytes",
    shape: Shape::Value,
    shown: "max_bytes = N",
};

const WARMUP: Form = Form {
    name: "warmup",
    shape: Shape::Value,
    shown: "warmup = N",
};
const DENY_DEALLOC: Form = Form {
    name: "deny_dealloc",
    shape: Shape::Flag,
    shown: "deny_dealloc",
};
const FORBID: Form = Form {
    name: "forbid",
    shape: Shape::Flag,
    shown: "forbid",
};

/// What a guard attribute does with the allocations of its function.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    NoAlloc,
    Hot,
    AllowAlloc,
}

impl Kind {
    pub(crate) fn attribute(self) -> &'static str {
        self.grammar().attribute
    }

    fn grammar(self) -> Grammar {
        let (attribute, forms): (_, &'static [Form]) = match self {
            Self::NoAlloc => ("no_alloc", &[WARMUP, DENY_DEALLOC, FORBID, CRATE]),
            Self::Hot => ("hot", &[MAX_ALLOCS, MAX_BYTES, WARMUP, CRATE]),
            Self::AllowAlloc => ("allow_alloc", &[CRATE]),
        };
        Grammar {
            attribute,
            named: false,
            forms,
        }
    }
}

/// The arguments of one guard attribute.
pub(crate) struct Guard {
    pub(crate) kind: Kind,
    pub(crate) max_allocs: Option<Expr>,
    pub(crate) max_bytes: Option<Expr>,
    pub(crate) warmup: Option<Expr>,
    pub(crate) deny_dealloc: bool,
    pub(crate) forbid: bool,
    pub(crate) runtime: Hotbench,
}

impl Guard {
    pub(crate) fn parse(ctxt: &mut Ctxt, kind: Kind, tokens: TokenStream) -> Self {
        let mut guard = Self {
            kind,
            max_allocs: None,
            max_bytes: None,
            warmup: None,
            deny_dealloc: false,
            forbid: false,
            runtime: Hotbench::new(None),
        };
        for argument in kind.grammar().parse(ctxt, tokens).rest {
            match argument.name.to_string().as_str() {
                "max_allocs" => guard.max_allocs = argument.value(),
                "max_bytes" => guard.max_bytes = argument.value(),
                "warmup" => guard.warmup = argument.value(),
                "deny_dealloc" => guard.deny_dealloc = true,
                "forbid" => guard.forbid = true,
                _ => guard.runtime = Hotbench::new(argument.path(ctxt).as_ref()),
            }
        }
        guard
    }
}
