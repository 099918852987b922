//! A guarded function, as the attribute describes it.

use super::thread::Charge;

/// What one call may allocate; `u64::MAX` is no limit.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Allocations and reallocations.
    pub max_allocs: u64,
    /// Bytes asked for.
    pub max_bytes: u64,
}

impl Budget {
    /// No allocation at all.
    pub const ZERO: Self = Self {
        max_allocs: 0,
        max_bytes: u64::MAX,
    };

    pub(super) const fn charge(self) -> Charge {
        Charge {
            allocs: self.max_allocs,
            bytes: self.max_bytes,
        }
    }

    pub(crate) const fn is_limited(self) -> bool {
        self.max_allocs != u64::MAX || self.max_bytes != u64::MAX
    }
}

/// A guarded function.
#[derive(Debug)]
pub struct Site {
    /// The attribute's name.
    pub attribute: &'static str,
    /// The function's name alone.
    pub name: &'static str,
    /// `file!()`.
    pub file: &'static str,
    /// The line of the function's name.
    pub line: u32,
    /// The path of an item inside the function, from which its own path is read.
    pub inner_path: fn() -> &'static str,
    /// What one call may allocate.
    pub budget: Budget,
    /// Whether the guard is live in the code that this describes.
    pub live: bool,
    /// Panics with a message, at the function's own place.
    pub raise: fn(&str) -> !,
}

impl Site {
    /// The path of the function, its `impl` included: `my_app::parse::Parser::next`.
    pub(super) fn path(&self) -> String {
        let inner = (self.inner_path)();
        // What stands inside the function comes after its name.
        let end = inner
            .match_indices(self.name)
            .map(|(start, name)| start + name.len())
            .find(|&end| inner[end..].starts_with("::"));
        inner[..end.unwrap_or(inner.len())].to_owned()
    }
}

/// A registered site.
#[derive(Debug)]
pub struct SiteEntry(pub &'static Site);

inventory::collect!(SiteEntry);
