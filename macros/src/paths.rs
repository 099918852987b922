//! The one way in which generated code names the runtime.

use std::path::Path;
use std::sync::OnceLock;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

/// The runtime crate: what `crate = …` says, else the dependency, by whatever name.
pub(crate) struct Hotbench(TokenStream);

impl Hotbench {
    pub(crate) fn new(said: Option<&syn::Path>) -> Self {
        Self(said.map_or_else(dependency, ToTokens::to_token_stream))
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
        let root = at(span, self.0.clone());
        let name = Ident::new(name, span);
        quote_spanned!(span=> #root::__private::#name)
    }
}

/// The tokens, as if they stood at `span`.
fn at(span: Span, tokens: TokenStream) -> TokenStream {
    let respan = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.into_iter().map(respan).collect()
}

const HOTBENCH: &str = "hotbench";

fn dependency() -> TokenStream {
    // Asked for with every attribute, and the same in all of a process: it compiles one crate.
    static NAME: OnceLock<String> = OnceLock::new();
    let name = NAME.get_or_init(|| name_in(compiler_arguments()));
    let name = Ident::new(name, Span::call_site());
    quote!(::#name)
}

/// Those of this process, which is the compiler's.
pub(crate) fn compiler_arguments() -> impl Iterator<Item = String> {
    let arguments = std::env::args_os().filter_map(|argument| argument.into_string().ok());
    arguments.flat_map(read_if_file)
}

/// The arguments in the file that `@path` names, one a line: rustdoc has the compiler read them there.
fn read_if_file(argument: String) -> Vec<String> {
    let text = argument
        .strip_prefix('@')
        .and_then(|path| std::fs::read_to_string(path).ok());
    match text {
        Some(text) => text.lines().map(str::to_owned).collect(),
        None => vec![argument],
    }
}

/// The name that the compiler's arguments have for hotbench: `--extern hb=…/libhotbench-….rmeta`.
///
/// That is what Cargo has made of `Cargo.toml`, wherever the rename stands there: in the workspace's
/// dependencies, for one target. Where the arguments are another program's, as in an IDE, nothing is
/// found, and where two names are, neither is better.
fn name_in(arguments: impl Iterator<Item = String>) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut is_extern = false;
    for argument in arguments {
        let joined = argument.strip_prefix("--extern=");
        if let Some(dependency) = joined.or_else(|| is_extern.then_some(&*argument)) {
            let (name, file) = dependency.split_once('=').unwrap_or((dependency, ""));
            // Options come first: `priv,noprelude:name`.
            let name = name.rsplit(':').next().unwrap_or(name);
            if name == HOTBENCH {
                return name.to_owned();
            }
            if is_library(file) {
                names.push(name.to_owned());
            }
        }
        is_extern = argument == "--extern";
    }
    names.dedup();
    match <[String; 1]>::try_from(names) {
        Ok([name]) => name,
        Err(_) => HOTBENCH.to_owned(),
    }
}

/// Whether `file` is `libhotbench-….rmeta`, or `libhotbench.rlib`; not that of a `hotbench-macros`.
fn is_library(file: &str) -> bool {
    let name = Path::new(file).file_name().and_then(|name| name.to_str());
    let rest = name.and_then(|name| name.strip_prefix("lib")?.strip_prefix(HOTBENCH));
    rest.is_some_and(|rest| rest.starts_with(['-', '.']))
}

/// A name for a binding of generated code. Hygiene keeps bindings apart, but a binding still can't
/// have the name of a constant or a static in scope, so no user may have it.
pub(crate) fn local(name: impl std::fmt::Display, span: Span) -> Ident {
    let span = span.resolved_at(Span::mixed_site());
    Ident::new(&format!("__hotbench_{name}"), span)
}

#[cfg(test)]
mod tests {
    use super::name_in;

    fn name(arguments: &str) -> String {
        name_in(arguments.split(' ').map(str::to_owned))
    }

    #[test]
    fn a_renamed_dependency_is_known_by_its_file() {
        assert_eq!(
            name("rustc --extern a=/t/liba-1.rmeta --extern hb=/t/libhotbench-2.rmeta src/lib.rs"),
            "hb"
        );
        assert_eq!(name("rustc --extern=hb=/t/libhotbench.rlib"), "hb");
        assert_eq!(name("rustc --extern priv:hb=/t/libhotbench-2.rlib"), "hb");
    }

    #[test]
    fn its_own_name_goes_before_any_other() {
        let both =
            "rustc --extern hb=/t/libhotbench-2.rmeta --extern hotbench=/t/libhotbench-1.rmeta";
        assert_eq!(name(both), "hotbench");
        let in_turn = "rustc --extern hotbench --extern hb=/t/libhotbench-2.rmeta";
        assert_eq!(name(in_turn), "hotbench");
    }

    #[test]
    fn where_nothing_is_found_or_two_are_the_name_is_its_own() {
        for arguments in [
            "server --port 1",
            "rustc --extern",
            "rustc src/libhotbench-1.rmeta",
            "rustc --extern m=/t/libhotbench_macros-1.so --extern o=/t/libhotbench2-1.rmeta",
            "rustc --extern a=/t/libhotbench-1.rmeta --extern b=/t/libhotbench-2.rmeta",
        ] {
            assert_eq!(name(arguments), "hotbench", "{arguments}");
        }
    }
}
