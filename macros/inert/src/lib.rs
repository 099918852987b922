//! The attributes of `hotbench` in builds in which none of its features is on. Use them through that crate.
//!
//! Each returns the item's own tokens. They are neither parsed nor taken apart: the compiler forgets which of them came
//! as one fragment of a `macro_rules!` macro when a macro rebuilds a stream, and `$e * 2` would change its value.

#![warn(clippy::pedantic)]

extern crate proc_macro;

mod bencher;

use proc_macro::TokenStream;

/// Is an error in a test build, where it would register nothing.
#[proc_macro_attribute]
pub fn bench_case(_args: TokenStream, item: TokenStream) -> TokenStream {
    let missing = error_in_tests(
        "`#[bench_case]` registers nothing in this test build: hotbench's feature `harness` is off. \
         Add to Cargo.toml:\n\n\
         [dev-dependencies]\n\
         hotbench = { version = \"0.1\", features = [\"harness\"] }",
    );
    if bencher::is_taken_by(&item) {
        return missing;
    }
    followed_by(item, missing)
}

/// Returns the `impl`, on whose methods `#[bench_case]` speaks for itself.
#[proc_macro_attribute]
pub fn bench_cases(_args: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// Returns the program's `main`; is an error in a bench target, where there is no harness.
#[proc_macro_attribute]
pub fn main(_args: TokenStream, item: TokenStream) -> TokenStream {
    // Cargo sets this variable for bench targets and integration tests alone.
    if std::env::var_os("CARGO_TARGET_TMPDIR").is_none() {
        return item;
    }
    let missing = error(
        "hotbench's feature `harness` is off. Add to Cargo.toml:\n\n\
         [dev-dependencies]\n\
         hotbench = { version = \"0.1\", features = [\"harness\"] }",
    );
    followed_by(item, missing)
}

/// Removes the item.
#[proc_macro_attribute]
pub fn bench_only(_args: TokenStream, _item: TokenStream) -> TokenStream {
    TokenStream::new()
}

/// Is an error in a test build, where it would check nothing.
#[proc_macro_attribute]
pub fn no_alloc(_args: TokenStream, item: TokenStream) -> TokenStream {
    followed_by(item, unchecked("no_alloc"))
}

/// Is an error in a test build, where it would check nothing.
#[proc_macro_attribute]
pub fn hot(_args: TokenStream, item: TokenStream) -> TokenStream {
    followed_by(item, unchecked("hot"))
}

/// Returns the function.
#[proc_macro_attribute]
pub fn allow_alloc(_args: TokenStream, item: TokenStream) -> TokenStream {
    item
}

fn unchecked(attribute: &str) -> TokenStream {
    error_in_tests(&format!(
        "`#[{}]` checks nothing in this test build: hotbench's feature `guard` is off. Add to Cargo.toml:\n\n\
         [dev-dependencies]\n\
         hotbench = {{ version = \"0.1\", features = [\"harness\"] }}   \
         # or \"guard\", without the benchmarks",
        attribute
    ))
}

/// The item, whose stream is passed on as a whole, and then more items.
fn followed_by(mut item: TokenStream, more: TokenStream) -> TokenStream {
    item.extend(Some(more));
    item
}

fn error_in_tests(message: &str) -> TokenStream {
    followed_by(tokens("#[cfg(test)]"), error(message))
}

fn error(message: &str) -> TokenStream {
    tokens(&format!("::core::compile_error! {{ {:?} }}", message))
}

fn tokens(text: &str) -> TokenStream {
    text.parse().expect("the text is Rust")
}
