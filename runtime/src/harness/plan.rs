//! What is to be run, computed from the registered cases and the command line, and run by nobody
//! here.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use super::cli::Cli;
use super::stable_hash::fnv_1a;
use crate::registry::{Case, Instance};
use crate::report::document::Shard;
use crate::text;

/// The selected cases, in their order.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) instances: Vec<Instance>,
    pub(crate) filtered_out: usize,
    ignored: Ignored,
}

impl Plan {
    /// Whether an instance is to be run, and not only shown.
    pub(crate) fn runs(&self, instance: &Instance) -> bool {
        !instance.case.ignore || self.ignored != Ignored::Shown
    }

    /// How many are shown only.
    pub(crate) fn ignored(&self) -> usize {
        let instances = self.instances.iter();
        instances.filter(|instance| !self.runs(instance)).count()
    }
}

/// Which cases are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selection<'a> {
    pub(crate) filters: &'a [String],
    pub(crate) exact: bool,
    pub(crate) skip: &'a [String],
    pub(crate) ignored: Ignored,
    pub(crate) shard: Option<Shard>,
}

/// Whether a case is of a shard. By a hash, so that a case that is new or gone moves no other; cases that are
/// compared share theirs.
fn is_of(shard: Shard, instance: &Instance) -> bool {
    let case = instance.case;
    let key = match case.group {
        Some(group) => format!("{}/{group}", case.package.unwrap_or_default()),
        None => instance.id.clone(),
    };
    fnv_1a(key.as_bytes()) % shard.of == shard.index - 1
}

/// What becomes of ignored cases, as libtest has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ignored {
    /// They are listed, and not run.
    Shown,
    /// They alone are there.
    Only,
    /// They are run like the others.
    Run,
}

impl<'a> From<&'a Cli> for Selection<'a> {
    fn from(cli: &'a Cli) -> Self {
        Self {
            filters: &cli.filters,
            exact: cli.exact,
            skip: &cli.skip,
            ignored: cli.ignored_cases(),
            shard: cli.shard,
        }
    }
}

impl Selection<'_> {
    fn takes(&self, instance: &Instance) -> bool {
        let is_there = instance.case.ignore || self.ignored != Ignored::Only;
        let is_of_shard = self.shard.is_none_or(|shard| is_of(shard, instance));
        self.takes_id(&instance.id) && is_there && is_of_shard
    }

    /// Whether filters take something of this name.
    pub(crate) fn takes_id(&self, id: &str) -> bool {
        let matches = |filter: &String| {
            if self.exact {
                id == filter
            } else {
                id.contains(filter.as_str())
            }
        };
        let wanted = self.filters.is_empty() || self.filters.iter().any(matches);
        wanted && !self.skip.iter().any(matches)
    }
}

/// Why the cases can't be run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PlanError {
    NoCases,
    DuplicateId { id: String, places: [String; 2] },
    DuplicateValue { id: String, place: String },
    EmptySweep { id: String, place: String },
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
            Self::DuplicateValue { id, place } => write!(
                f,
                "two values of a sweep have the id `{id}`, at {place}: leave one out, or sweep over \
                 values that show how they differ"
            ),
            Self::EmptySweep { id, place } => write!(
                f,
                "the sweep of `{id}`, at {place}, has no value, so there is nothing to run"
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

/// Checks all of `instances`, and selects.
///
/// # Errors
///
/// If the cases, selected or not, can't be told apart or compared; or a case's sweep has no value.
pub(crate) fn plan(
    instances: Result<Vec<Instance>, &Case>,
    selection: Selection<'_>,
) -> Result<Plan, PlanError> {
    let mut instances = instances.map_err(|case| PlanError::EmptySweep {
        id: case.id(),
        place: place(case),
    })?;
    if instances.is_empty() {
        return Err(PlanError::NoCases);
    }
    ids_are_unique(&instances)?;
    groups_have_one_baseline(&instances)?;
    let all = instances.len();
    instances.retain(|instance| selection.takes(instance));
    let filtered_out = all - instances.len();
    Ok(Plan {
        instances,
        filtered_out,
        ignored: selection.ignored,
    })
}

fn place(case: &Case) -> String {
    let file = text::direct(Path::new(case.file));
    format!("{}:{}", file.display(), case.attribute_line)
}

fn ids_are_unique(instances: &[Instance]) -> Result<(), PlanError> {
    let mut known = HashMap::new();
    for Instance { id, case, .. } in instances {
        let Some(first) = known.insert(id, *case) else {
            continue;
        };
        let id = id.clone();
        return Err(if std::ptr::eq(first, *case) {
            let place = place(case);
            PlanError::DuplicateValue { id, place }
        } else {
            let places = [place(first), place(case)];
            PlanError::DuplicateId { id, places }
        });
    }
    Ok(())
}

/// Values of sweeps are compared with the baseline's same value.
fn groups_have_one_baseline(instances: &[Instance]) -> Result<(), PlanError> {
    let mut baselines = HashMap::new();
    for Instance {
        id, case, value, ..
    } in instances.iter().filter(|instance| instance.case.baseline)
    {
        let Some(group) = case.group else { continue };
        if let Some(first) = baselines.insert((case.package, group, value), id) {
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
    use super::{Ignored, PlanError, Selection, plan};
    use crate::registry::{Case, Instance};
    use crate::report::document::Shard;

    const CASE: Case = Case {
        package: Some("app"),
        module: "app::parse",
        function: "line",
        name: None,
        generics: None,
        file: "src/parse.rs",
        line: 2,
        column: 4,
        attribute_line: 1,
        group: None,
        baseline: false,
        has_budget: false,
        ignore: false,
        sweep: None,
        routine: |_, _| {},
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
            ignored: Ignored::Shown,
            shard: None,
        };
        let plan = plan(Ok(CASES.iter().map(instance).collect()), selection).unwrap();
        assert_eq!(plan.instances.len() + plan.filtered_out, CASES.len());
        plan.instances
            .into_iter()
            .map(|instance| instance.id)
            .collect()
    }

    fn instance(case: &'static Case) -> Instance {
        Instance {
            id: case.id(),
            case,
            index: 0,
            position: 0,
            value: None,
        }
    }

    fn with_value(case: &'static Case, value: &str) -> Instance {
        Instance {
            id: format!("{}/{value}", case.id()),
            value: Some(value.to_owned()),
            ..instance(case)
        }
    }

    const ALL: Selection<'_> = Selection {
        filters: &[],
        exact: false,
        skip: &[],
        ignored: Ignored::Shown,
        shard: None,
    };

    fn error(cases: &'static [Case]) -> PlanError {
        plan(Ok(cases.iter().map(instance).collect()), ALL).unwrap_err()
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
    fn shards_share_all_cases_and_keep_groups_together() {
        static GROUPED: [Case; 2] = [
            Case {
                name: Some("fast"),
                group: Some("g"),
                ..CASE
            },
            Case {
                name: Some("slow"),
                group: Some("g"),
                ..CASE
            },
        ];
        let names = (0..100).map(|n| with_value(&CASE, &n.to_string()));
        let all: Vec<Instance> = names.chain(GROUPED.iter().map(instance)).collect();
        let shards = (1..=3).map(|index| {
            let shard = Some(Shard { index, of: 3 });
            let plan = plan(Ok(all.clone()), Selection { shard, ..ALL }).unwrap();
            let ids = plan.instances.into_iter().map(|instance| instance.id);
            ids.collect::<Vec<_>>()
        });
        let shards: Vec<Vec<String>> = shards.collect();
        assert_eq!(shards.iter().map(Vec::len).sum::<usize>(), all.len());
        assert!(shards.iter().all(|shard| shard.len() > 20), "{shards:?}");
        let shard_of = |id: &str| {
            let has = |shard: &Vec<String>| shard.iter().any(|known| known == id);
            shards.iter().position(has)
        };
        assert_eq!(
            shard_of("app::parse::line/fast"),
            shard_of("app::parse::line/slow")
        );
        // On each machine, and for ever.
        assert_eq!(shard_of("app::parse::line/0"), Some(2));
    }

    #[test]
    fn ignored_cases_are_shown_or_run_or_alone() {
        static CASES: [Case; 2] = [
            CASE,
            Case {
                name: Some("slow"),
                ignore: true,
                ..CASE
            },
        ];
        let runs = |ignored| {
            let selection = Selection { ignored, ..ALL };
            let plan = plan(Ok(CASES.iter().map(instance).collect()), selection).unwrap();
            let shown = plan.instances.iter();
            let runs: Vec<bool> = shown.map(|instance| plan.runs(instance)).collect();
            (runs, plan.ignored(), plan.filtered_out)
        };
        assert_eq!(runs(Ignored::Shown), (vec![true, false], 1, 0));
        assert_eq!(runs(Ignored::Run), (vec![true, true], 0, 0));
        assert_eq!(runs(Ignored::Only), (vec![true], 0, 1));
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
        assert!(plan(Ok(APART.iter().map(instance).collect()), ALL).is_ok());
    }

    #[test]
    fn values_of_sweeps_are_told_apart_and_compared_with_their_like() {
        static BASELINE: Case = Case {
            group: Some("g"),
            baseline: true,
            ..CASE
        };
        let values = |values: [&str; 2]| {
            let instances = values.map(|value| with_value(&BASELINE, value));
            plan(Ok(instances.to_vec()), ALL).map(|plan| plan.instances.len())
        };
        assert_eq!(values(["64", "1024"]), Ok(2));
        let id = "app::parse::line/64".to_owned();
        let place = "src/parse.rs:1".to_owned();
        assert_eq!(
            values(["64", "64"]),
            Err(PlanError::DuplicateValue { id, place })
        );
        let id = "app::parse::line".to_owned();
        let place = "src/parse.rs:1".to_owned();
        let error = plan(Err(&BASELINE), ALL).unwrap_err();
        assert_eq!(error, PlanError::EmptySweep { id, place });
    }
}
