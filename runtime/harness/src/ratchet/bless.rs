//! Writes what was found into the file's text, of which all else stays as it is.

use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

use super::arrange::{put_header, sort, take_header, template};
use super::file::{ALLOCS, BYTES, Blessed, Blessings, INSTRUCTIONS, Spot, UNOPTIMISED};
use super::hold::Found;
use super::spelling::Spelling;
use crate::report::ratchet::{Figure, RatchetVerdict};
use crate::report::units;

/// The file's text after a blessing, and what has changed in it.
#[derive(Debug)]
pub(super) struct Blessing {
    pub(super) text: String,
    /// Case by case, in their order in the file: an id, and what has become of it.
    pub(super) changes: Vec<(String, String)>,
    /// Cases whose instructions are not blessed, for calls differ too much.
    pub(super) unlike: Vec<String>,
    /// Cases that no optimised build has blessed yet, on whose figures those of this build would rest.
    pub(super) unblessed: Vec<String>,
}

/// What a run has found, and where it is to be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Findings<'a> {
    pub(super) bench: &'a str,
    pub(super) toolchain: &'a str,
    /// What the text has of the bench target.
    pub(super) blessings: &'a Blessings,
    /// In a build with debug assertions; they alone are then written that differ from the others.
    pub(super) unoptimised: bool,
    /// By the ids.
    pub(super) cases: &'a [(&'a str, Found)],
    /// Ids that are to go.
    pub(super) gone: &'a [String],
}

/// # Errors
///
/// If the text is no TOML, which has been found out before.
pub(super) fn bless(
    text: Option<&str>,
    findings: Findings<'_>,
) -> Result<Blessing, toml_edit::TomlError> {
    let start = text.map_or_else(|| template(findings.bench), str::to_owned);
    let mut document: DocumentMut = Spelling::plain(&start).parse()?;
    let mut blessing = Blessing {
        text: String::new(),
        changes: Vec::new(),
        unlike: Vec::new(),
        unblessed: Vec::new(),
    };
    let header = take_header(&mut document);
    for id in findings.gone {
        let cases = document.get_mut(findings.bench);
        if let Some(cases) = cases.and_then(Item::as_table_like_mut) {
            cases.remove(id);
            blessing.changed(id, "gone, and removed".to_owned());
        }
    }
    for (id, found) in findings.cases {
        blessing.case(&mut document, findings, id, found);
    }
    let cases = document.get(findings.bench).and_then(Item::as_table_like);
    if cases.is_some_and(TableLike::is_empty) {
        document.remove(findings.bench);
    }
    sort(&mut document);
    put_header(&mut document, header);
    blessing.changes.sort();
    // Of what has not changed, a formatter or another tool may have written each byte.
    blessing.text = match blessing.changes.is_empty() {
        true => start,
        false => Spelling::of(&start).spell(&document.to_string()),
    };
    Ok(blessing)
}

impl Blessing {
    fn changed(&mut self, id: &str, what: String) {
        self.changes.push((id.to_owned(), what));
    }

    fn case(
        &mut self,
        document: &mut DocumentMut,
        findings: Findings<'_>,
        id: &str,
        found: &Found,
    ) {
        let blessed = findings.blessings.cases.get(id);
        let mut changes = Vec::new();
        if findings.unoptimised {
            let Some(blessed) = blessed else {
                self.unblessed.push(id.to_owned());
                return;
            };
            if let Some(table) = case_table(document, findings.bench, id) {
                changes.extend(unoptimised(table, blessed, found));
            }
        } else {
            let instructions = self.instructions(blessed, findings, id, found);
            if found.allocations.is_none() && instructions.is_none() && blessed.is_none() {
                return;
            }
            if let Some(table) = case_table(document, findings.bench, id) {
                changes.extend(allocations(table, found));
                if let Some(instructions) = instructions {
                    changes.extend(set_instructions(table, findings.toolchain, instructions));
                }
            }
        }
        if !changes.is_empty() {
            let new = if blessed.is_none() { "new: " } else { "" };
            self.changed(id, format!("{new}{}", changes.join(", ")));
        }
    }

    /// What is to be written, if anything is. What has changed within the tolerance stays as it was: a file that
    /// says something else each time is not read, and steps that are tolerated would add up unseen.
    fn instructions(
        &mut self,
        blessed: Option<&Blessed>,
        findings: Findings<'_>,
        id: &str,
        found: &Found,
    ) -> Option<f64> {
        let counted = found.instructions?;
        let tolerance = blessed
            .and_then(|blessed| blessed.tolerance)
            .unwrap_or(findings.blessings.tolerance);
        // A mean of calls that differ so much is another one the next time.
        if counted.spread > tolerance / 2.0 {
            self.unlike.push(id.to_owned());
            return None;
        }
        let count = counted.per_call.round();
        let old = blessed.and_then(|blessed| blessed.instructions.get(findings.toolchain));
        let stays = old.is_some_and(|old| {
            let figure = Figure::new(old.value, count, tolerance);
            figure.verdict == RatchetVerdict::Equal
        });
        (!stays).then_some(count)
    }
}

/// The case's table, made if it is not there.
fn case_table<'a>(
    document: &'a mut DocumentMut,
    bench: &str,
    id: &str,
) -> Option<&'a mut dyn TableLike> {
    let cases = document.entry(bench).or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let cases = cases.as_table_like_mut()?;
    cases
        .entry(id)
        .or_insert_with(|| Item::Table(Table::new()))
        .as_table_like_mut()
}

fn allocations(table: &mut dyn TableLike, found: &Found) -> Vec<String> {
    let Some(counted) = found.allocations else {
        return Vec::new();
    };
    [(ALLOCS, counted.allocs), (BYTES, counted.bytes)]
        .into_iter()
        .filter_map(|(key, figure)| set(table, key, figure))
        .collect()
}

fn unoptimised(table: &mut dyn TableLike, blessed: &Blessed, found: &Found) -> Option<String> {
    let counted = found.allocations?;
    let is = |spot: &Option<Spot>, figure| spot.as_ref().is_some_and(|spot| spot.value == figure);
    let optimised = &blessed.allocations;
    if is(&optimised.allocs, counted.allocs) && is(&optimised.bytes, counted.bytes) {
        let removed = table.remove(UNOPTIMISED);
        return removed.map(|_| "unoptimised as optimised, and so removed".to_owned());
    }
    let own = inner(table, UNOPTIMISED)?;
    let changes: Vec<String> = allocations(own, found);
    (!changes.is_empty()).then(|| format!("unoptimised {}", changes.join(", ")))
}

fn set_instructions(table: &mut dyn TableLike, toolchain: &str, count: f64) -> Option<String> {
    let counts = inner(table, INSTRUCTIONS)?;
    let is_new = !counts.contains_key(toolchain);
    let changed = set(counts, toolchain, count)?;
    if is_new {
        counts.sort_values();
    }
    // Which has no comments, on one line. Spaces are of a place in it, and not of what has come there.
    if let Some(Value::InlineTable(inline)) =
        table.get_mut(INSTRUCTIONS).and_then(Item::as_value_mut)
        && is_new
        && !inline.to_string().contains('\n')
    {
        inline.fmt();
    }
    Some(changed.replacen(toolchain, INSTRUCTIONS, 1))
}

/// A table in a table, made inline if it is not there.
fn inner<'a>(table: &'a mut dyn TableLike, key: &str) -> Option<&'a mut dyn TableLike> {
    table
        .entry(key)
        .or_insert_with(|| value(InlineTable::new()))
        .as_table_like_mut()
}

/// Writes a figure where it is another; what stands around it stays. Says what has changed.
fn set(table: &mut dyn TableLike, key: &str, figure: f64) -> Option<String> {
    let old = table
        .get(key)
        .and_then(Item::as_value)
        .and_then(|value| match value {
            Value::Integer(n) => Some(*n.value() as f64),
            Value::Float(n) => Some(*n.value()),
            _ => None,
        });
    if old == Some(figure) {
        return None;
    }
    let mut new = if figure.fract() == 0.0 {
        Value::from(figure as i64)
    } else {
        Value::from(figure)
    };
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(there) => {
            *new.decor_mut() = there.decor().clone();
            *there = new;
        }
        None => {
            table.insert(key, Item::Value(new));
        }
    }
    let shown = units::amount(figure);
    Some(match old {
        Some(old) => format!("{key} {} → {shown}", units::amount(old)),
        None => format!("{key} {shown}"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::file::parse;
    use super::super::hold::Found;
    use super::{Blessing, Findings, bless};
    use crate::report::measurement::{Allocations, Instructions};

    fn allocated(allocs: f64, bytes: f64) -> Found {
        Found {
            allocations: Some(Allocations {
                calls: 10,
                allocs,
                reallocs: 0.0,
                deallocs: 0.0,
                bytes,
                varies: None,
            }),
            ..Found::default()
        }
    }

    fn executed(per_call: f64, spread: f64) -> Found {
        Found {
            instructions: Some(Instructions {
                calls: 6,
                per_call,
                spread,
                exact: spread <= 0.001,
                caches: None,
            }),
            ..allocated(1.0, 8.0)
        }
    }

    #[derive(Clone, Copy)]
    struct Run<'a> {
        bench: &'a str,
        toolchain: &'a str,
        unoptimised: bool,
        gone: &'a [String],
    }

    const RUN: Run<'_> = Run {
        bench: "hot",
        toolchain: "x, rustc 1.95.0",
        unoptimised: false,
        gone: &[],
    };

    fn blessing(text: Option<&str>, run: Run<'_>, cases: &[(&str, Found)]) -> Blessing {
        let blessings = parse(text.unwrap_or_default(), run.bench).expect("in order");
        let findings = Findings {
            bench: run.bench,
            toolchain: run.toolchain,
            blessings: &blessings,
            unoptimised: run.unoptimised,
            cases,
            gone: run.gone,
        };
        let blessing = bless(text, findings).expect("TOML");
        parse(&blessing.text, run.bench).expect("what is written can be read");
        blessing
    }

    fn blessed(text: &str, cases: &[(&str, Found)]) -> String {
        blessing(Some(text), RUN, cases).text
    }

    #[test]
    fn a_file_with_crlf_or_a_byte_order_mark_keeps_them() {
        let plain = "# Ours.\n\n[hot.\"a\"]\nallocs = 1 # one\nbytes = 8\n\n[hot.\"b\"]\nallocs = 2\nbytes = 8\n";
        let crlf = plain.replace('\n', "\r\n");
        for text in [
            plain.to_owned(),
            crlf.clone(),
            format!("\u{feff}{plain}"),
            format!("\u{feff}{crlf}"),
        ] {
            let same = [("a", allocated(1.0, 8.0)), ("b", allocated(2.0, 8.0))];
            let again = blessing(Some(&text), RUN, &same);
            assert_eq!(
                (again.text.as_str(), again.changes.len()),
                (text.as_str(), 0)
            );
            let changed = [("a", allocated(3.0, 8.0)), ("b", allocated(2.0, 8.0))];
            let expected = text.replace("allocs = 1", "allocs = 3");
            assert_eq!(blessed(&text, &changed), expected);
            let added = blessed(&text, &[("c", allocated(0.0, 0.0))]);
            let end = "\n[hot.c]\nallocs = 0\nbytes = 0\n";
            let end = if text.contains('\r') {
                end.replace('\n', "\r\n")
            } else {
                end.to_owned()
            };
            assert_eq!(added, format!("{text}{end}"));
        }
    }

    #[test]
    fn a_file_of_which_nothing_has_changed_is_as_it_was() {
        // Neither sorted nor spaced as it would be written.
        let text = "[hot.b]\nallocs=1\nbytes=8\n[hot.a]\nallocs  =  1\nbytes=8";
        let cases = [("a", allocated(1.0, 8.0)), ("b", allocated(1.0, 8.0))];
        let again = blessing(Some(text), RUN, &cases);
        assert_eq!((again.text.as_str(), again.changes.len()), (text, 0));
    }

    #[test]
    fn a_new_file_explains_itself_and_has_the_cases_sorted() {
        let cases = [
            ("app::b/x \"y\"", allocated(1.5, 12.0)),
            ("app::a", executed(1234.4, 0.0)),
        ];
        let new = blessing(None, RUN, &cases);
        let (header, rest) = new.text.split_once("\n\n").expect("a header");
        assert!(header.lines().all(|line| line.starts_with('#')), "{header}");
        assert_eq!(
            rest,
            r#"tolerance = "3 %"

[hot."app::a"]
allocs = 1
bytes = 8
instructions = { "x, rustc 1.95.0" = 1234 }

[hot.'app::b/x "y"']
allocs = 1.5
bytes = 12
"#
        );
        assert_eq!(
            new.changes[0],
            (
                "app::a".to_owned(),
                "new: allocs 1, bytes 8, instructions 1,234".to_owned()
            )
        );
        let again = blessing(Some(&new.text), RUN, &cases);
        assert_eq!((again.text, again.changes), (new.text, Vec::new()));
    }

    #[test]
    fn what_the_user_has_written_stays() {
        let text = r#"# Ours.

# Of the parser.
[hot."app::b"]
bytes = 1_0 # as of May
# Not less:
tolerance = "9 %"
allocs=2

# Of the printer.
[hot."app::c"]
allocs = 7
bytes = 70
"#;
        assert_eq!(blessed(text, &[("app::b", allocated(2.0, 10.0))]), text);
        let cases = [
            ("app::b", allocated(1.0, 10.0)),
            ("app::a", allocated(0.0, 0.0)),
        ];
        // What stands above the first case, but apart from it, is of the file.
        assert_eq!(
            blessed(text, &cases),
            r#"# Ours.

[hot."app::a"]
allocs = 0
bytes = 0

# Of the parser.
[hot."app::b"]
bytes = 1_0 # as of May
# Not less:
tolerance = "9 %"
allocs=1

# Of the printer.
[hot."app::c"]
allocs = 7
bytes = 70
"#
        );
    }

    #[test]
    fn what_is_gone_goes_with_its_comments_and_the_other_bench_target_stays() {
        let text = "# Ours.\n\n# Of a.\n[hot.a]\nallocs = 1\n\n[other.a]\nallocs = 2\n";
        let gone = ["a".to_owned()];
        let run = Run { gone: &gone, ..RUN };
        let left = blessing(Some(text), run, &[]);
        assert_eq!(left.text, "# Ours.\n\n[other.a]\nallocs = 2\n");
        assert_eq!(
            left.changes,
            [("a".to_owned(), "gone, and removed".to_owned())]
        );
        let run = Run {
            bench: "other",
            ..run
        };
        let left = blessing(Some(&left.text), run, &[]);
        assert_eq!(left.text, "# Ours.\n");
    }

    #[test]
    fn bench_targets_of_one_package_have_tables_of_their_own() {
        let text = blessed("", &[("app::f", allocated(1.0, 8.0))]);
        let run = Run {
            bench: "cold",
            ..RUN
        };
        let both = blessing(Some(&text), run, &[("app::f", allocated(2.0, 8.0))]);
        assert_eq!(
            both.text.trim_start(),
            "[cold.\"app::f\"]\nallocs = 2\nbytes = 8\n\n[hot.\"app::f\"]\nallocs = 1\nbytes = 8\n"
        );
    }

    #[test]
    fn each_compiler_has_its_instructions() {
        let text = blessed("", &[("f", executed(100.0, 0.0))]);
        let run = Run {
            toolchain: "a, rustc 1.96.0",
            ..RUN
        };
        let both = blessing(Some(&text), run, &[("f", executed(90.0, 0.0))]);
        let line = r#"instructions = { "a, rustc 1.96.0" = 90, "x, rustc 1.95.0" = 100 }"#;
        assert!(both.text.contains(line), "{}", both.text);
        assert_eq!(both.changes[0].1, "instructions 90");
        // As it is written by hand.
        let tables = "[hot.f]\nallocs = 1\nbytes = 8\n[hot.f.instructions]\n# Mine.\n\"x, rustc 1.95.0\" = 100\n";
        let more = blessed(tables, &[("f", executed(200.0, 0.0))]);
        assert_eq!(more, tables.replace("100", "200"));
    }

    #[test]
    fn what_moves_within_the_tolerance_stays_and_what_is_not_counted_too() {
        let text = blessed("", &[("f", executed(1000.0, 0.0))]);
        for same in [
            executed(1030.0, 0.0),
            executed(970.0, 0.0),
            allocated(1.0, 8.0),
        ] {
            assert_eq!(blessed(&text, &[("f", same)]), text);
        }
        assert!(blessed(&text, &[("f", executed(969.0, 0.0))]).contains("= 969 }"));
        assert!(blessed(&text, &[("f", executed(1031.0, 0.0))]).contains("= 1031 }"));
    }

    #[test]
    fn calls_that_differ_are_blessed_where_the_case_tolerates_it() {
        let differs = [("f", executed(100.0, 0.02))];
        let left = blessing(Some(""), RUN, &differs);
        assert_eq!(left.unlike, ["f"]);
        assert!(!left.text.contains("instructions"), "{}", left.text);
        let text = format!("{}tolerance = \"4 %\"\n", left.text);
        let tolerated = blessing(Some(&text), RUN, &differs);
        assert!(tolerated.unlike.is_empty());
        assert!(
            tolerated.text.contains("instructions"),
            "{}",
            tolerated.text
        );
    }

    #[test]
    fn an_unoptimised_build_writes_what_differs_alone() {
        let run = Run {
            unoptimised: true,
            ..RUN
        };
        let text = blessed("", &[("f", allocated(1.0, 8.0))]);
        let same = blessing(Some(&text), run, &[("f", allocated(1.0, 8.0))]);
        assert_eq!((same.text.as_str(), same.changes.len()), (text.as_str(), 0));
        let more = blessing(Some(&text), run, &[("f", allocated(2.0, 16.0))]);
        assert_eq!(
            more.text,
            format!("{text}unoptimised = {{ allocs = 2, bytes = 16 }}\n")
        );
        let less = blessing(Some(&more.text), run, &[("f", allocated(1.0, 8.0))]);
        assert_eq!(less.text, text);
        let none = blessing(Some(&text), run, &[("g", allocated(1.0, 8.0))]);
        assert_eq!(
            (none.text.as_str(), none.unblessed),
            (text.as_str(), vec!["g".to_owned()])
        );
    }
}
