//! The way into a case: its routine asks for which values of its sweeps its body is to run.

use super::bencher::Bencher;
use super::declared::Declared;
use super::routine::Routine;

/// Decides for which values a case is measured, and measures it.
pub(crate) trait Visit {
    /// Returns whether the body is to run with this value of the sweeps, as ids show it. Without sweeps there is none.
    fn wants(&mut self, value: Option<&str>) -> bool;

    /// Measures the routine that the body hands over.
    fn drive(&mut self, routine: &mut dyn Routine, declared: &Declared);

    /// Notes that the body has returned. Returns whether no further value is wanted.
    fn leave(&mut self) -> bool;
}

/// Lets generated code into the body of its case. The sweeps are evaluated once, however many of their values are
/// measured.
pub struct Entry<'a> {
    visit: &'a mut dyn Visit,
    is_inside: bool,
}

impl std::fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").finish_non_exhaustive()
    }
}

impl<'a> Entry<'a> {
    pub(crate) fn new(visit: &'a mut dyn Visit) -> Self {
        Self {
            visit,
            is_inside: false,
        }
    }

    /// Returns what the body is measured with, if it is to run with these values: one of each sweep.
    pub fn enter(&mut self, values: &[&str]) -> Option<Bencher<'_>> {
        let value = (!values.is_empty()).then(|| values.join("/"));
        self.is_inside = self.visit.wants(value.as_deref());
        self.is_inside.then(|| Bencher::new(&mut *self.visit))
    }

    /// Ends the body, if it ran. Returns whether the sweeps need not go on.
    pub fn leave(&mut self) -> bool {
        std::mem::take(&mut self.is_inside) && self.visit.leave()
    }
}
