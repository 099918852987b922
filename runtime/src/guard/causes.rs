//! The places that a broken region's allocations came from, put together from its records.

use super::counts::Operation;
use super::hints::Hint;
use super::ledger::Excess;
use super::symbols::{self, Place};
use crate::text::count;

/// What came from one place.
pub(super) struct Cause {
    pub(super) place: Option<Place>,
    pub(super) function: Option<String>,
    pub(super) allocs: u64,
    pub(super) reallocs: u64,
    pub(super) deallocs: u64,
    pub(super) bytes: u64,
    /// Of the stack that was recorded first.
    hint: Option<Hint>,
}

/// The places past the limit, most bytes first.
pub(super) fn causes(excess: &Excess) -> Vec<Cause> {
    let mut causes: Vec<Cause> = Vec::new();
    for record in &excess.records {
        let stack = symbols::stack(record.frames());
        let users = stack.users_frame();
        let known = causes
            .iter()
            .position(|cause| cause.place == users.place && cause.function == users.function);
        let index = known.unwrap_or_else(|| {
            causes.push(Cause {
                place: users.place.clone(),
                function: users.function.clone(),
                allocs: 0,
                reallocs: 0,
                deallocs: 0,
                bytes: 0,
                hint: Hint::of(&stack),
            });
            causes.len() - 1
        });
        causes[index].add(record.operation, record.count, record.bytes);
    }
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.bytes));
    causes
}

impl Cause {
    fn add(&mut self, operation: Operation, times: u64, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        match operation {
            Operation::Alloc | Operation::AllocZeroed => self.allocs += times,
            Operation::Realloc => self.reallocs += times,
            Operation::Dealloc => self.deallocs += times,
        }
    }

    /// What the place should do instead, if it is a known pattern that asked for memory.
    pub(super) fn hint(&self) -> Option<Hint> {
        self.hint.filter(|_| self.allocs + self.reallocs > 0)
    }

    /// `alloc of 24 bytes`, `3 reallocs, 1,008 bytes in all`, `1 alloc and 1 free, 8 bytes in all`.
    pub(super) fn label(&self) -> String {
        let bytes = count(self.bytes, "byte");
        let operations = [
            (self.allocs, "alloc"),
            (self.reallocs, "realloc"),
            (self.deallocs, "free"),
        ];
        let made: Vec<_> = operations.into_iter().filter(|(n, _)| *n > 0).collect();
        match made[..] {
            [(1, "alloc")] => format!("alloc of {bytes}"),
            [(1, "realloc")] => format!("realloc by {bytes}"),
            [(n, "free")] => count(n, "free"),
            _ => {
                let made = made.into_iter().map(|(n, name)| count(n, name));
                format!("{}, {bytes} in all", made.collect::<Vec<_>>().join(" and "))
            }
        }
    }
}
