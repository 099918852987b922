//! The order of the cases in a report, and each beside the baseline that it is compared with.

use std::collections::{BTreeMap, HashMap};

use super::comparison::{Comparison, Ratio};
use super::measurement::{Estimate, Measurement};

/// Puts cases that are in the order of their bench targets into that of a report: by module and id, but a
/// group stands together, its baseline first, where its first case stands. And compares them with these: what
/// one run has measured, for another was on another machine, or at another time.
pub(crate) fn arrange(cases: Vec<Measurement>) -> Vec<Measurement> {
    let mut first_of_group = HashMap::new();
    let mut groups: BTreeMap<usize, Vec<Measurement>> = BTreeMap::new();
    for (index, case) in cases.into_iter().enumerate() {
        // A case without a group is a group of its own.
        let place = match &case.group {
            Some(group) => {
                let (package, value) = (case.package.clone(), case.sweep_value.clone());
                let key = (case.run, package, group.clone(), value);
                *first_of_group.entry(key).or_insert(index)
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
