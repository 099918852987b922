//! What to write instead, where the stack of an allocation shows a known pattern.

use super::causes::Cause;
use super::symbols::Stack;
use crate::text::{count, times};

/// A pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    FirstUse,
    Format,
    ToText,
    Clone,
    Growth,
    MapGrowth,
    Collect,
    Boxed,
}

/// Parts of the names of functions, as the standard library has them. Of several that fit, the one
/// whose function is nearest to the user's code counts: `format!` grows a `String` inside.
const PATTERNS: [(&str, Hint); 18] = [
    ("alloc::fmt::format", Hint::Format),
    ("ToString>::to_string", Hint::Format),
    ("SpecToString>::spec_to_string", Hint::Format),
    ("ToOwned for str>::to_owned", Hint::ToText),
    ("ToOwned for [T]>::to_owned", Hint::ToText),
    ("ToOwned>::to_owned", Hint::ToText),
    ("String as core::convert::From<&str>>::from", Hint::ToText),
    ("String as core::clone::Clone>::clone", Hint::Clone),
    ("Vec<T,A> as core::clone::Clone>::clone", Hint::Clone),
    ("as core::clone::Clone>::clone", Hint::Clone),
    ("hashbrown::", Hint::MapGrowth),
    ("Iterator::collect", Hint::Collect),
    ("::from_iter", Hint::Collect),
    ("::grow_one", Hint::Growth),
    ("::reserve", Hint::Growth),
    ("::grow_amortized", Hint::Growth),
    ("Box<T>::new", Hint::Boxed),
    ("alloc::boxed::box_new", Hint::Boxed),
];

/// Functions around the user's own that run what they are given once.
const FIRST_USE: [&str; 5] = [
    "lazy_lock::LazyLock",
    "once_lock::OnceLock",
    "once::lazy::LazyCell",
    "thread::local_impl::lazy",
    "std::io::stdio::stdout",
];

impl Hint {
    pub(super) fn of(stack: &Stack) -> Option<Self> {
        let is_first_use = |function: &str| FIRST_USE.iter().any(|part| function.contains(part));
        if stack.functions().any(is_first_use) {
            return Some(Self::FirstUse);
        }
        let by_name = |function: &str| {
            let fits = |(part, _): &&(&str, Self)| function.contains(part);
            PATTERNS.iter().find(fits).map(|(_, hint)| *hint)
        };
        stack.callees_of_user().rev().find_map(by_name)
    }

    pub(super) fn text(self, cause: &Cause) -> String {
        match self {
            Self::FirstUse => {
                "this is initialised at its first use: use it before, or let the first \
                               calls go free with `warmup = 1`"
                    .to_owned()
            }
            Self::Format => {
                "each call makes a new `String`: `write!` into one that is kept".to_owned()
            }
            Self::ToText => "this copies what is borrowed: borrow it here too, or \
                             `clone_from`/`push_str` into one that is kept"
                .to_owned(),
            Self::Clone => {
                "this clones: borrow it, or `clone_from` into one that is kept".to_owned()
            }
            Self::Growth if cause.reallocs > 0 => format!(
                "it grew {}, {} in all: reserve before, `with_capacity(…)`",
                times(cause.reallocs),
                count(cause.bytes, "byte")
            ),
            Self::Growth => "it grows: reserve before, `with_capacity(…)`".to_owned(),
            Self::MapGrowth => "the map grows: reserve before, `with_capacity(…)`".to_owned(),
            Self::Collect => {
                "this collects into new memory: iterate without, or `extend` one that is kept"
                    .to_owned()
            }
            Self::Boxed => "this boxes a value: keep it on the stack, or reuse the box".to_owned(),
        }
    }
}
