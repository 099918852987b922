//! One typed model for the arguments of each attribute.

pub(crate) mod bench_case;
pub(crate) mod bench_cases;
pub(crate) mod bench_only;
pub(crate) mod guard;
pub(crate) mod main;
