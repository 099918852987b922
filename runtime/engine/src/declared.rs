//! What a case's attribute says of each of its calls.

use std::time::Duration;

use super::executor::Runtime;
use super::settings::Settings;
use crate::figures::{Budget, Throughput};

/// Evaluated where the case is measured, for the expressions may be any.
#[derive(Debug, Clone, Copy)]
pub struct Declared {
    /// Allocations and reallocations that one call may make.
    pub max_allocs: u64,
    /// Bytes that one call may ask for.
    pub max_bytes: u64,
    /// True if the attribute has `no_alloc` for `max_allocs = 0`.
    pub no_alloc: bool,
    /// Bytes that one call works on.
    pub bytes: Option<u64>,
    /// Elements that one call works on.
    pub elements: Option<u64>,
    /// What async functions run on.
    pub runtime: Runtime,
    /// Criterion's samples.
    pub sample_size: Option<usize>,
    /// For how long it runs before it is measured.
    pub warm_up_time: Option<Duration>,
    /// For how long it is measured.
    pub measurement_time: Option<Duration>,
}

impl Declared {
    pub(super) const NOTHING: Self = Self {
        max_allocs: u64::MAX,
        max_bytes: u64::MAX,
        no_alloc: false,
        bytes: None,
        elements: None,
        runtime: Runtime::Default,
        sample_size: None,
        warm_up_time: None,
        measurement_time: None,
    };

    pub(super) fn settings(&self) -> Settings {
        Settings {
            sample_size: self.sample_size,
            warm_up_time: self.warm_up_time,
            measurement_time: self.measurement_time,
        }
    }

    pub(super) fn budget(&self) -> hotbench_guard::Budget {
        hotbench_guard::Budget {
            max_allocs: self.max_allocs,
            max_bytes: self.max_bytes,
            ..hotbench_guard::Budget::UNLIMITED
        }
    }

    /// The budget as reports have it, if there is one.
    pub(super) fn limits(&self) -> Option<Budget> {
        let limit = |n: u64| (n != u64::MAX).then_some(n);
        let budget = Budget {
            max_allocs: limit(self.max_allocs),
            max_bytes: limit(self.max_bytes),
        };
        budget.max_allocs.or(budget.max_bytes).map(|_| budget)
    }

    /// Without rates, which need a time.
    pub(super) fn throughput(&self) -> Option<Throughput> {
        self.bytes.or(self.elements).map(|_| Throughput {
            bytes_per_call: self.bytes,
            elements_per_call: self.elements,
            bytes_per_second: None,
            elements_per_second: None,
        })
    }
}

/// An integer, of whatever type.
#[diagnostic::on_unimplemented(
    message = "a throughput is a number of bytes or elements, not `{Self}`",
    label = "expected an integer"
)]
pub trait Count {
    /// The number, if it is none below zero.
    fn count(self) -> Option<u64>;
}

macro_rules! counts {
    ($($integer:ty)+) => {$(
        impl Count for $integer {
            fn count(self) -> Option<u64> {
                u64::try_from(self).ok()
            }
        }
    )+};
}

counts!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

/// A number of bytes or elements.
///
/// # Panics
///
/// If it is negative.
#[track_caller]
pub fn count(n: impl Count) -> u64 {
    n.count()
        .unwrap_or_else(|| panic!("a throughput is a number of bytes or elements, from 0 up"))
}
