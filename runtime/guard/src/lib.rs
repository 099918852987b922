//! The allocation guard: which allocations a thread makes inside its regions, and what they break.
//!
//! Use it through `hotbench`, which documents what is for its users. The rest is for hotbench's other packages, and
//! changes without notice.
//!
//! `region` says where a function begins and ends, [`ledger`] counts, `settle` judges, `record` remembers where,
//! `report` tells, by [`symbols`] and [`hints`], `policy` says what becomes of it, `shared` brings other threads in,
//! [`reached`] remembers which hot paths were entered, [`unobserved`] which failures no test can have seen. The
//! allocator ([`Alloc`]) feeds them; nothing on its way allocates, prints or panics.
//!
//! # Features
//!
//! - `cases`: what a harness needs besides: `elsewhere` counts what other threads do during a case's calls, and
//!   `recorder` hands each allocation on.
//! - `profile`: the profile of a running program, to which `watch` lends its counts.

mod alloc;
#[cfg(all(
    target_os = "linux",
    any(target_env = "gnu", target_env = "musl"),
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod catch;
mod closures;
mod counts;
#[cfg(feature = "cases")]
pub mod elsewhere;
pub mod executable;
mod future;
pub mod hints;
pub mod ledger;
mod policy;
#[cfg(feature = "profile")]
pub mod profile;
pub mod reached;
mod record;
#[cfg(feature = "cases")]
pub mod recorder;
mod region;
mod report;
mod settle;
mod shared;
mod site;
mod status;
pub mod symbols;
pub mod text;
pub mod units;
#[cfg_attr(
    not(all(
        target_os = "linux",
        any(target_env = "gnu", target_env = "musl"),
        any(target_arch = "x86_64", target_arch = "aarch64")
    )),
    path = "no_unobserved.rs"
)]
pub mod unobserved;
#[cfg(feature = "profile")]
mod watch;

/// Whether `#[hot]` functions are profiled in this build.
pub const HAS_PROFILE: bool = cfg!(feature = "profile");

pub use alloc::Alloc;
#[cfg(feature = "cases")]
pub use closures::{
    Called, begin_side_by_side, call, call_future, call_on_this_thread, end_side_by_side,
};
pub use closures::{CaseBudget, assert_no_alloc, count_allocs, exempt, run_carried};
pub use counts::{AllocStats, Operation};
pub use future::{carried_future, exempt_future, guard_future, guard_hot_future};
pub use ledger::unwatched;
pub use region::Region;
pub use shared::Carried;
pub use site::{Budget, Site, SiteEntry, SiteState};
pub use status::{GuardStatus, guard_status};

// So that allocations are seen in the unit tests.
#[cfg(test)]
#[global_allocator]
static GLOBAL: Alloc<std::alloc::System> = Alloc::new(std::alloc::System);
