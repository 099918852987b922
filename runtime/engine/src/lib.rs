//! The worker process of hotbench: the registry of cases, the engines that measure them, and the protocol through which
//! the harness asks for measurements.
//!
//! Use it through `hotbench`, which documents what is for its users. The rest is for hotbench's other packages, and
//! changes without notice.
//!
//! Generated code registers a [`Case`](registry::Case). [`serve`] answers the requests of the [`protocol`]: it makes an
//! engine of [`engines`], and [enters](Entry) the case, which hands its [`routine`], made by its [`Bencher`], to that
//! engine. What comes of it are [`figures`]. An engine knows no flag and no report.

pub mod arguments;
mod bencher;
mod build;
pub mod calls;
pub mod declared;
pub mod engines;
mod entry;
pub mod executor;
pub mod figures;
pub mod heap;
pub mod protocol;
pub mod registry;
pub mod routine;
#[cfg(feature = "flamegraph")]
#[cfg_attr(
    not(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )),
    path = "no_sampler.rs"
)]
pub mod sampler;
mod serve;
pub mod settings;
pub mod sweep;

pub use bencher::Bencher;
pub use build::Build;
pub use criterion::{BatchSize, Criterion};
pub use declared::{Declared, count};
pub use engines::lend;
pub use entry::Entry;
pub use executor::Runtime;
pub use serve::serve;
pub use settings::Defaults;

// It calls the cases.
inventory::submit! {
    hotbench_guard::symbols::own::OwnPackage {
        krate: "hotbench_engine",
        sources: concat!(env!("CARGO_MANIFEST_DIR"), "/src/"),
        calls_cases: true,
    }
}
