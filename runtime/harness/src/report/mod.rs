//! What a run found, and the ways in which it is told.
//!
//! [`document`] is the whole of it, with a [`measurement`] for each case. Every format is made from that,
//! in a file of its own, so that all can be made from a document that was read, too. Reports know no engine.

pub(crate) mod arrange;
pub(crate) mod bencher;
pub(crate) mod comparison;
pub(crate) mod console;
pub(crate) mod document;
pub(crate) mod events;
pub(crate) mod github;
pub(crate) mod heap;
pub(crate) mod history;
pub(crate) mod hot_paths;
pub(crate) mod hottest;
#[cfg(feature = "html")]
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod junit;
mod layout;
pub(crate) mod libtest;
pub(crate) mod looked_for;
pub(crate) mod measurement;
pub(crate) mod noise;
mod plain;
pub(crate) mod progress;
pub(crate) mod ratchet;
#[cfg(test)]
mod samples;
pub(crate) mod table;
pub(crate) mod units;
pub(crate) mod variants;
