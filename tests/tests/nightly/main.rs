//! The tests that take minutes: PGO from the training to the table. `.ci/nightly` runs them, and `cargo test` does not.

#![allow(dead_code, reason = "of what is shared, the other tests use the rest")]

#[path = "../cargo/formats.rs"]
mod formats;
mod pgo;
#[path = "../cargo/support.rs"]
mod support;
#[path = "../cargo/variants.rs"]
mod variants;
