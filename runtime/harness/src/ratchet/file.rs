//! The file, read: what is wrong with it is found here, all at once and each with its place.

use std::collections::BTreeMap;
use std::ops::Range;

use toml_edit::{Document, Item, Key, TableLike, Value};

use super::diagnostic::Problem;

/// Of instructions, where the file does not say. What does not allocate takes as many in every run. What does takes
/// the more or the less, the fuller or the emptier the heap is that it finds: of the playbook's cases one moved by
/// 1.7 % from run to run. A filter or another libc moves it likewise.
pub(super) const TOLERANCE: f64 = 0.03;

/// The keys of a case.
const KEYS: [&str; 5] = [ALLOCS, BYTES, INSTRUCTIONS, TOLERANCE_KEY, UNOPTIMISED];
pub(super) const ALLOCS: &str = "allocs";
pub(super) const BYTES: &str = "bytes";
pub(super) const INSTRUCTIONS: &str = "instructions";
pub(super) const TOLERANCE_KEY: &str = "tolerance";
pub(super) const UNOPTIMISED: &str = "unoptimised";

/// Names that are so much alike, of a thousand, may be one that was mistyped.
const ALIKE: u32 = 600;

/// What the file has of one bench target.
#[derive(Debug)]
pub(super) struct Blessings {
    pub(super) tolerance: f64,
    pub(super) cases: BTreeMap<String, Blessed>,
}

impl Default for Blessings {
    fn default() -> Self {
        Self {
            tolerance: TOLERANCE,
            cases: BTreeMap::new(),
        }
    }
}

/// What it has of a case, in bytes of the text.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Blessed {
    /// Of the id.
    pub(super) span: Range<usize>,
    pub(super) allocations: Allocations,
    /// Of builds with debug assertions, where they differ.
    pub(super) unoptimised: Option<Allocations>,
    /// By target and compiler.
    pub(super) instructions: BTreeMap<String, Spot>,
    pub(super) tolerance: Option<f64>,
}

/// What one call may allocate. What is not there is not held.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Allocations {
    pub(super) allocs: Option<Spot>,
    pub(super) bytes: Option<Spot>,
}

/// A figure and where it stands.
#[derive(Debug, PartialEq)]
pub(super) struct Spot {
    pub(super) value: f64,
    pub(super) span: Range<usize>,
}

/// Reads what `text` has of a bench target. All of it has to be in order.
///
/// # Errors
///
/// What is wrong with it.
pub(super) fn parse(text: &str, bench: &str) -> Result<Blessings, Vec<Problem>> {
    if let Some(problem) = conflict(text) {
        return Err(vec![problem]);
    }
    let document = Document::parse(text).map_err(|error| {
        vec![Problem {
            title: "this is no TOML".to_owned(),
            span: error.span().unwrap_or(text.len()..text.len()),
            label: error.message().to_owned(),
            help: None,
        }]
    })?;
    let mut reader = Reader::default();
    let mut blessings = Blessings::default();
    for (key, item) in entries(document.as_table()) {
        if key.get() == TOLERANCE_KEY {
            blessings.tolerance = reader.tolerance(key, item).unwrap_or(TOLERANCE);
            continue;
        }
        let expected = "`tolerance`, or a table of a bench target's cases";
        let Some(cases) = reader.table(key, item, expected) else {
            continue;
        };
        for (id, item) in entries(cases) {
            let blessed = reader.blessed(id, item);
            if let Some(blessed) = blessed.filter(|_| key.get() == bench) {
                blessings.cases.insert(id.get().to_owned(), blessed);
            }
        }
    }
    if reader.problems.is_empty() {
        Ok(blessings)
    } else {
        Err(reader.problems)
    }
}

/// What a merge has left behind, which TOML's own words would not explain.
fn conflict(text: &str) -> Option<Problem> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.trim_end().len();
        if line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>") {
            return Some(Problem {
                title: "a merge has left a conflict here".to_owned(),
                span: start..end,
                label: "expected one of the two sides".to_owned(),
                help: Some(
                    "keep either side: `--bless` then writes what the merged code takes".to_owned(),
                ),
            });
        }
        start += line.len();
    }
    None
}

fn entries(table: &dyn TableLike) -> impl Iterator<Item = (&Key, &Item)> {
    table.iter().filter_map(|(key, _)| table.get_key_value(key))
}

#[derive(Default)]
struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    fn blessed(&mut self, id: &Key, item: &Item) -> Option<Blessed> {
        let mut blessed = Blessed {
            span: id.span().unwrap_or_default(),
            ..Blessed::default()
        };
        let table = self.table(id, item, "a table of the figures of a case")?;
        for (key, item) in entries(table) {
            match key.get() {
                ALLOCS => blessed.allocations.allocs = self.figure(key, item),
                BYTES => blessed.allocations.bytes = self.figure(key, item),
                UNOPTIMISED => blessed.unoptimised = self.unoptimised(key, item),
                TOLERANCE_KEY => blessed.tolerance = self.tolerance(key, item),
                INSTRUCTIONS => blessed.instructions = self.instructions(key, item),
                _ => self.unknown(key, &KEYS),
            }
        }
        Some(blessed)
    }

    fn unoptimised(&mut self, key: &Key, item: &Item) -> Option<Allocations> {
        let table = self.table(key, item, "`{ allocs = …, bytes = … }`")?;
        let mut allocations = Allocations::default();
        for (key, item) in entries(table) {
            match key.get() {
                ALLOCS => allocations.allocs = self.figure(key, item),
                BYTES => allocations.bytes = self.figure(key, item),
                _ => self.unknown(key, &[ALLOCS, BYTES]),
            }
        }
        Some(allocations)
    }

    fn instructions(&mut self, key: &Key, item: &Item) -> BTreeMap<String, Spot> {
        let expected =
            "a number for each compiler: `{ \"x86_64-unknown-linux-gnu, rustc 1.95.0\" = … }`";
        let Some(table) = self.table(key, item, expected) else {
            return BTreeMap::new();
        };
        entries(table)
            .filter_map(|(key, item)| Some((key.get().to_owned(), self.figure(key, item)?)))
            .collect()
    }

    /// Of one call, which may be a mean.
    fn figure(&mut self, key: &Key, item: &Item) -> Option<Spot> {
        const EXPECTED: &str = "a number from 0 up, of one call";
        let value = match item.as_value() {
            Some(Value::Integer(n)) => *n.value() as f64,
            Some(Value::Float(n)) => *n.value(),
            _ => {
                self.wrong(key, item, EXPECTED);
                return None;
            }
        };
        let span = place(key, item);
        if !value.is_finite() || value.is_sign_negative() {
            self.problems.push(Problem {
                title: format!("`{}` can't be {value}", key.get()),
                span,
                label: format!("expected {EXPECTED}"),
                help: None,
            });
            return None;
        }
        Some(Spot { value, span })
    }

    /// As a part of 1.
    fn tolerance(&mut self, key: &Key, item: &Item) -> Option<f64> {
        const EXPECTED: &str = "a per cent in quotes, as in `\"1 %\"`";
        let Some(text) = item.as_str() else {
            self.wrong(key, item, EXPECTED);
            return None;
        };
        let number = text
            .strip_suffix('%')
            .and_then(|number| number.trim_end().parse().ok())
            .filter(|number: &f64| number.is_finite() && *number >= 0.0);
        if number.is_none() {
            self.problems.push(Problem {
                title: format!("`{text}` is no tolerance"),
                span: place(key, item),
                label: format!("expected {EXPECTED}"),
                help: None,
            });
        }
        Some(number? / 100.0)
    }

    fn table<'d>(
        &mut self,
        key: &Key,
        item: &'d Item,
        expected: &str,
    ) -> Option<&'d dyn TableLike> {
        let table = item.as_table_like();
        if table.is_none() {
            self.wrong(key, item, expected);
        }
        table
    }

    fn wrong(&mut self, key: &Key, item: &Item, expected: &str) {
        self.problems.push(Problem {
            title: format!("`{}` can't be a value of this type", key.get()),
            span: place(key, item),
            label: format!("expected {expected}, found {}", kind(item)),
            help: None,
        });
    }

    fn unknown(&mut self, key: &Key, known: &[&str]) {
        let likeness =
            |known: &str| (strsim::normalized_levenshtein(known, key.get()) * 1e3) as u32;
        let nearest = known.iter().max_by_key(|known| likeness(known));
        let nearest = nearest.filter(|known| likeness(known) >= ALIKE);
        let quoted: Vec<String> = known.iter().map(|key| format!("`{key}`")).collect();
        self.problems.push(Problem {
            title: format!("unknown key `{}`", key.get()),
            span: key.span().unwrap_or_default(),
            label: format!("expected one of {}", quoted.join(", ")),
            help: nearest.map(|known| format!("write `{known}`")),
        });
    }
}

/// The value's, or where it has none the key's.
fn place(key: &Key, item: &Item) -> Range<usize> {
    item.as_value()
        .and_then(Value::span)
        .or_else(|| key.span())
        .unwrap_or_default()
}

fn kind(item: &Item) -> &'static str {
    match item.type_name() {
        "integer" => "an integer",
        "float" => "a float",
        "string" => "a string",
        "boolean" => "a boolean",
        "datetime" => "a date",
        "array" => "an array",
        "array of tables" => "an array of tables",
        _ => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::super::diagnostic::Source;
    use super::{Blessings, TOLERANCE, parse};

    const WHOLE: &str = r#"# Ours.
tolerance = "0.5 %"

[hot."app::f/64"]
bytes = 1_024
allocs = 0.5 # by and by
tolerance = "10%"
unoptimised = { allocs = 2, bytes = 32 }
instructions = { "x, rustc 1.95.0" = 1234, "y, rustc 1.94.0" = 1300 }

[other."app::f/64"]
allocs = 9
"#;

    fn parsed(text: &str) -> Blessings {
        let parsed = parse(text, "hot");
        parsed.unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    #[test]
    fn a_file_has_the_figures_of_a_bench_target_and_their_places() {
        let blessings = parsed(WHOLE);
        assert_eq!(blessings.tolerance, 0.005);
        assert_eq!(blessings.cases.len(), 1);
        let case = &blessings.cases["app::f/64"];
        let allocs = case.allocations.allocs.as_ref().expect("a figure");
        assert_eq!(allocs.value, 0.5);
        assert_eq!(&WHOLE[allocs.span.clone()], "0.5");
        assert_eq!(&WHOLE[case.span.clone()], "\"app::f/64\"");
        let unoptimised = case.unoptimised.as_ref().expect("figures");
        let bytes = unoptimised.bytes.as_ref().expect("a figure");
        assert_eq!(bytes.value, 32.0);
        assert_eq!(case.instructions["y, rustc 1.94.0"].value, 1300.0);
        assert_eq!(case.tolerance, Some(0.1));
        assert_eq!(parsed("").tolerance, TOLERANCE);
    }

    /// What is said of a text.
    fn said(text: &str) -> String {
        let problems = parse(text, "hot").expect_err("problems");
        let file = "benches/hotbench.toml";
        Source { file, text }.problems(&problems)
    }

    #[test]
    fn what_a_merge_has_left_is_named_as_such() {
        assert_eq!(
            said("[hot.\"f\"]\n<<<<<<< HEAD\nallocs = 1\n=======\nallocs = 2\n>>>>>>> other\n"),
            "\
error: a merge has left a conflict here
 --> benches/hotbench.toml:2:1
  |
2 | <<<<<<< HEAD
  | ^^^^^^^^^^^^ expected one of the two sides
  |
help: keep either side: `--bless` then writes what the merged code takes"
        );
    }

    #[test]
    fn what_is_no_toml_has_its_line() {
        let said = said("[hot.\"f\"]\nallocs = \nbytes = 2\n");
        assert!(
            said.starts_with("error: this is no TOML\n --> benches/hotbench.toml:2:"),
            "{said}"
        );
        assert!(said.contains("2 | allocs = "), "{said}");
        let twice = super::parse("[hot.f]\n[hot.f]\n", "hot");
        assert!(twice.is_err(), "{twice:?}");
        // At the very end.
        assert!(parse("[hot.\"f\"]\nallocs = ", "hot").is_err());
        self::said("[hot.\"f\"]\nallocs = ");
        self::said("[");
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once_each_with_its_line_and_what_was_expected() {
        let text = r#"tolerance = 1
limit = 7

[hot."f"]
allocs = "few"
byte = 1
instructions = 12
unoptimised = { bytes = -1 }
tolerance = "some"

[other."g"]
bytes = nan
"#;
        let said = said(text);
        for (line, expected) in [
            (
                "1 | tolerance = 1",
                "expected a per cent in quotes, as in `\"1 %\"`, found an integer",
            ),
            (
                "2 | limit = 7",
                "expected `tolerance`, or a table of a bench target's cases, found an integer",
            ),
            (
                "5 | allocs = \"few\"",
                "expected a number from 0 up, of one call, found a string",
            ),
            (
                "6 | byte = 1",
                "expected one of `allocs`, `bytes`, `instructions`, `tolerance`, `unoptimised`",
            ),
            (
                "7 | instructions = 12",
                "expected a number for each compiler",
            ),
            (
                "8 | unoptimised = { bytes = -1 }",
                "expected a number from 0 up, of one call",
            ),
            ("9 | tolerance = \"some\"", "expected a per cent in quotes"),
            ("12 | bytes = nan", "expected a number from 0 up"),
        ] {
            let (_, rest) = said
                .split_once(line)
                .unwrap_or_else(|| panic!("{line} is not in\n{said}"));
            let label = rest.lines().nth(1).expect("a label");
            assert!(label.contains(expected), "{label}\n{said}");
        }
        assert!(said.contains("help: write `bytes`"), "{said}");
        assert_eq!(said.matches("error: ").count(), 8, "{said}");
    }
}
