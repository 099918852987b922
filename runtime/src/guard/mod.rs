//! The allocation guard: which allocations a thread makes inside its regions, and what they break.
//!
//! [`region`] says where a function begins and ends, [`ledger`] counts, [`settle`] judges, [`record`] remembers
//! where, [`report`] tells, [`policy`] says what becomes of it, [`shared`] brings other threads in, [`reached`]
//! remembers which hot paths were entered, [`unobserved`] which failures no test can have seen, `watch` counts for the profile, `elsewhere` what other threads do during a
//! case's calls. The allocator ([`crate::Alloc`]) feeds
//! them; nothing on its way allocates, prints or panics.

#[cfg(all(
    target_os = "linux",
    any(target_env = "gnu", target_env = "musl"),
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod catch;
mod closures;
mod counts;
#[cfg(feature = "harness")]
pub(crate) mod elsewhere;
mod future;
pub(crate) mod ledger;
mod policy;
pub(crate) mod reached;
mod record;
mod region;
mod report;
mod settle;
mod shared;
mod site;
mod status;
#[cfg_attr(
    not(all(
        target_os = "linux",
        any(target_env = "gnu", target_env = "musl"),
        any(target_arch = "x86_64", target_arch = "aarch64")
    )),
    path = "no_unobserved.rs"
)]
pub(crate) mod unobserved;
#[cfg(feature = "profile")]
pub(crate) mod watch;

#[cfg(feature = "harness")]
pub(crate) use closures::{
    Called, CaseBudget, begin_side_by_side, call, call_future, call_on_this_thread,
    end_side_by_side,
};
pub use closures::{assert_no_alloc, count_allocs};
pub(crate) use closures::{exempt, run_carried};
pub use counts::AllocStats;
pub(crate) use counts::Operation;
pub(crate) use future::carried_future;
pub use future::{exempt_future, guard_future, guard_hot_future};
#[cfg(feature = "profile")]
pub(crate) use ledger::unwatched;
#[cfg(feature = "profile")]
pub(crate) use policy::{allocator_is_installed, print};
pub use region::Region;
pub(crate) use shared::Carried;
pub use site::{Budget, Site, SiteEntry, SiteState};
pub use status::{GuardStatus, guard_status};
