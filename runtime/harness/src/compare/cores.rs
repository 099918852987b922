//! Which core the measuring goes on: this process, and with it the children that it starts, on one at a time.
//! On two cores at once the two sides differ by what else these do.

/// The cores that this process may use, one after the other; it gets all of them back in the end.
#[derive(Debug)]
pub(crate) struct Cores {
    #[cfg(target_os = "linux")]
    all: Option<rustix::thread::CpuSet>,
    #[cfg(target_os = "linux")]
    next: usize,
}

#[cfg(target_os = "linux")]
impl Cores {
    pub(crate) fn new() -> Self {
        Self {
            all: rustix::thread::sched_getaffinity(None).ok(),
            next: 0,
        }
    }

    /// Goes on to the next core. Returns whether it is pinned to it.
    pub(crate) fn pin_to_next(&mut self) -> bool {
        use rustix::thread::{CpuSet, sched_setaffinity};

        let Some(all) = &self.all else { return false };
        let allowed: Vec<usize> = (0..CpuSet::MAX_CPU)
            .filter(|&core| all.is_set(core))
            .collect();
        let Some(core) = allowed.get(self.next % allowed.len().max(1)) else {
            return false;
        };
        self.next += 1;
        let mut one = CpuSet::new();
        one.set(*core);
        sched_setaffinity(None, &one).is_ok()
    }

    /// For what needs more than one.
    pub(crate) fn unpin(&self) {
        if let Some(all) = &self.all {
            // They were this process's before.
            let _ = rustix::thread::sched_setaffinity(None, all);
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Cores {
    pub(crate) fn new() -> Self {
        Self {}
    }

    pub(crate) fn pin_to_next(&mut self) -> bool {
        false
    }

    pub(crate) fn unpin(&self) {}
}

impl Drop for Cores {
    fn drop(&mut self) {
        self.unpin();
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::thread::{CpuSet, sched_getaffinity};

    use super::Cores;

    #[test]
    fn where_no_core_can_be_pinned_to_it_is_told_and_all_stays_as_it_was() {
        let before = sched_getaffinity(None).expect("the cores");
        let mut none_there = CpuSet::new();
        // More than any machine of ours has.
        none_there.set(CpuSet::MAX_CPU - 1);
        for all in [None, Some(none_there), Some(CpuSet::new())] {
            let mut cores = Cores { all, next: 0 };
            assert!(!cores.pin_to_next());
            drop(cores);
            let after = sched_getaffinity(None).expect("the cores");
            assert_eq!(before, after);
        }
        let mut cores = Cores::new();
        assert!(cores.pin_to_next());
        assert_eq!(sched_getaffinity(None).expect("the cores").count(), 1);
        drop(cores);
        assert_eq!(sched_getaffinity(None).expect("the cores"), before);
    }
}
