//! The one way in which generated code names the runtime.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};

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
}
