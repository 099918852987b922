//! What is to be run, computed from the registered cases, the values of their sweeps and the command line, and run by
//! nobody here.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::Path;

use super::child::Listed;
use super::selection::{Ignored, Selection};
use super::stable_hash::fnv_1a;
use crate::report::document::Shard;
use crate::report::measurement::{Failure, FailureKind};
use hotbench_engine::registry::Case;

/// What can be run: a case, or one value of its sweeps.
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    /// The case's, and `/value` if it is generic or has sweeps.
    pub(crate) id: String,
    pub(crate) case: &'static Case,
    /// The value of its sweeps, as ids show it.
    pub(crate) swept: Option<String>,
    /// Its place among all instances, from 0.
    pub(crate) position: usize,
    /// Types, constants and values, as the id shows them.
    pub(crate) value: Option<String>,
    /// Why the values of its sweeps are not known: then it stands for all of them, and has failed.
    pub(crate) broken: Option<Failure>,
}

impl Instance {
    /// Its name in a request to a worker.
    pub(crate) fn listed(&self) -> Listed {
        Listed {
            id: self.id.clone(),
            case: self.case.id(),
            value: self.swept.clone(),
        }
    }
}

/// The values of the sweeps that were evaluated, by their case's id; or why they are not known.
pub(crate) type Sweeps = HashMap<String, Result<Vec<String>, Failure>>;

/// The selected cases, in their order.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) instances: Vec<Instance>,
    /// How many were not selected. A case whose sweeps were not evaluated counts as one.
    pub(crate) filtered_out: usize,
    ignored: Ignored,
    registered: Registered,
}

/// The ids of all cases, selected or not.
#[derive(Debug, Default)]
struct Registered {
    ids: HashSet<String>,
    /// Cases of which the values are not known.
    unknown: Vec<String>,
}

impl Plan {
    /// Whether a case has this id, or may have it: the values of some sweeps are not known.
    pub(crate) fn may_have(&self, id: &str) -> bool {
        let is_of = |case: &String| {
            let value = id.strip_prefix(case.as_str());
            value.is_some_and(|value| value.starts_with('/'))
        };
        self.registered.ids.contains(id) || self.registered.unknown.iter().any(is_of)
    }

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

/// Whether an instance is wanted.
fn takes(selection: &Selection<'_>, instance: &Instance) -> bool {
    let is_there = instance.case.ignore || selection.ignored != Ignored::Only;
    let is_of_shard = selection.shard.is_none_or(|shard| is_of(shard, instance));
    let is_taken = match instance.broken {
        // Its values are not known.
        Some(_) if instance.swept.is_none() => selection.may_take_values_of(&instance.id),
        _ => selection.takes_id(&instance.id),
    };
    is_taken && is_there && is_of_shard
}

/// Why the cases can't be run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PlanError {
    DuplicateId { id: String, places: [String; 2] },
    TwoBaselines { group: String, ids: [String; 2] },
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
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

/// Checks all cases, and selects. `sweeps` are those that the selection may take.
///
/// # Errors
///
/// If the cases, selected or not, can't be told apart or compared.
pub(crate) fn plan(
    cases: &[(String, &'static Case)],
    sweeps: &Sweeps,
    selection: Selection<'_>,
) -> Result<Plan, PlanError> {
    let mut instances = Vec::new();
    let mut unknown = Vec::new();
    let mut left_out = 0;
    for (id, case) in cases {
        let before = instances.len();
        let position = before + left_out;
        if case.sweep.is_none() {
            instances.push(instance(id, case, None, position));
            continue;
        }
        match sweeps.get(id).map(|values| checked(case, values)) {
            None => {
                unknown.push(id.clone());
                left_out += 1;
            }
            Some(Ok(values)) => {
                let of_value = |(index, value)| instance(id, case, Some(value), position + index);
                instances.extend(values.iter().enumerate().map(of_value));
                // A list had it, perhaps of another process: not to run it would pass for success.
                for value in selection.named_in_vain(id, values) {
                    instances.push(Instance {
                        broken: Some(Failure {
                            kind: FailureKind::NotMeasured,
                            message: format!(
                                "the sweep at {} has no value `{value}`: it has {}. If the value was listed before, the \
                                 sweep is not the same in each process",
                                sweep_place(case),
                                some_of(values)
                            ),
                            output: String::new(),
                        }),
                        ..instance(id, case, Some(&value.to_owned()), position + values.len())
                    });
                }
            }
            Some(Err(failure)) => {
                unknown.push(id.clone());
                instances.push(Instance {
                    broken: Some(failure),
                    ..instance(id, case, None, position)
                });
            }
        }
    }
    ids_are_unique(&instances)?;
    groups_have_one_baseline(&instances)?;
    let ids = instances.iter().map(|instance| instance.id.clone());
    let registered = Registered {
        ids: ids.collect(),
        unknown,
    };
    let all = instances.len() + left_out;
    instances.retain(|instance| takes(&selection, instance));
    Ok(Plan {
        filtered_out: all - instances.len(),
        instances,
        ignored: selection.ignored,
        registered,
    })
}

fn instance(id: &str, case: &'static Case, swept: Option<&String>, position: usize) -> Instance {
    let generics = case.generics.map(|(_, generics)| generics.to_owned());
    Instance {
        id: match swept {
            None => id.to_owned(),
            Some(value) => format!("{id}/{value}"),
        },
        case,
        swept: swept.cloned(),
        position,
        value: match (generics, swept) {
            (Some(generics), Some(value)) => Some(format!("{generics}/{value}")),
            (generics, value) => generics.or_else(|| value.cloned()),
        },
        broken: None,
    }
}

/// The values of a case's sweeps, if there are any and they can be told apart.
fn checked<'a>(
    case: &Case,
    values: &'a Result<Vec<String>, Failure>,
) -> Result<&'a [String], Failure> {
    let values = values.as_ref().map_err(Clone::clone)?;
    let wrong = |what: String| Failure {
        kind: FailureKind::NotMeasured,
        message: format!("the sweep at {} {what}", sweep_place(case)),
        output: String::new(),
    };
    if values.is_empty() {
        return Err(wrong("has no value, so there is nothing to run".to_owned()));
    }
    let mut known = HashSet::new();
    match values.iter().find(|value| !known.insert(*value)) {
        None => Ok(values),
        Some(twice) => Err(wrong(format!(
            "has two values that are shown as `{twice}`: leave one out, or sweep over values that show how they \
             differ"
        ))),
    }
}

/// Names the first values of a sweep.
fn some_of(values: &[String]) -> String {
    const NAMED: usize = 5;
    let quoted = |values: &[String]| -> Vec<String> {
        values.iter().map(|value| format!("`{value}`")).collect()
    };
    match values.len() {
        more if more > NAMED => format!(
            "{} and {} more",
            quoted(&values[..NAMED]).join(", "),
            more - NAMED
        ),
        _ => quoted(values).join(", "),
    }
}

/// File and line of a case's sweeps.
pub(crate) fn sweep_place(case: &Case) -> String {
    let file = path_clean::clean(Path::new(case.file));
    let line = case.sweep.map_or(case.attribute_line, |sweep| sweep.line);
    format!("{}:{line}", file.display())
}

fn place(case: &Case) -> String {
    let file = path_clean::clean(Path::new(case.file));
    format!("{}:{}", file.display(), case.attribute_line)
}

fn ids_are_unique(instances: &[Instance]) -> Result<(), PlanError> {
    let mut known = HashMap::new();
    for Instance { id, case, .. } in instances {
        let Some(first) = known.insert(id, *case) else {
            continue;
        };
        let id = id.clone();
        let places = [place(first), place(case)];
        return Err(PlanError::DuplicateId { id, places });
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
    use super::{Failure, FailureKind, Ignored, Plan, PlanError, Selection, Sweeps};
    use crate::report::document::Shard;
    use hotbench_engine::registry::{Case, Sweep};

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
            ignored: Ignored::Shown,
            shard: None,
        };
        let plan = plan(&CASES, selection).unwrap();
        assert_eq!(plan.instances.len() + plan.filtered_out, CASES.len());
        plan.instances
            .into_iter()
            .map(|instance| instance.id)
            .collect()
    }

    fn plan(cases: &'static [Case], selection: Selection<'_>) -> Result<Plan, PlanError> {
        with_sweeps(cases, &Sweeps::new(), selection)
    }

    fn with_sweeps(
        cases: &'static [Case],
        sweeps: &Sweeps,
        selection: Selection<'_>,
    ) -> Result<Plan, PlanError> {
        let cases: Vec<_> = cases.iter().map(|case| (case.id(), case)).collect();
        super::plan(&cases, sweeps, selection)
    }

    const SWEEP: Option<Sweep> = Some(Sweep {
        line: 3,
        labels: |_| panic!("no code of the user's runs here"),
    });

    fn values(values: &[&str]) -> Result<Vec<String>, Failure> {
        Ok(values.iter().copied().map(str::to_owned).collect())
    }

    const ALL: Selection<'_> = Selection {
        filters: &[],
        exact: false,
        skip: &[],
        ignored: Ignored::Shown,
        shard: None,
    };

    fn error(cases: &'static [Case]) -> PlanError {
        plan(cases, ALL).unwrap_err()
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
        static ALL_CASES: [Case; 3] = [
            Case {
                sweep: SWEEP,
                ..CASE
            },
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
        let numbers = (0..100).map(|n| n.to_string()).collect();
        let sweeps = Sweeps::from([(ALL_CASES[0].id(), Ok(numbers))]);
        let shards = (1..=3).map(|index| {
            let shard = Some(Shard { index, of: 3 });
            let plan = with_sweeps(&ALL_CASES, &sweeps, Selection { shard, ..ALL }).unwrap();
            let ids = plan.instances.into_iter().map(|instance| instance.id);
            ids.collect::<Vec<_>>()
        });
        let shards: Vec<Vec<String>> = shards.collect();
        assert_eq!(shards.iter().map(Vec::len).sum::<usize>(), 102);
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
            let plan = plan(&CASES, selection).unwrap();
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
        assert!(plan(&APART, ALL).is_ok());
    }

    #[test]
    fn values_of_sweeps_are_told_apart_and_compared_with_their_like() {
        static BASELINE: [Case; 2] = [
            Case {
                group: Some("g"),
                baseline: true,
                sweep: SWEEP,
                ..CASE
            },
            Case {
                name: Some("post"),
                ..CASE
            },
        ];
        let planned = |sweep| {
            let sweeps = Sweeps::from([(BASELINE[0].id(), sweep)]);
            with_sweeps(&BASELINE, &sweeps, ALL).unwrap().instances
        };
        let ids = planned(values(&["64", "1024"])).into_iter().map(|it| it.id);
        assert_eq!(
            ids.collect::<Vec<_>>(),
            [
                "app::parse::line/64",
                "app::parse::line/1024",
                "app::parse::line/post"
            ]
        );
        for (wrong, words) in [
            (values(&["64", "64"]), "two values that are shown as `64`"),
            (values(&[]), "has no value, so there is nothing to run"),
        ] {
            let planned = planned(wrong);
            let failure = planned[0].broken.as_ref().expect("it has failed");
            assert!(
                failure
                    .message
                    .starts_with("the sweep at src/parse.rs:3 has ")
            );
            assert!(failure.message.contains(words), "{failure:?}");
            assert_eq!(planned[0].id, "app::parse::line");
            assert!(planned[1].broken.is_none());
        }
    }

    #[test]
    fn a_sweep_is_evaluated_only_if_the_filters_may_take_a_value() {
        let cases = [
            ("app::good", false),
            ("app::sized", true),
            ("app::sized_64", true),
        ];
        let evaluated = |filters: &[&str], exact, skip: &[&str]| {
            let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
            let selection = Selection {
                filters: &owned(filters),
                exact,
                skip: &owned(skip),
                ..ALL
            };
            selection.sweeps_to_evaluate(&cases).join(" ")
        };
        let all = "app::sized app::sized_64";
        for (filters, wanted) in [
            (&[][..], all),
            (&["good"], ""),
            (&["sized"], all),
            (&["sized/64"], "app::sized"),
            (&["sized_64"], "app::sized_64"),
            // Part of a name.
            (&["64"], "app::sized_64"),
            (&["good", "sized/6"], "app::sized"),
            // A value, then.
            (&["/64"], all),
            // What `cargo test NAME` hands to all targets evaluates nothing.
            (&["1024"], ""),
            (&["a/b"], ""),
            (&["nowhere::1024"], ""),
        ] {
            assert_eq!(evaluated(filters, false, &[]), wanted, "{filters:?}");
        }
        assert_eq!(evaluated(&["app::sized/1"], true, &[]), "app::sized");
        assert_eq!(evaluated(&["app::sized"], true, &[]), "app::sized");
        assert_eq!(evaluated(&[], false, &["sized_"]), "app::sized");
        assert_eq!(evaluated(&[], true, &["app::sized"]), all);
    }

    #[test]
    fn what_is_not_evaluated_counts_as_one_and_may_have_any_value() {
        static SWEPT: [Case; 2] = [
            Case {
                name: Some("a"),
                sweep: SWEEP,
                ..CASE
            },
            Case {
                name: Some("post"),
                ..CASE
            },
        ];
        let filters = ["post".to_owned()];
        let selection = Selection {
            filters: &filters,
            ..ALL
        };
        let plan = plan(&SWEPT, selection).unwrap();
        assert_eq!((plan.instances.len(), plan.filtered_out), (1, 1));
        assert_eq!(plan.instances[0].position, 1);
        assert!(plan.may_have("app::parse::line/a/64"));
        assert!(!plan.may_have("app::parse::line/a"));
        assert!(!plan.may_have("app::parse::line/ab/64"));
        assert!(plan.may_have("app::parse::line/post"));
    }

    #[test]
    fn a_value_that_is_named_in_full_and_is_not_there_is_a_failed_case() {
        static SWEPT: [Case; 1] = [Case {
            sweep: SWEEP,
            ..CASE
        }];
        let sweeps = Sweeps::from([(SWEPT[0].id(), values(&["64"]))]);
        let filters = ["app::parse::line/64", "app::parse::line/65"].map(str::to_owned);
        let selection = Selection {
            filters: &filters,
            exact: true,
            ..ALL
        };
        let planned = with_sweeps(&SWEPT, &sweeps, selection).unwrap().instances;
        let ids: Vec<_> = planned
            .iter()
            .map(|it| (it.id.as_str(), it.broken.is_some()))
            .collect();
        assert_eq!(
            ids,
            [
                ("app::parse::line/64", false),
                ("app::parse::line/65", true)
            ]
        );
    }

    #[test]
    fn a_sweep_that_panics_is_one_failed_case_whatever_the_filter() {
        static SWEPT: [Case; 2] = [
            Case {
                name: Some("a"),
                sweep: SWEEP,
                ..CASE
            },
            Case {
                name: Some("post"),
                ..CASE
            },
        ];
        let failure = Failure {
            kind: FailureKind::Panicked,
            message: "no corpus".to_owned(),
            output: String::new(),
        };
        let sweeps = Sweeps::from([(SWEPT[0].id(), Err(failure))]);
        let filters = ["line/a/64".to_owned()];
        let selection = Selection {
            filters: &filters,
            ..ALL
        };
        let plan = with_sweeps(&SWEPT, &sweeps, selection).unwrap();
        assert_eq!(plan.instances.len(), 1);
        let broken = plan.instances[0].broken.as_ref();
        assert_eq!(broken.map(|it| it.message.as_str()), Some("no corpus"));
    }
}
