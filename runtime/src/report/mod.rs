//! What a run found, and the ways in which it is told. Reports know [`measurement`], and no engine.

pub(crate) mod bencher;
pub(crate) mod console;
pub(crate) mod json;
pub(crate) mod libtest;
pub(crate) mod measurement;
pub(crate) mod progress;
mod rows;
pub(crate) mod table;
pub(crate) mod units;
