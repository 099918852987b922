//! How many of the program's guarded functions the guard is live in.

use super::policy;
use super::site::SiteEntry;
use crate::text;

/// Where the guard is live; see [`guard_status`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct GuardStatus {
    /// Functions with `#[no_alloc]` or a budget.
    pub guarded: usize,
    /// Of [`guarded`](Self::guarded), those compiled with the guard live.
    pub live: usize,
    /// Whether the program's allocator reports to the guard.
    pub allocator_installed: bool,
    /// Whether `HOTBENCH_GUARD=off` is set.
    pub switched_off: bool,
}

impl GuardStatus {
    /// Whether there are guarded functions, none of which is checked.
    pub fn is_inert(&self) -> bool {
        self.guarded > 0 && (self.live == 0 || !self.allocator_installed || self.switched_off)
    }
}

impl std::fmt::Display for GuardStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let guarded = text::count(self.guarded as u64, "function");
        write!(
            f,
            "guard live on {} of {guarded}",
            text::thousands(self.live as u64)
        )?;
        if !self.allocator_installed {
            f.write_str(", but the allocator does not report to it")?;
        }
        if self.switched_off {
            f.write_str(", but switched off by `HOTBENCH_GUARD`")?;
        }
        Ok(())
    }
}

/// How many functions are guarded; `hotbench` documents it.
pub fn guard_status() -> GuardStatus {
    let sites = || inventory::iter::<SiteEntry>().filter(|entry| entry.0.is_limited);
    GuardStatus {
        guarded: sites().count(),
        live: sites().filter(|entry| entry.0.live).count(),
        allocator_installed: policy::allocator_is_installed(),
        switched_off: policy::is_off(),
    }
}
