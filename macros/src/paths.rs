//! The one way in which generated code names the runtime.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

/// The runtime crate: `::hotbench`, or what `crate = …` says.
pub(crate) struct Runtime(TokenStream);

impl Runtime {
    pub(crate) fn new(renamed: Option<&syn::Path>) -> Self {
        Self(renamed.map_or_else(|| quote!(::hotbench), ToTokens::to_token_stream))
    }

    /// An item of the runtime that only generated code may name.
    pub(crate) fn private(&self, name: &str) -> TokenStream {
        let root = &self.0;
        let name = Ident::new(name, Span::mixed_site());
        quote!(#root::__private::#name)
    }

    /// An item that users name, too.
    pub(crate) fn public(&self, name: &str) -> TokenStream {
        let root = &self.0;
        let name = Ident::new(name, Span::mixed_site());
        quote!(#root::#name)
    }

    /// A private one, for code that is to be taken for what stands at `span`.
    pub(crate) fn private_at(&self, name: &str, span: Span) -> TokenStream {
        let respan = |mut token: TokenTree| {
            token.set_span(span);
            token
        };
        let root: TokenStream = self.0.clone().into_iter().map(respan).collect();
        let name = Ident::new(name, span);
        quote_spanned!(span=> #root::__private::#name)
    }
}

/// A name for a binding of generated code. Hygiene keeps bindings apart, but a binding still can't
/// have the name of a constant or a static in scope, so no user may have it.
pub(crate) fn local(name: impl std::fmt::Display, span: Span) -> Ident {
    let span = span.resolved_at(Span::mixed_site());
    Ident::new(&format!("__hotbench_{name}"), span)
}
