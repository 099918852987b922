//! Groups, whose cases are shown as bars side by side.

use std::collections::BTreeSet;

use super::sweeps::Sweep;
use crate::report::arrange;
use crate::report::measurement::Measurement;

/// Cases that are compared with each other.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) name: &'a str,
    /// Which all of them share.
    pub(super) value: Option<&'a str>,
    /// As in the table: the baseline first.
    pub(super) cases: Vec<&'a Measurement>,
    /// All of it is in a chart of lines too.
    pub(super) is_swept: bool,
}

/// Those of at least two cases that were timed.
pub(super) fn find<'a>(cases: &'a [Measurement], sweeps: &[Sweep<'a>]) -> Vec<Group<'a>> {
    let swept = sweeps.iter().flat_map(Sweep::cases);
    let swept: BTreeSet<(usize, &str)> = swept.map(key).collect();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for case in cases.iter().filter(|case| arrange::time(case).is_some()) {
        let Some(name) = case.group.as_deref() else {
            continue;
        };
        let value = compared_value(case, cases);
        let is_of = |group: &&mut Group<'_>| {
            let first = group.cases[0];
            let scope = (first.run, &first.package) == (case.run, &case.package);
            scope && (group.name, group.value) == (name, value)
        };
        match groups.iter_mut().find(is_of) {
            Some(group) => group.cases.push(case),
            None => groups.push(Group {
                name,
                value,
                cases: vec![case],
                is_swept: false,
            }),
        }
    }
    groups.retain(|group| group.cases.len() > 1);
    for group in &mut groups {
        group.is_swept = group.cases.iter().all(|case| swept.contains(&key(case)));
    }
    groups
}

/// That of the baseline, which may be of no value: it is compared with each then.
fn compared_value<'a>(case: &'a Measurement, cases: &'a [Measurement]) -> Option<&'a str> {
    let baseline = case.vs_baseline.as_ref().and_then(|compared| {
        let is_it = |other: &&Measurement| key(other) == (case.run, compared.baseline_id.as_str());
        cases.iter().find(is_it)
    });
    baseline.unwrap_or(case).sweep_value.as_deref()
}

fn key(case: &Measurement) -> (usize, &str) {
    (case.run, &case.id)
}

#[cfg(test)]
mod tests {
    use super::find;
    use crate::report::html::sweeps;
    use crate::report::measurement::Measurement;
    use crate::report::samples::timed;

    fn in_group(id: &str, value: Option<&str>) -> Measurement {
        let id = value.map_or(id.to_owned(), |value| format!("{id}/{value}"));
        Measurement {
            group: Some("g".to_owned()),
            sweep_value: value.map(str::to_owned),
            ..timed(&id, 100.0)
        }
    }

    #[test]
    fn like_is_compared_with_like() {
        let mut cases = vec![
            in_group("app::a", Some("x")),
            in_group("app::b", Some("x")),
            in_group("app::a", Some("y")),
            in_group("app::b", Some("y")),
            in_group("app::c", Some("z")),
            timed("app::alone", 1.0),
        ];
        let other = in_group("other::a", Some("x"));
        cases.push(Measurement {
            package: Some("other".to_owned()),
            ..other
        });
        let groups = find(&cases, &[]);
        let shown = groups.iter().map(|group| (group.value, group.cases.len()));
        assert_eq!(shown.collect::<Vec<_>>(), [(Some("x"), 2), (Some("y"), 2)]);
    }

    #[test]
    fn a_group_that_is_a_sweep_says_so() {
        let values = ["1", "30"];
        let cases = values.map(|n| [in_group("app::a", Some(n)), in_group("app::b", Some(n))]);
        let cases: Vec<Measurement> = cases.into_iter().flatten().collect();
        let sweeps = sweeps::find(&cases);
        assert!(find(&cases, &sweeps).iter().all(|group| group.is_swept));
        assert!(find(&cases, &[]).iter().all(|group| !group.is_swept));
    }
}
