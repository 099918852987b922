//! What is to be run, computed from the registered cases and the command line, and run by nobody
//! here.

use std::collections::BTreeMap;
use std::fmt;

use super::cli::Cli;
use crate::registry::Case;

/// The selected cases, by id.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) cases: Vec<(String, &'static Case)>,
    pub(crate) filtered_out: usize,
}

/// Which cases are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selection<'a> {
    pub(crate) filters: &'a [String],
    pub(crate) exact: bool,
    pub(crate) skip: &'a [String],
    /// Only ignored cases.
    pub(crate) ignored: bool,
}

impl<'a> From<&'a Cli> for Selection<'a> {
    fn from(cli: &'a Cli) -> Self {
        Self {
            filters: &cli.filters,
            exact: cli.exact,
            skip: &cli.skip,
            ignored: cli.ignored,
        }
    }
}

impl Selection<'_> {
    fn takes(&self, id: &str) -> bool {
        let matches = |filter: &String| {
            if self.exact {
                id == filter
            } else {
                id.contains(filter.as_str())
            }
        };
        let wanted = self.filters.is_empty() || self.filters.iter().any(matches);
        wanted && !self.skip.iter().any(matches) && !self.ignored
    }
}

/// Why the cases can't be run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PlanError {
    NoCases,
    DuplicateId { id: String, places: [String; 2] },
    TwoBaselines { group: String, ids: [String; 2] },
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCases => f.write_str(
                "no case is registered: put `#[bench_case]` on a function of a crate that \
                 `hotbench::harness!(…)` names",
            ),
            Self::DuplicateId {
                id,
                places: [first, second],
            } => write!(
                f,
                "two cases have the id `{id}`, at {first} and at {second}: give one a name of its \
                 own, `#[bench_case(\"…\")]`"
            ),
            Self::TwoBaselines {
                group,
                ids: [first, second],
            } => write!(
                f,
                "the group `{group}` has two baselines, `{first}` and `{second}`: keep `baseline` \
                 on one"
            ),
        }
    }
}

/// Checks all of `cases`, which are sorted by id, and selects.
///
/// # Errors
///
/// If the cases, selected or not, can't be told apart or compared.
pub(crate) fn plan(
    cases: Vec<(String, &'static Case)>,
    selection: Selection<'_>,
) -> Result<Plan, PlanError> {
    if cases.is_empty() {
        return Err(PlanError::NoCases);
    }
    ids_are_unique(&cases)?;
    groups_have_one_baseline(&cases)?;
    let all = cases.len();
    let mut cases = cases;
    cases.retain(|(id, _)| selection.takes(id));
    let filtered_out = all - cases.len();
    Ok(Plan {
        cases,
        filtered_out,
    })
}

fn ids_are_unique(cases: &[(String, &Case)]) -> Result<(), PlanError> {
    let twice = cases.windows(2).find(|pair| pair[0].0 == pair[1].0);
    twice.map_or(Ok(()), |pair| {
        Err(PlanError::DuplicateId {
            id: pair[0].0.clone(),
            places: [0, 1].map(|i| format!("{}:{}", pair[i].1.file, pair[i].1.attribute_line)),
        })
    })
}

fn groups_have_one_baseline(cases: &[(String, &Case)]) -> Result<(), PlanError> {
    let mut baselines = BTreeMap::new();
    for (id, case) in cases.iter().filter(|(_, case)| case.baseline) {
        let Some(group) = case.group else { continue };
        if let Some(first) = baselines.insert((case.package, group), id) {
            return Err(PlanError::TwoBaselines {
                group: group.to_owned(),
                ids: [first.clone(), id.clone()],
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{PlanError, Selection, plan};
    use crate::registry::Case;

    const CASE: Case = Case {
        package: Some("app"),
        module: "app::parse",
        function: "line",
        name: None,
        file: "src/parse.rs",
        line: 2,
        column: 4,
        attribute_line: 1,
        group: None,
        baseline: false,
        has_budget: false,
        routine: |_| {},
    };
    static CASES: [Case; 3] = [
        Case {
            name: Some("get"),
            ..CASE
        },
        Case {
            name: Some("post"),
            ..CASE
        },
        Case {
            name: Some("put"),
            ..CASE
        },
    ];

    fn ids(filters: &[&str], exact: bool, skip: &[&str]) -> Vec<String> {
        let owned = |texts: &[&str]| texts.iter().copied().map(str::to_owned).collect::<Vec<_>>();
        let selection = Selection {
            filters: &owned(filters),
            exact,
            skip: &owned(skip),
            ignored: false,
        };
        let cases = CASES.iter().map(|case| (case.id(), case)).collect();
        let plan = plan(cases, selection).unwrap();
        assert_eq!(plan.cases.len() + plan.filtered_out, CASES.len());
        plan.cases.into_iter().map(|(id, _)| id).collect()
    }

    fn error(cases: &'static [Case]) -> PlanError {
        let all = Selection {
            filters: &[],
            exact: false,
            skip: &[],
            ignored: false,
        };
        plan(cases.iter().map(|case| (case.id(), case)).collect(), all).unwrap_err()
    }

    #[test]
    fn filters_add_up_and_skips_take_away() {
        let all = [
            "app::parse::line/get",
            "app::parse::line/post",
            "app::parse::line/put",
        ];
        assert_eq!(ids(&[], false, &[]), all);
        assert_eq!(ids(&["get", "/pu"], false, &[]), [all[0], all[2]]);
        assert_eq!(ids(&["/p"], false, &["ost"]), [all[2]]);
        assert_eq!(ids(&["get"], true, &[]), [""; 0]);
        assert_eq!(ids(&[all[0]], true, &[]), [all[0]]);
    }

    #[test]
    fn cases_that_cannot_be_told_apart_are_refused() {
        static SAME: [Case; 2] = [
            CASE,
            Case {
                attribute_line: 9,
                ..CASE
            },
        ];
        let places = ["src/parse.rs:1".to_owned(), "src/parse.rs:9".to_owned()];
        let id = "app::parse::line".to_owned();
        assert_eq!(error(&SAME), PlanError::DuplicateId { id, places });
        assert_eq!(error(&[]), PlanError::NoCases);
    }

    #[test]
    fn a_group_has_one_baseline_in_each_package() {
        const BASELINE: Case = Case {
            group: Some("g"),
            baseline: true,
            ..CASE
        };
        static TWO: [Case; 2] = [
            Case {
                name: Some("a"),
                ..BASELINE
            },
            Case {
                name: Some("b"),
                ..BASELINE
            },
        ];
        let ids = [
            "app::parse::line/a".to_owned(),
            "app::parse::line/b".to_owned(),
        ];
        let group = "g".to_owned();
        assert_eq!(error(&TWO), PlanError::TwoBaselines { group, ids });

        static APART: [Case; 2] = [
            BASELINE,
            Case {
                package: Some("core"),
                ..BASELINE
            },
        ];
        let all = Selection {
            filters: &[],
            exact: false,
            skip: &[],
            ignored: false,
        };
        let cases = APART.iter().map(|case| (case.id(), case)).collect();
        assert!(plan(cases, all).is_ok());
    }
}
