//! Where the memory of a process lies. How fast code is depends on it: on which lines of a cache its data falls,
//! and which of its accesses seem to be to the same. What differs there between two launches is noise, and what
//! differs between two executables in all launches is taken for a change of their code.
//!
//! So the kernel puts all processes of a comparison at the same addresses, as far as they are alike; and by each
//! launch both sides are moved, alike and at random, since a distance between the two that stays is none on average.

use std::process::Command;

use hotbench_engine::protocol::DISPLACEMENT;
use oorandom::Rand64;

/// Bytes: a page, within which addresses count.
const PAGE: u64 = 4096;
/// The stack, and what is allocated, are multiples of it.
const ALIGNMENT: u64 = 16;

/// So far the memory of both sides of a launch is moved.
#[derive(Debug, Clone, Copy)]
pub(super) struct Displacement {
    bytes: usize,
}

impl Displacement {
    pub(super) fn random(random: &mut Rand64) -> Self {
        let steps = random.rand_range(0..PAGE / ALIGNMENT);
        Self {
            bytes: (steps * ALIGNMENT) as usize,
        }
    }

    pub(super) fn of(self, command: &mut Command) {
        command.env(DISPLACEMENT, "0".repeat(self.bytes));
    }
}

/// As long as it is there, processes that this thread starts have the same addresses as each other, where the
/// kernel does that: a container may refuse it.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub(super) struct Fixed {
    /// What is to be restored, if there is something.
    before: Option<libc::c_int>,
}

#[cfg(target_os = "linux")]
impl Fixed {
    pub(super) fn new() -> Self {
        /// Changes nothing.
        const QUERY: libc::c_int = -1;

        let before = personality(QUERY);
        let fixed = before.and_then(|before| personality(before | libc::ADDR_NO_RANDOMIZE));
        let was_random = |before: &_| before & libc::ADDR_NO_RANDOMIZE == 0;
        Self {
            before: fixed.and(before).filter(was_random),
        }
    }
}

#[cfg(target_os = "linux")]
impl Drop for Fixed {
    fn drop(&mut self) {
        if let Some(before) = self.before {
            personality(before);
        }
    }
}

/// Sets that of this thread, which processes that it starts have too, and returns what it was.
#[cfg(target_os = "linux")]
fn personality(persona: libc::c_int) -> Option<libc::c_int> {
    // SAFETY: takes and returns a number; of the flags none but that for new processes is changed.
    let before = unsafe { libc::personality(persona as libc::c_ulong & 0xffff_ffff) };
    (before >= 0).then_some(before)
}

#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
pub(super) struct Fixed;

#[cfg(not(target_os = "linux"))]
impl Fixed {
    pub(super) fn new() -> Self {
        Self
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use oorandom::Rand64;

    use super::{DISPLACEMENT, Displacement};

    #[test]
    fn a_launch_is_moved_within_a_page_and_each_by_as_much_as_another() {
        let mut random = Rand64::new(1);
        let lengths = std::iter::repeat_with(|| {
            let mut command = Command::new("any");
            Displacement::random(&mut random).of(&mut command);
            let value = command.get_envs().find(|(name, _)| *name == DISPLACEMENT);
            value.and_then(|(_, value)| value).expect("a value").len()
        });
        let lengths: Vec<usize> = lengths.take(1000).collect();
        assert!(
            lengths
                .iter()
                .all(|length| length % 16 == 0 && *length < 4096)
        );
        let mean = lengths.iter().sum::<usize>() / lengths.len();
        assert!((1900..2200).contains(&mean), "{mean}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_started_lies_where_it_did_and_afterwards_where_the_kernel_likes() {
        let maps = || {
            let output = Command::new("cat").arg("/proc/self/maps").output();
            output.expect("cat").stdout
        };
        let before = super::personality(-1);
        let fixed = super::Fixed::new();
        if fixed.before.is_some() {
            assert_eq!(maps(), maps());
        }
        drop(fixed);
        assert_eq!(super::personality(-1), before);
    }
}
