//! Reads a project: the uses of `#[bench_case]` in its sources, and the tools of its toolchain. The harness of hotbench
//! and `cargo hotbench` share it.
//!
//! Depend on `hotbench`: this interface is for its packages alone, and changes without notice.

pub mod profdata;
pub mod uses;
