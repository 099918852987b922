//! The cases in the order of a report, each beside the baseline that it is compared with.

use std::collections::{BTreeMap, HashMap};

use super::measurement::{Measurement, Ratio};

/// A case, and the baseline of its group.
pub(super) struct Row<'a> {
    pub(super) case: &'a Measurement,
    pub(super) baseline: Option<&'a Measurement>,
}

impl Row<'_> {
    /// Whether there is a baseline that the case is not itself.
    pub(super) fn is_compared(&self) -> bool {
        self.baseline.is_some() && !self.case.is_baseline
    }

    /// How the case compares with the baseline of its group. Not where it is that itself, nor where
    /// either may have been optimised away.
    pub(super) fn ratio(&self) -> Option<Ratio> {
        let timed = |case: &Measurement| {
            let timing = case
                .timing
                .as_ref()
                .filter(|timing| timing.elision.is_none());
            timing.map(|timing| timing.time)
        };
        let baseline = self.baseline.filter(|_| self.is_compared())?;
        Ratio::of(&timed(baseline)?, &timed(self.case)?)
    }
}

/// By module and id, but a group stands together, its baseline first, where its first case stands.
pub(super) fn arrange(measurements: &[Measurement]) -> Vec<Row<'_>> {
    let mut first_of_group = HashMap::new();
    let mut groups: BTreeMap<usize, Vec<&Measurement>> = BTreeMap::new();
    for (index, case) in measurements.iter().enumerate() {
        // A case without a group is a group of its own.
        let place = match case.group {
            Some(group) => {
                let key = (case.package, group, case.value.as_deref());
                *first_of_group.entry(key).or_insert(index)
            }
            None => index,
        };
        groups.entry(place).or_default().push(case);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    // By id alone, those of a module come in between the cases of the one around it.
    groups.sort_by_key(|group| group.first().map(|case| split_id(&case.id).0));
    let mut rows = Vec::new();
    for mut group in groups {
        group.sort_by_key(|case| !case.is_baseline);
        let baseline = group.first().copied().filter(|case| case.is_baseline);
        rows.extend(group.into_iter().map(|case| Row { case, baseline }));
    }
    rows
}

/// The path of the case's module, and the rest; the case's own name may have a `::` in it.
pub(super) fn split_id(id: &str) -> (&str, &str) {
    let path = id.split('/').next().unwrap_or(id);
    let parent = path.rfind("::").unwrap_or(0);
    (&id[..parent], id[parent..].trim_start_matches("::"))
}

#[cfg(test)]
mod tests {
    use super::{arrange, split_id};
    use crate::report::measurement::{Measurement, Throughput};

    fn case(id: &str, group: Option<&'static str>, is_baseline: bool) -> Measurement {
        Measurement {
            id: id.to_owned(),
            package: Some("app"),
            group,
            value: None,
            is_baseline,
            timing: None,
            allocations: None,
            throughput: Throughput::default(),
            failure: None,
        }
    }

    #[test]
    fn a_group_stands_together_its_baseline_first() {
        let cases = [
            case("a", None, false),
            case("b", Some("g"), false),
            case("c", None, false),
            case("d", Some("g"), true),
            case("e", Some("h"), false),
        ];
        let rows = arrange(&cases);
        let ids: Vec<_> = rows.iter().map(|row| row.case.id.as_str()).collect();
        assert_eq!(ids, ["a", "d", "b", "c", "e"]);
        let baselines = rows
            .iter()
            .map(|row| row.baseline.map(|case| case.id.as_str()));
        assert_eq!(
            baselines.collect::<Vec<_>>(),
            [None, Some("d"), Some("d"), None, None]
        );
    }

    #[test]
    fn a_module_stands_together() {
        let ids = ["app::a", "app::inner::b", "app::z", "app::z::c"];
        let cases = ids.map(|id| case(id, None, false));
        let rows = arrange(&cases);
        let ids: Vec<_> = rows.iter().map(|row| row.case.id.as_str()).collect();
        assert_eq!(ids, ["app::a", "app::z", "app::inner::b", "app::z::c"]);
    }

    #[test]
    fn an_id_is_split_where_its_module_ends() {
        assert_eq!(split_id("app::parse::line/get"), ("app::parse", "line/get"));
        assert_eq!(split_id("app::line/Vec::push"), ("app", "line/Vec::push"));
        assert_eq!(split_id("line"), ("", "line"));
    }
}
