//! What each attribute turns its item into.

pub(crate) mod bench_case;
pub(crate) mod guard;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::attr;
use crate::check;
use crate::ctxt::Ctxt;

/// Runs one attribute: its expansion, or every error together with the item as it was, so that the
/// rest of the file still makes sense to the compiler.
pub(crate) fn attribute(
    item: proc_macro::TokenStream,
    expand: impl FnOnce(&mut Ctxt, TokenStream) -> Option<TokenStream>,
) -> proc_macro::TokenStream {
    let item = TokenStream::from(item);
    let mut ctxt = Ctxt::new();
    let expansion = expand(&mut ctxt, item.clone());
    match ctxt.finish() {
        None => expansion.unwrap_or(item),
        Some(errors) => quote!(#errors #item),
    }
    .into()
}

pub(crate) fn bench_only(ctxt: &mut Ctxt, args: TokenStream, item: &TokenStream) -> TokenStream {
    let runtime = attr::bench_only::parse(ctxt, args);
    check::not_file_module(ctxt, item);
    let gate = runtime.private("bench_only");
    quote!(#gate! { #item })
}

/// A number that a budget allows, or no limit.
fn limit(expr: Option<&syn::Expr>) -> TokenStream {
    expr.map_or_else(
        || quote!(::core::primitive::u64::MAX),
        ToTokens::to_token_stream,
    )
}
