//! The arguments of `#[hotbench::main]`: those of `harness!` after the crate itself, and `crate`.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{Path, Token};

use crate::ctxt::Ctxt;
use crate::paths::Hotbench;

/// The arguments of one `#[hotbench::main]`.
pub(crate) struct Main {
    /// For `harness!`, which has rules of its own.
    pub(crate) harness: TokenStream,
    pub(crate) runtime: Hotbench,
}

impl Main {
    pub(crate) fn parse(ctxt: &mut Ctxt, tokens: TokenStream) -> Self {
        let parse = |input: ParseStream<'_>| {
            let renamed = if input.peek(Token![crate]) {
                input.parse::<Token![crate]>()?;
                input.parse::<Token![=]>()?;
                let path: Path = input.parse()?;
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
                Some(path)
            } else {
                None
            };
            Ok((renamed, input.parse::<TokenStream>()?))
        };
        let (renamed, harness) = parse.parse2(tokens).unwrap_or_else(|error| {
            ctxt.push(error);
            (None, TokenStream::new())
        });
        Self {
            harness,
            runtime: Hotbench::new(renamed.as_ref()),
        }
    }
}
