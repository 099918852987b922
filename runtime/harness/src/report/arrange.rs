//! The order of the cases in a report, and each beside the baseline that it is compared with.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::comparison::{Comparison, Ratio};
use super::measurement::{Estimate, Measurement};

/// Puts cases that are in the order of their bench targets into that of a report: by module and id, but a
/// group stands together, its baseline first, where its first case stands. And compares them with these: what
/// one run has measured, for another was on another machine, or at another time.
pub(crate) fn arrange(cases: Vec<Measurement>) -> Vec<Measurement> {
    let baselines = cases.iter().filter(|case| case.baseline);
    let have_baselines: HashSet<_> = baselines.filter_map(group_of).collect();
    let mut first_of_group = HashMap::new();
    let mut groups: BTreeMap<usize, Vec<Measurement>> = BTreeMap::new();
    for (index, case) in cases.into_iter().enumerate() {
        // A case without a group is a group of its own.
        let place = match group_of(&case) {
            Some(own) => {
                let without_value = Group {
                    value: None,
                    ..own.clone()
                };
                // One case for each type, say, and one for all that they are compared with.
                let shares_a_baseline =
                    !have_baselines.contains(&own) && have_baselines.contains(&without_value);
                let group = if shares_a_baseline {
                    without_value
                } else {
                    own
                };
                *first_of_group.entry(group).or_insert(index)
            }
            None => index,
        };
        groups.entry(place).or_default().push(case);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    // By id alone, those of a module come in between the cases of the one around it.
    groups.sort_by_cached_key(|group| group.first().map(|case| split_id(&case.id).0.to_owned()));
    for group in &mut groups {
        group.sort_by_key(|case| !case.baseline);
        compare(group);
    }
    groups.into_iter().flatten().collect()
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Group {
    run: usize,
    package: Option<String>,
    name: String,
    value: Option<String>,
}

fn group_of(case: &Measurement) -> Option<Group> {
    Some(Group {
        run: case.run,
        package: case.package.clone(),
        name: case.group.clone()?,
        value: case.sweep_value.clone(),
    })
}

fn compare(group: &mut [Measurement]) {
    let Some((baseline, others)) = group.split_first_mut() else {
        return;
    };
    baseline.vs_baseline = None;
    for case in others {
        let is_timed = case.timing.is_some();
        case.vs_baseline = (baseline.baseline && is_timed).then(|| {
            let speedup = time(baseline)
                .zip(time(case))
                .and_then(|(baseline, case)| Ratio::of(&baseline, &case));
            Comparison::new(baseline.id.clone(), speedup)
        });
    }
}

/// Of a case that was timed, and certainly not optimised away.
pub(crate) fn time(case: &Measurement) -> Option<Estimate> {
    let timing = case.timing.as_ref()?;
    timing.optimised_away.is_none().then_some(timing.time_ns)
}

/// The path of the case's module, and the rest; the case's own name may have a `::` in it.
pub(crate) fn split_id(id: &str) -> (&str, &str) {
    let path = id.split('/').next().unwrap_or(id);
    let parent = path.rfind("::").unwrap_or(0);
    (&id[..parent], id[parent..].trim_start_matches("::"))
}

#[cfg(test)]
mod tests {
    use super::{arrange, split_id};
    use crate::report::measurement::Measurement;
    use crate::report::samples::{case, timed};

    fn in_group(id: &str, group: &str, baseline: bool) -> Measurement {
        Measurement {
            group: Some(group.to_owned()),
            baseline,
            ..timed(id, 100.0)
        }
    }

    fn ids(cases: &[Measurement]) -> Vec<&str> {
        cases.iter().map(|case| case.id.as_str()).collect()
    }

    #[test]
    fn a_group_stands_together_its_baseline_first() {
        let cases = arrange(vec![
            case("a"),
            in_group("b", "g", false),
            case("c"),
            in_group("d", "g", true),
            in_group("e", "h", false),
        ]);
        assert_eq!(ids(&cases), ["a", "d", "b", "c", "e"]);
        let baselines = cases
            .iter()
            .map(|case| Some(case.vs_baseline.as_ref()?.baseline_id.as_str()));
        assert_eq!(
            baselines.collect::<Vec<_>>(),
            [None, None, Some("d"), None, None]
        );
    }

    #[test]
    fn values_without_a_baseline_of_their_own_have_that_of_the_group() {
        let of = |id: &str, value: &str, baseline| Measurement {
            sweep_value: Some(value.to_owned()),
            ..in_group(id, "g", baseline)
        };
        let cases = arrange(vec![
            of("a", "u8", false),
            of("b", "u16", true),
            of("c", "u16", false),
            in_group("d", "g", true),
        ]);
        assert_eq!(ids(&cases), ["d", "a", "b", "c"]);
        let with = |case: &Measurement| Some(case.vs_baseline.as_ref()?.baseline_id.clone());
        let with: Vec<_> = cases.iter().map(with).collect();
        let named = |id: &str| Some(id.to_owned());
        assert_eq!(with, [None, named("d"), None, named("b")]);
    }

    #[test]
    fn cases_of_two_runs_are_not_compared() {
        let mut cases = ["a", "b"].map(|id| in_group(id, "g", id == "a"));
        cases[1].run = 1;
        let cases = arrange(cases.into());
        assert!(cases.iter().all(|case| case.vs_baseline.is_none()));
    }

    #[test]
    fn a_module_stands_together() {
        let cases = ["app::a", "app::inner::b", "app::z", "app::z::c"].map(case);
        let cases = arrange(cases.into());
        assert_eq!(
            ids(&cases),
            ["app::a", "app::z", "app::inner::b", "app::z::c"]
        );
    }

    #[test]
    fn an_id_is_split_where_its_module_ends() {
        assert_eq!(split_id("app::parse::line/get"), ("app::parse", "line/get"));
        assert_eq!(split_id("app::line/Vec::push"), ("app", "line/Vec::push"));
        assert_eq!(split_id("line"), ("", "line"));
    }
}
