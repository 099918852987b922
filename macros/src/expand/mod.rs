//! What each attribute turns its item into.

pub(crate) mod bench_case;
pub(crate) mod bench_cases;
pub(crate) mod guard;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

use crate::attr;
use crate::attr::main::Main;
use crate::check;
use crate::ctxt::Ctxt;
use crate::item::Function;
use crate::paths;

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

/// `#[hotbench::main]`: the program's `main` as it is; or, in a bench target, that of `harness!`.
pub(crate) fn main(ctxt: &mut Ctxt, args: TokenStream, item: TokenStream) -> Option<TokenStream> {
    let Main { harness, runtime } = Main::parse(ctxt, args);
    let mut function = Function::parse(ctxt, "hotbench::main", item.clone())?;
    check::is_main(ctxt, &function.sig);
    if !in_bench_target() {
        return Some(item);
    }
    // What only the program's `main` calls is not unused here.
    let name = paths::local("main", Span::mixed_site());
    function.sig.ident = name.clone();
    let whole = function.whole();
    let harness_macro = runtime.public("harness");
    Some(quote! {
        #whole
        const _: () = {
            let _ = #name;
        };
        #harness_macro!(crate, #harness);
    })
}

/// A number that a budget allows, or no limit.
fn limit(expr: Option<&syn::Expr>) -> TokenStream {
    expr.map_or_else(
        || quote!(::core::primitive::u64::MAX),
        ToTokens::to_token_stream,
    )
}

/// Whether the crate is a bench target, or an integration test: Cargo sets this variable for these two
/// alone.
pub(crate) fn in_bench_target() -> bool {
    std::env::var_os("CARGO_TARGET_TMPDIR").is_some()
}
