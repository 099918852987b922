//! The arguments of `#[no_alloc]`, `#[hot]` and `#[allow_alloc]`.

use proc_macro2::TokenStream;
use syn::Expr;

use crate::args::{CRATE, Form, Grammar, Shape};
use crate::ctxt::Ctxt;
use crate::paths::Runtime;

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
            Self::NoAlloc => ("no_alloc", &[CRATE]),
            Self::Hot => ("hot", &[MAX_ALLOCS, MAX_BYTES, CRATE]),
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
    pub(crate) runtime: Runtime,
}

impl Guard {
    pub(crate) fn parse(ctxt: &mut Ctxt, kind: Kind, tokens: TokenStream) -> Self {
        let (mut max_allocs, mut max_bytes, mut renamed) = (None, None, None);
        for argument in kind.grammar().parse(ctxt, tokens).rest {
            match argument.name.to_string().as_str() {
                "max_allocs" => max_allocs = argument.value(),
                "max_bytes" => max_bytes = argument.value(),
                _ => renamed = argument.path(ctxt),
            }
        }
        Self {
            kind,
            max_allocs,
            max_bytes,
            runtime: Runtime::new(renamed.as_ref()),
        }
    }
}
