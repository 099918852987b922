//! `Box<dyn Trait>`, generics and an enum: rules that say how suspicious a request is.

use hotbench::{bench_case, no_alloc};

use crate::entry::{Entry, Method};
#[hotbench::bench_only]
use crate::sample;

/// Says how suspicious a request is.
pub trait Rule {
    /// Points against the request.
    fn points(&self, entry: &Entry<'_>) -> u32;
}

/// Points for a response with at least this status.
pub struct StatusFrom(pub u16);
/// Points for any other method.
pub struct NotMethod(pub Method);
/// Points for a response of more bytes.
pub struct Larger(pub u64);
/// Points for a client that doesn't say what it is.
pub struct NoAgent;

impl Rule for StatusFrom {
    fn points(&self, entry: &Entry<'_>) -> u32 {
        u32::from(entry.status >= self.0)
    }
}

impl Rule for NotMethod {
    fn points(&self, entry: &Entry<'_>) -> u32 {
        u32::from(entry.request.method != self.0)
    }
}

impl Rule for Larger {
    fn points(&self, entry: &Entry<'_>) -> u32 {
        u32::from(entry.bytes.is_some_and(|bytes| bytes > self.0))
    }
}

impl Rule for NoAgent {
    fn points(&self, entry: &Entry<'_>) -> u32 {
        u32::from(entry.agent.is_none())
    }
}

/// Both of two rules, so that a list of them is a type.
impl<A: Rule, B: Rule> Rule for (A, B) {
    fn points(&self, entry: &Entry<'_>) -> u32 {
        self.0.points(entry) + self.1.points(entry)
    }
}

/// The rules that there are.
pub enum AnyRule {
    /// See [`StatusFrom`].
    StatusFrom(StatusFrom),
    /// See [`NotMethod`].
    NotMethod(NotMethod),
    /// See [`Larger`].
    Larger(Larger),
    /// See [`NoAgent`].
    NoAgent(NoAgent),
}

impl Rule for AnyRule {
    fn points(&self, entry: &Entry<'_>) -> u32 {
        match self {
            Self::StatusFrom(rule) => rule.points(entry),
            Self::NotMethod(rule) => rule.points(entry),
            Self::Larger(rule) => rule.points(entry),
            Self::NoAgent(rule) => rule.points(entry),
        }
    }
}

/// The points of all entries, by rules of any type: each is a call through a table.
#[bench_case(
    group = "dispatch",
    baseline,
    args(&sample::parsed(), &rules::boxed())
)]
pub fn points_boxed(entries: &[Entry<'_>], rules: &[Box<dyn Rule>]) -> u32 {
    let points = |entry| rules.iter().map(|rule| rule.points(entry)).sum::<u32>();
    entries.iter().map(points).sum()
}

/// The points of all entries, by rules that a `match` tells apart.
#[no_alloc]
#[bench_case(group = "dispatch", args(&sample::parsed(), &rules::of_an_enum()), no_alloc)]
pub fn points_enum(entries: &[Entry<'_>], rules: &[AnyRule]) -> u32 {
    let points = |entry| rules.iter().map(|rule| rule.points(entry)).sum::<u32>();
    entries.iter().map(points).sum()
}

/// The points of all entries, by rules that the compiler knows.
#[no_alloc]
pub fn points_generic<R: Rule>(entries: &[Entry<'_>], rules: &R) -> u32 {
    entries.iter().map(|entry| rules.points(entry)).sum()
}

#[bench_case(group = "dispatch", args(&sample::parsed(), &rules::of_a_type()), no_alloc)]
#[hotbench::bench_only]
fn points_of_a_type(entries: &[Entry<'_>], rules: &rules::Four) -> u32 {
    points_generic(entries, rules)
}

/// The same four rules in each form.
#[hotbench::bench_only]
mod rules {
    use super::{AnyRule, Larger, NoAgent, NotMethod, Rule, StatusFrom};
    use crate::entry::Method;

    pub(super) type Four = ((StatusFrom, NotMethod), (Larger, NoAgent));

    pub(super) fn boxed() -> Vec<Box<dyn Rule>> {
        vec![
            Box::new(StatusFrom(400)),
            Box::new(NotMethod(Method::Get)),
            Box::new(Larger(100_000)),
            Box::new(NoAgent),
        ]
    }

    pub(super) fn of_an_enum() -> Vec<AnyRule> {
        vec![
            AnyRule::StatusFrom(StatusFrom(400)),
            AnyRule::NotMethod(NotMethod(Method::Get)),
            AnyRule::Larger(Larger(100_000)),
            AnyRule::NoAgent(NoAgent),
        ]
    }

    pub(super) fn of_a_type() -> Four {
        (
            (StatusFrom(400), NotMethod(Method::Get)),
            (Larger(100_000), NoAgent),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{points_boxed, points_enum, points_generic, rules};
    use crate::sample;

    #[test]
    fn all_give_the_same_points() {
        let entries = sample::parsed();
        let points = points_boxed(&entries, &rules::boxed());
        assert!(points > 0);
        assert_eq!(points, points_enum(&entries, &rules::of_an_enum()));
        assert_eq!(points, points_generic(&entries, &rules::of_a_type()));
    }
}
