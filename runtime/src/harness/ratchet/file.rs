//! The file, read: what is wrong with it is found here, all at once and each with its place.

use std::collections::BTreeMap;
use std::ops::Range;

use toml_edit::{Document, Item, Key, TableLike, Value};

use super::diagnostic::Problem;

/// Of instructions, where the file does not say. Counts of one executable agree to 0.1 %; of another machine the
/// standard library may take another way through a copy, and an edit elsewhere may move what is inlined. What is
/// worth a look moves more. `--margin` has the same.
pub(super) const TOLERANCE: f64 = 0.01;

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
