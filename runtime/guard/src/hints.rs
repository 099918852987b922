//! What to write instead, where the stack of an allocation shows a known pattern.

use crate::symbols::Stack;
use crate::text::{count, times};

/// A pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hint {
    /// A static or a thread-local is initialised, or the environment read, once.
    FirstUse,
    /// A value is formatted into a new `String`.
    Format,
    /// A slice or a text is put together, repeated or replaced.
    Made,
    /// What is borrowed is copied.
    Copy,
    /// A value is cloned.
    Clone,
    /// A vector or a string grows.
    Growth,
    /// A hash map grows.
    MapGrowth,
    /// An iterator is collected.
    Collect,
    /// A buffer is made with its length.
    Buffer,
    /// A value is boxed.
    Boxed,
    /// An `Rc` or an `Arc` is made.
    Counted,
    /// A stable sort takes its buffer.
    StableSort,
    /// A backtrace is captured.
    Backtrace,
}

/// How often a block was made longer, and the bytes asked for in all.
#[derive(Debug, Clone, Copy)]
pub struct Grown {
    /// Calls of `realloc`.
    pub reallocs: u64,
    /// Bytes.
    pub bytes: u64,
}

/// Parts of the names of functions, as the standard library has them; those without a type are what
/// is known with line tables alone. Of several that fit, the one whose function is nearest to the
/// user's code counts: `format!` grows a `String` inside.
const PATTERNS: [(&str, Hint); 37] = [
    ("alloc::fmt::format", Hint::Format),
    ("std::backtrace::Backtrace>::create", Hint::Backtrace),
    ("ToString>::to_string", Hint::Format),
    ("SpecToString>::spec_to_string", Hint::Format),
    ("[T]>::join", Hint::Made),
    ("[T]>::concat", Hint::Made),
    ("[T]>::repeat", Hint::Made),
    ("str>::repeat", Hint::Made),
    ("str>::replace", Hint::Made),
    ("str>::to_lowercase", Hint::Made),
    ("str>::to_uppercase", Hint::Made),
    ("ToOwned for str>::to_owned", Hint::Copy),
    ("ToOwned for [T]>::to_owned", Hint::Copy),
    ("ToOwned>::to_owned", Hint::Copy),
    ("[T]>::to_vec", Hint::Copy),
    ("String as core::convert::From<&str>>::from", Hint::Copy),
    ("alloc::str::to_owned", Hint::Copy),
    ("alloc::slice::to_owned", Hint::Copy),
    ("alloc::slice::to_vec", Hint::Copy),
    ("as core::clone::Clone>::clone", Hint::Clone),
    ("alloc::vec::clone", Hint::Clone),
    ("hashbrown::", Hint::MapGrowth),
    ("Iterator::collect", Hint::Collect),
    ("::from_iter", Hint::Collect),
    ("alloc::vec::from_elem", Hint::Buffer),
    ("Box<T>::new_uninit", Hint::Buffer),
    ("::with_capacity", Hint::Buffer),
    ("::grow_one", Hint::Growth),
    ("::reserve", Hint::Growth),
    ("::grow_amortized", Hint::Growth),
    ("[T]>::sort", Hint::StableSort),
    ("rc::Rc<T>::new", Hint::Counted),
    ("sync::Arc<T>::new", Hint::Counted),
    ("alloc::rc::new", Hint::Counted),
    ("Box<T>::new", Hint::Boxed),
    ("Box<T>::pin", Hint::Boxed),
    ("alloc::boxed::box_new", Hint::Boxed),
];

/// Functions around the user's own that run what they are given once.
const FIRST_USE: [&str; 6] = [
    "std::sync::lazy_lock",
    "std::sync::once_lock",
    "core::cell::lazy",
    "thread::local_impl::lazy",
    "std::io::stdio::stdout",
    // It reads the environment.
    "std::backtrace::Backtrace>::enabled",
];

impl Hint {
    /// The pattern of a stack, if it has one.
    pub fn of(stack: &Stack) -> Option<Self> {
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

    /// `grown` is what the stack did; `may_warm_up` says whether first calls can be made free there.
    pub fn text(self, grown: Grown, may_warm_up: bool) -> String {
        let text = match self {
            Self::FirstUse if may_warm_up => {
                "this is initialised at its first use: use it before, or let the first calls go \
                 free with `warmup = 1`"
            }
            Self::FirstUse => "this is initialised at its first use: use it before",
            Self::Format => "each call makes a new `String`: `write!` into one that is kept",
            Self::Made => {
                "each call makes a new value: append to one that is kept, with `push_str` or `extend`"
            }
            Self::Copy => {
                "this copies what is borrowed: borrow it here too, or `clone_from`/`push_str` into \
                 one that is kept"
            }
            Self::Clone => "this clones: borrow it, or `clone_from` into one that is kept",
            Self::Growth if grown.reallocs > 0 => {
                return format!(
                    "it grew {}, {} in all: reserve before, `with_capacity(…)`",
                    times(grown.reallocs),
                    count(grown.bytes, "byte")
                );
            }
            Self::Growth => "it grows: reserve before, `with_capacity(…)`",
            Self::MapGrowth => "the map grows: reserve before, `with_capacity(…)`",
            Self::Collect => {
                "this collects into new memory: iterate without, or `extend` one that is kept"
            }
            Self::Buffer => "each call makes a new buffer: keep one, and `clear` it",
            Self::Boxed => "this boxes a value: keep it on the stack, or reuse the box",
            Self::Counted => "this makes a new shared value: clone a pointer to one that is kept",
            Self::Backtrace => "a backtrace that is captured allocates each time",
            Self::StableSort => "a stable sort needs a buffer: `sort_unstable`, where it will do",
        };
        text.to_owned()
    }
}
