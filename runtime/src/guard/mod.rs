//! The allocation guard: which allocations a thread makes inside its regions, and what they break.
//!
//! [`thread`] counts, [`record`] remembers where, [`region`] opens and closes, [`report`] tells.
//! The allocator ([`crate::Alloc`]) feeds them; nothing on its way allocates, prints or panics.

mod closures;
mod proof;
mod record;
mod region;
mod report;
mod site;
mod status;
mod symbols;
pub(crate) mod thread;

pub(crate) use closures::exempt;
#[cfg(feature = "harness")]
pub(crate) use closures::{CaseBudget, call};
pub use closures::{assert_no_alloc, count_allocs};
pub use region::{Exempt, Region};
pub use site::{Budget, Site, SiteEntry};
pub use status::{GuardStatus, guard_status};
pub use thread::AllocStats;
