//! Where the two versions don't allocate alike: the ways to the allocations of one, matched with those of the other.

use std::collections::BTreeMap;

use super::launch::Both;
use crate::report::comparison::{Pair, SiteChange, SiteKind};
use hotbench_engine::heap::{Function, Way};

/// The ways to what a version's calls allocate, all of them together.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    pub(super) calls: u64,
    pub(super) ways: Vec<Way>,
}

impl Recorded {
    /// Gives the files of a version the names that they have elsewhere, those that `moved` knows.
    pub(super) fn move_files(&mut self, moved: impl Fn(&str) -> Option<String>) {
        for way in &mut self.ways {
            let functions = way.functions.iter_mut().map(|function| &mut function.file);
            for file in functions.chain([&mut way.file]).flatten() {
                if let Some(moved) = moved(file) {
                    *file = moved;
                }
            }
        }
    }

    pub(super) fn forget_texts(&mut self) {
        self.ways.iter_mut().for_each(|way| way.text = None);
    }
}

/// The places of which the two differ, the largest difference first.
pub(super) fn differing(recorded: Both<Recorded>) -> Vec<SiteChange> {
    let calls = Both {
        old: recorded.old.calls,
        new: recorded.new.calls,
    };
    let mut by_functions: BTreeMap<Vec<Function>, Both<Vec<Way>>> = BTreeMap::new();
    for way in recorded.old.ways {
        let key = way.functions.clone();
        by_functions.entry(key).or_default().old.push(way);
    }
    for way in recorded.new.ways {
        let key = way.functions.clone();
        by_functions.entry(key).or_default().new.push(way);
    }
    let mut pairs: Vec<Paired> = Vec::new();
    let mut left = Both::<Vec<Way>>::default();
    for mut of_functions in by_functions.into_values() {
        pairs.extend(pair_lines(&mut of_functions));
        left.old.append(&mut of_functions.old);
        left.new.append(&mut of_functions.new);
    }
    // What the same function allocates as it did, and is called by others, has not changed.
    let are_of_one = |old: &Way, new: &Way| {
        old.function.is_some() && old.function == new.function && file_of(old) == file_of(new)
    };
    pairs.extend(take_pairs(&mut left, |old, new| {
        are_of_one(old, new) && are_alike(old, new)
    }));
    // Without line tables, what a function calls is part of it or not as the compiler has it, and names say no more.
    let have_no_lines = |old: &Way, new: &Way| old.line.is_none() && new.line.is_none();
    pairs.extend(take_pairs(&mut left, |old, new| {
        have_no_lines(old, new) && are_of_one(old, new)
    }));
    let gone = left.old.into_iter().map(|way| (Some(way), None));
    let new = left.new.into_iter().map(|way| (None, Some(way)));
    of_places(pairs.into_iter().chain(gone).chain(new), &calls)
}

/// A way of either version, if it has it.
type Paired = (Option<Way>, Option<Way>);

/// Pairs the lines that the same functions allocate at, and leaves those of one version alone. The text of a line
/// says most: what was moved has kept it. Then what it allocates, and then the order.
fn pair_lines(lines: &mut Both<Vec<Way>>) -> Vec<Paired> {
    lines.old.sort_by_key(|way| way.line);
    lines.new.sort_by_key(|way| way.line);
    let has_text = |old: &Way, new: &Way| old.text.is_some() && old.text == new.text;
    let mut pairs = take_pairs(lines, |old, new| has_text(old, new) && are_alike(old, new));
    pairs.extend(take_pairs(lines, has_text));
    pairs.extend(take_pairs(lines, are_alike));
    pairs.extend(take_pairs(lines, |_, _| true));
    pairs
}

fn take_pairs(ways: &mut Both<Vec<Way>>, belong: impl Fn(&Way, &Way) -> bool) -> Vec<Paired> {
    let Both { old, new } = ways;
    let mut pairs = Vec::new();
    old.retain(|way| {
        let Some(index) = new.iter().position(|other| belong(way, other)) else {
            return true;
        };
        pairs.push((Some(way.clone()), Some(new.remove(index))));
        false
    });
    pairs
}

fn are_alike(old: &Way, new: &Way) -> bool {
    (old.blocks, old.bytes) == (new.blocks, new.bytes)
}

/// Of the function that is shown, as the package has it.
fn file_of(way: &Way) -> Option<&str> {
    let named = |function: &&Function| Some(&function.name) == way.function.as_ref();
    way.functions.iter().find(named)?.file.as_deref()
}

/// What a place allocates in all calls of either version: blocks and bytes.
type Totals = Both<(u64, u64)>;

/// Several ways lead to a place. What is gone is where it was in the old version, all else where it is now.
fn of_places(pairs: impl Iterator<Item = Paired>, calls: &Both<u64>) -> Vec<SiteChange> {
    let mut places: BTreeMap<_, Totals> = BTreeMap::new();
    for (old, new) in pairs {
        let Some(shown) = new.as_ref().or(old.as_ref()) else {
            continue;
        };
        let place = (
            new.is_none(),
            shown.file.clone(),
            shown.line,
            shown.function.clone(),
        );
        let totals = places.entry(place).or_default();
        let add = |(blocks, bytes): &mut (u64, u64), way: Option<&Way>| {
            *blocks += way.map_or(0, |way| way.blocks);
            *bytes += way.map_or(0, |way| way.bytes);
        };
        add(&mut totals.old, old.as_ref());
        add(&mut totals.new, new.as_ref());
    }
    let per_call = |old: u64, new: u64| Pair {
        old: old as f64 / calls.old.max(1) as f64,
        new: new as f64 / calls.new.max(1) as f64,
    };
    let changes = places.into_iter();
    let mut changes: Vec<SiteChange> = changes
        .filter_map(|((_, file, line, function), Both { old, new })| {
            let allocs = per_call(old.0, new.0);
            let bytes = per_call(old.1, new.1);
            let kind = kind(allocs, bytes)?;
            Some(SiteChange {
                kind,
                function,
                file,
                line,
                allocs,
                bytes,
            })
        })
        .collect();
    let size = |change: &SiteChange| (change.allocs.difference(), change.bytes.difference());
    changes.sort_by(|one, other| {
        let ((allocs, bytes), (other_allocs, other_bytes)) = (size(one), size(other));
        // Of two that are as large, what was added is first.
        (other_allocs.abs().total_cmp(&allocs.abs()))
            .then(other_bytes.abs().total_cmp(&bytes.abs()))
            .then(other_allocs.total_cmp(&allocs))
            .then(other_bytes.total_cmp(&bytes))
    });
    changes
}

/// None of what has not changed.
fn kind(allocs: Pair, bytes: Pair) -> Option<SiteKind> {
    let nothing = |allocs: f64, bytes: f64| allocs == 0.0 && bytes == 0.0;
    let differences = (allocs.difference(), bytes.difference());
    if differences == (0.0, 0.0) {
        return None;
    }
    Some(if nothing(allocs.old, bytes.old) {
        SiteKind::New
    } else if nothing(allocs.new, bytes.new) {
        SiteKind::Gone
    } else if differences > (0.0, 0.0) {
        SiteKind::More
    } else {
        SiteKind::Fewer
    })
}

#[cfg(test)]
mod tests {
    use super::{Both, Recorded, differing};
    use crate::report::comparison::SiteKind;
    use hotbench_engine::heap::{Function, Way};

    /// One that ten calls took; `functions` are named from the innermost out.
    fn way(functions: &str, line: usize, text: &str, blocks: u64) -> Way {
        let functions: Vec<Function> = functions
            .split(' ')
            .map(|name| Function {
                name: name.to_owned(),
                file: name.starts_with("app").then(|| "src/lib.rs".to_owned()),
            })
            .collect();
        let users = functions.iter().find(|function| function.file.is_some());
        let function = users.map(|function| function.name.clone());
        Way {
            function,
            functions,
            file: Some("app/src/lib.rs".to_owned()),
            line: Some(line),
            text: Some(text.to_owned()),
            blocks,
            bytes: blocks * 16,
        }
    }

    /// `new src/lib.rs:7 +1`, each.
    fn told(old: &[Way], new: &[Way]) -> Vec<String> {
        let recorded = |ways: &[Way]| Recorded {
            calls: 10,
            ways: ways.to_vec(),
        };
        let changes = differing(Both {
            old: recorded(old),
            new: recorded(new),
        });
        let tell = |change: &super::SiteChange| {
            let kind = match change.kind {
                SiteKind::New => "new",
                SiteKind::Gone => "gone",
                SiteKind::More => "more",
                SiteKind::Fewer => "fewer",
            };
            let line = change.line.expect("a line");
            format!("{kind} {line} {:+}", change.allocs.difference())
        };
        changes.iter().map(tell).collect()
    }

    #[test]
    fn what_has_moved_is_neither_new_nor_gone() {
        let old = [way("Vec::push app::parse app::case", 7, "v.push(1)", 10)];
        let new = [way("Vec::push app::parse app::case", 90, "v.push(1)", 10)];
        assert_eq!(told(&old, &new), [""; 0]);
        // Its text has changed, too.
        let new = [way("Vec::push app::parse app::case", 90, "v.push(2)", 10)];
        assert_eq!(told(&old, &new), [""; 0]);
        // It is called by another.
        let new = [way(
            "Vec::push app::parse app::twice app::case",
            90,
            "v.push(1)",
            10,
        )];
        assert_eq!(told(&old, &new), [""; 0]);
    }

    #[test]
    fn what_one_version_alone_has_is_told_with_its_line() {
        let both = |line| way("Vec::push app::parse", line, "v.push(1)", 10);
        let other = way("String::from app::parse", 12, "String::from(a)", 20);
        assert_eq!(told(&[both(7)], &[both(8), other.clone()]), ["new 12 +2"]);
        assert_eq!(told(&[both(7), other], &[both(8)]), ["gone 12 -2"]);
    }

    #[test]
    fn of_a_functions_lines_those_of_the_same_text_belong_together() {
        let old = [way("Vec::new app::parse", 7, "let a = v();", 10)];
        let new = [
            way("Vec::new app::parse", 7, "let b = v();", 10),
            way("Vec::new app::parse", 8, "let a = v();", 10),
        ];
        assert_eq!(told(&old, &new), ["new 7 +1"]);
        // The texts can't be read: what allocates as much, or else the order, has to say it.
        let without = |ways: &[Way]| -> Vec<Way> {
            let without = |way: &Way| Way {
                text: None,
                ..way.clone()
            };
            ways.iter().map(without).collect()
        };
        assert_eq!(told(&without(&old), &without(&new)), ["new 8 +1"]);
    }

    #[test]
    fn more_and_fewer_are_told_at_their_new_lines_and_the_largest_first() {
        let old = [
            way("Vec::push app::a", 1, "a", 10),
            way("Vec::push app::b", 2, "b", 50),
        ];
        let new = [
            way("Vec::push app::a", 11, "a", 20),
            way("Vec::push app::b", 12, "b", 10),
        ];
        assert_eq!(told(&old, &new), ["fewer 12 -4", "more 11 +1"]);
    }

    #[test]
    fn without_lines_a_function_is_one_place() {
        let without_line = |functions, blocks| Way {
            line: None,
            file: None,
            text: None,
            ..way(functions, 0, "", blocks)
        };
        let recorded = |ways: Vec<Way>| Recorded { calls: 10, ways };
        let changes = differing(Both {
            old: recorded(vec![without_line("app::a app::case", 10)]),
            // Something is no longer inlined.
            new: recorded(vec![
                without_line("Vec::push app::a app::case", 10),
                without_line("String::from app::a app::case", 20),
            ]),
        });
        let [change] = &changes[..] else {
            panic!("{changes:?}");
        };
        assert_eq!(change.kind, SiteKind::More);
        assert_eq!((change.allocs.old, change.allocs.new), (1.0, 3.0));
    }

    #[test]
    fn all_ways_to_a_place_are_one() {
        let new = [
            way("Vec::push app::a app::x", 1, "a", 10),
            way("Vec::push app::a app::y", 1, "a", 20),
        ];
        assert_eq!(told(&[], &new), ["new 1 +3"]);
    }
}
