//! What a package's files say of its cases, and a toolchain's of its tools: for the harness of hotbench and for
//! `cargo hotbench`, which have nothing else in common.
//!
//! Depend on `hotbench`: this interface is for its packages alone, and changes without notice.

pub mod profdata;
pub mod uses;
