//! The places that a broken region's allocations came from, put together from its records.

use super::super::counts::{Charge, Operation};
use super::super::record::Record;
use crate::hints::{Grown, Hint};
use crate::symbols::{self, Frame, Place};
use crate::text::count;

/// What came from one place.
pub(super) struct Cause {
    pub(super) place: Option<Place>,
    pub(super) function: Option<String>,
    /// The function of another crate that it called.
    pub(super) dependency: Option<String>,
    /// From the function at the place out to the guarded one.
    pub(super) way: Vec<Frame>,
    /// Distinct stacks; the first is the one that is shown.
    pub(super) ways: u64,
    /// Where its work was handed on, if it was.
    pub(super) handed_on: Option<Place>,
    pub(super) allocs: u64,
    pub(super) reallocs: u64,
    pub(super) deallocs: u64,
    pub(super) bytes: u64,
    /// Of the stack that was recorded first.
    hint: Option<Hint>,
}

/// Returns the places of the records, most bytes first, and what libtest's capture of the output allocated, which has
/// no place of the user's. `guarded` is the path of the guarded function.
pub(super) fn causes(records: &[Record], guarded: Option<&str>) -> (Vec<Cause>, Charge) {
    let mut causes: Vec<Cause> = Vec::new();
    let mut captured = Charge::NONE;
    for record in records {
        let stack = symbols::stack(record.frames());
        if record.operation != Operation::Dealloc && stack.is_of_captured_output() {
            captured.allocs += record.count;
            captured.bytes = captured.bytes.saturating_add(record.bytes);
            continue;
        }
        let users = stack.users_frame();
        let handed_on = record.carried.map(symbols::of_caller);
        let way = stack.way(guarded);
        let hint = Hint::of(&stack);
        let index = causes.iter().position(|cause| {
            cause.place == users.place
                && cause.function == users.function
                && cause.handed_on == handed_on
                // Without places, what is done there keeps them apart.
                && (cause.place.is_some() || cause.hint == hint)
        });
        let index = index.unwrap_or_else(|| {
            causes.push(Cause {
                place: users.place,
                function: users.function,
                dependency: stack.dependency().map(symbols::plain),
                way: way.clone(),
                ways: 1,
                handed_on,
                allocs: 0,
                reallocs: 0,
                deallocs: 0,
                bytes: 0,
                hint,
            });
            causes.len() - 1
        });
        let cause = &mut causes[index];
        cause.ways += u64::from(cause.way != way);
        cause.add(record.operation, record.count, record.bytes);
    }
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.bytes));
    (causes, captured)
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

    /// Calls that asked for memory.
    pub(super) fn requests(&self) -> u64 {
        self.allocs + self.reallocs
    }

    /// What the place should do instead, if it is a known pattern that asked for memory.
    pub(super) fn hint(&self) -> Option<Hint> {
        self.hint.filter(|_| self.requests() > 0)
    }

    pub(super) fn grown(&self) -> Grown {
        Grown {
            reallocs: self.reallocs,
            bytes: self.bytes,
        }
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
        let label = match made[..] {
            [(1, "alloc")] => format!("alloc of {bytes}"),
            [(1, "realloc")] => format!("realloc by {bytes}"),
            [(n, "free")] => count(n, "free"),
            _ => {
                let made = made.into_iter().map(|(n, name)| count(n, name));
                format!("{}, {bytes} in all", made.collect::<Vec<_>>().join(" and "))
            }
        };
        match &self.dependency {
            Some(dependency) => format!("{label}, in `{dependency}`"),
            None => label,
        }
    }
}
