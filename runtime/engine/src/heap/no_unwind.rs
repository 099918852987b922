//! In the place of the quick walk, where it is not known how.

use super::unwind_elsewhere;

#[derive(Debug)]
pub(super) struct Unwinder;

impl Unwinder {
    pub(super) fn new() -> Self {
        Self
    }

    pub(super) fn walk(&mut self, visit: impl FnMut(usize, usize) -> bool) {
        unwind_elsewhere::walk(visit);
    }
}
