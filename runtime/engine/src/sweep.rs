//! The values of a case's sweeps, as its ids show them.

use std::fmt::{Debug, Display};

/// The values of all sweeps of one case, in their order.
#[derive(Debug, Default)]
pub struct Labels(Vec<String>);

impl Labels {
    /// The values of `sweep`.
    pub(crate) fn of(sweep: fn(&mut Self)) -> Vec<String> {
        let mut labels = Self::default();
        sweep(&mut labels);
        labels.0
    }

    /// One value of each sweep.
    pub fn push(&mut self, values: &[String]) {
        self.0.push(values.join("/"));
    }
}

/// A value to be shown: by `Display` where its type has that, else by `Debug`, through method
/// resolution as in [`Make`](crate::arguments::Make).
#[derive(Debug)]
pub struct Label<'a, T: ?Sized>(pub &'a T);

/// By `Display`.
pub trait ShownLabel {
    /// The value in an id.
    fn __hotbench_label(&self) -> String;
}

impl<T: Display + ?Sized> ShownLabel for Label<'_, T> {
    fn __hotbench_label(&self) -> String {
        visible(&self.0.to_string())
    }
}

/// By `Debug`. The bound is the method's, so that a type without it is what the compiler names.
pub trait DebugLabel {
    /// The value's type.
    type Value: ?Sized;
    /// The value in an id.
    fn __hotbench_label(&self) -> String
    where
        Self::Value: Debug;
}

impl<T: ?Sized> DebugLabel for &Label<'_, T> {
    type Value = T;
    fn __hotbench_label(&self) -> String
    where
        T: Debug,
    {
        visible(&format!("{:?}", self.0))
    }
}

/// Ids stand in one line, of a table or of a command.
fn visible(text: &str) -> String {
    if text.trim() != text || text.is_empty() {
        return format!("{text:?}");
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A number of threads in an id.
pub fn threads_label(threads: usize) -> String {
    format!("threads={threads}")
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        assert_eq!(visible("a b/c"), "a b/c");
        assert_eq!(visible("a\nb\u{7f}"), "a\\nb\\u{7f}");
        assert_eq!(visible(""), "\"\"");
        assert_eq!(visible(" a"), "\" a\"");
    }
}
