//! The allocation guard: which allocations a thread makes inside its regions, and what they break.
//!
//! [`region`] counts and judges, [`record`] remembers where, [`report`] tells, [`policy`] says what
//! becomes of it. The allocator ([`crate::Alloc`]) feeds them; nothing on its way allocates, prints
//! or panics.

mod causes;
mod closures;
mod counts;
mod future;
mod hints;
mod policy;
mod record;
pub(crate) mod region;
mod report;
mod site;
mod status;
mod symbols;

pub(crate) use closures::exempt;
#[cfg(feature = "harness")]
pub(crate) use closures::{CaseBudget, call};
pub use closures::{assert_no_alloc, count_allocs};
pub use counts::AllocStats;
pub(crate) use counts::Operation;
pub use future::{exempt_future, guard_future};
pub use region::Region;
pub use site::{Budget, Site, SiteEntry};
pub use status::{GuardStatus, guard_status};
