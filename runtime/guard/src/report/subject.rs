//! Whose budget it is that was exceeded.

use std::panic::Location;

use super::super::closures::CaseBudget;
use super::super::counts::Charge;
use super::super::site::{Budget, Site};
use crate::symbols::{self, Column, Place};
use crate::text::{count, times};

#[derive(Debug, Clone, Copy)]
pub(crate) enum Subject<'a> {
    /// A function with `#[no_alloc]` or `#[hot]`.
    Function(&'static Site),
    /// A closure in `assert_no_alloc`, by its caller.
    Closure(&'static Location<'static>),
    /// One call of a case.
    Case(&'a CaseBudget<'a>),
}

/// What the chain of regions says of one of them.
pub(crate) fn name(subject: Subject<'_>) -> String {
    let place = subject.place();
    let place = format!("{}:{}", symbols::shown(&place.file), place.line);
    match subject {
        Subject::Function(site) => format!("`{}` (`#[{}]`, {place})", site.path(), site.attribute),
        Subject::Closure(_) => format!("`assert_no_alloc` ({place})"),
        Subject::Case(case) => format!("the case `{}` ({place})", case.id),
    }
}

impl Subject<'_> {
    pub(crate) fn budget(&self) -> Budget {
        match self {
            Self::Function(site) => site.budget,
            Self::Closure(_) => Budget::NO_ALLOC,
            Self::Case(case) => case.budget,
        }
    }

    /// The path of the guarded function, as stacks have it.
    pub(super) fn path(&self) -> Option<String> {
        match self {
            Self::Function(site) => Some(symbols::plain(&site.path())),
            _ => None,
        }
    }

    /// Whether its first calls can be made free.
    pub(super) fn may_warm_up(&self) -> bool {
        matches!(self, Self::Function(_))
    }

    /// `function`, `closure` or `case`.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Function(_) => "function",
            Self::Closure(_) => "closure",
            Self::Case(_) => "case",
        }
    }

    /// The path of the function, or the case's id.
    pub(super) fn name(&self) -> Option<String> {
        match self {
            Self::Function(site) => Some(site.path()),
            Self::Closure(_) => None,
            Self::Case(case) => Some(case.id.to_owned()),
        }
    }

    /// The attribute that sets the budget, as the user has written it.
    pub(super) fn attribute(&self) -> Option<String> {
        let budget = self.budget();
        let (name, shown) = match self {
            Self::Closure(_) => return None,
            Self::Function(site) if site.attribute == "no_alloc" => {
                let max_allocs = u64::MAX;
                (
                    site.attribute,
                    arguments(Budget {
                        max_allocs,
                        ..budget
                    }),
                )
            }
            Self::Function(site) => (site.attribute, arguments(budget)),
            Self::Case(case) if case.no_alloc => (
                "bench_case",
                arguments(budget).replace("max_allocs = 0", "no_alloc"),
            ),
            Self::Case(_) => ("bench_case", arguments(budget)),
        };
        Some(match shown.as_str() {
            "" => format!("#[{name}]"),
            shown => format!("#[{name}({shown})]"),
        })
    }

    /// Where the function, or the call of `assert_no_alloc`, stands.
    pub(super) fn place(&self) -> Place {
        let (file, line, column) = match self {
            Self::Function(site) => (site.file, site.line, site.column),
            Self::Closure(caller) => (caller.file(), caller.line(), caller.column()),
            Self::Case(case) => (case.file, case.line, case.column),
        };
        Place {
            file: symbols::find(file),
            line: line as usize,
            column: Some(Column::Character(column as usize)),
        }
    }

    /// What is said of that place.
    pub(super) fn declared(&self) -> String {
        match self {
            Self::Function(site) => format!("`{}` is guarded here", site.path()),
            Self::Closure(_) => "the closure runs here".to_owned(),
            Self::Case(case) => format!("`{}` is a case here", case.function),
        }
    }

    /// The first line of a report.
    pub(super) fn title(&self, used: Charge, late: bool) -> String {
        let used = used_up(used, self.budget());
        let attribute = self.attribute().unwrap_or_default();
        let who = if late {
            "work that it handed on, and that went on after it,"
        } else {
            "it"
        };
        match self {
            Self::Function(site) if site.attribute == "no_alloc" => {
                format!("`{}` is `{attribute}`, but {who} {used}", site.path())
            }
            Self::Function(site) => format!(
                "`{}` is over its budget: {who} {used}, where `{attribute}` allows less",
                site.path()
            ),
            Self::Closure(_) if late => {
                format!("a closure is in `assert_no_alloc`, but {who} {used}")
            }
            Self::Closure(_) => format!("a closure in `assert_no_alloc` {used}"),
            Self::Case(case) => format!(
                "one call of `{}` {used}, where `{attribute}` allows {}",
                case.id,
                if case.budget.max_allocs == 0 {
                    "none"
                } else {
                    "less"
                }
            ),
        }
    }
}

/// `allocated 3 times, 24 bytes, and freed once`.
fn used_up(used: Charge, budget: Budget) -> String {
    let mut parts = Vec::new();
    if used.allocs > 0 {
        let bytes = count(used.bytes, "byte");
        parts.push(format!("allocated {}, {bytes}", times(used.allocs)));
    }
    if budget.deny_dealloc && used.deallocs > 0 {
        parts.push(format!("freed {}", times(used.deallocs)));
    }
    parts.join(", and ")
}

/// The budget, as an attribute's arguments.
fn arguments(budget: Budget) -> String {
    let number = |name, n| (n != u64::MAX).then(|| format!("{name} = {n}"));
    let flag = |name: &str, is_set: bool| is_set.then(|| name.to_owned());
    let arguments = [
        number("max_allocs", budget.max_allocs),
        number("max_bytes", budget.max_bytes),
        flag("deny_dealloc", budget.deny_dealloc),
        flag("forbid", budget.forbid),
    ];
    arguments
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
}
