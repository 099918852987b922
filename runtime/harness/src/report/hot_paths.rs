//! The hot paths that a test run has reached, and the list of all.

use std::fmt;

use comfy_table::CellAlignment;
use serde::{Deserialize, Serialize};

use super::arrange::split_id;
use super::console::Console;
use super::layout::{self, Cell, Column, Row};
use super::units;
use hotbench_guard::text;

/// Of the list's document. Raised whenever a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

/// Which of the hot paths no case and no test has reached.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct HotPaths {
    pub(crate) total: usize,
    pub(crate) reached: usize,
    /// Whether the run fails where one is not reached.
    pub(crate) required: bool,
    pub(crate) not_reached: Vec<NotReached>,
}

/// Such a hot path.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NotReached {
    pub(crate) function: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    /// Whether the guard is live in it, else it leaves no mark here.
    pub(crate) live: bool,
}

impl HotPaths {
    /// Whether that is as it was required.
    pub(crate) fn holds(&self) -> bool {
        !self.required || self.not_reached.is_empty()
    }
}

impl fmt::Display for HotPaths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = text::thousands(self.total as u64);
        if self.not_reached.is_empty() {
            return match self.total {
                0 => f.write_str("hot paths: there is none, for no function has `#[hot]`"),
                1 => f.write_str("hot paths: the only one is reached"),
                _ => write!(f, "hot paths: all {total} reached"),
            };
        }
        let reached = text::thousands(self.reached as u64);
        write!(f, "hot paths: {reached} of {total} reached; not reached:")?;
        for path in &self.not_reached {
            write!(f, "\n    {path}")?;
            if !path.live {
                f.write_str(", in which the guard is not live in this build")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for NotReached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}:{})", self.function, self.file, self.line)
    }
}

/// A hot path, as `--list-hot` has it.
#[derive(Debug, Serialize)]
pub(crate) struct Listed {
    pub(crate) function: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) max_allocs: Option<u64>,
    pub(crate) max_bytes: Option<u64>,
    /// Calls of a process that the budget does not hold for.
    pub(crate) warmup: u64,
    /// Whether it has `#[no_alloc]`, too.
    pub(crate) no_alloc: bool,
    /// Whether the guard is live in it.
    pub(crate) live: bool,
    /// The ids of those that call it, without their sweeps' values.
    pub(crate) cases: Vec<String>,
}

/// All that were selected.
#[derive(Debug, Serialize)]
pub(crate) struct List {
    schema: u32,
    pub(crate) hot_paths: Vec<Listed>,
    pub(crate) filtered_out: usize,
}

impl List {
    pub(crate) fn new(hot_paths: Vec<Listed>, filtered_out: usize) -> Self {
        Self {
            schema: SCHEMA,
            hot_paths,
            filtered_out,
        }
    }
}

pub(crate) fn print_json(console: &mut Console, list: &List) {
    match serde_json::to_string(list) {
        Ok(text) => console.line(text),
        // Its keys are strings, and its numbers are whole.
        Err(error) => unreachable!("the list has a form that JSON has not: {error}"),
    }
}

/// A table, and below it how many there are.
pub(crate) fn print_table(console: &mut Console, list: &List) {
    let paths = &list.hot_paths;
    if !paths.is_empty() {
        let table = render(paths, console.width());
        console.print(&format!("{table}\n"));
    }
    let live = paths.iter().filter(|path| path.live).count();
    let filtered_out = match list.filtered_out {
        0 => String::new(),
        n => format!(", {} filtered out", text::thousands(n as u64)),
    };
    console.line(format_args!(
        "{}, guard live on {}{filtered_out}",
        text::count(paths.len() as u64, "hot path"),
        text::thousands(live as u64)
    ));
}

fn render(paths: &[Listed], width: Option<usize>) -> String {
    let mut rows: Vec<Row> = paths.iter().map(row).collect();
    // A column in which no row has a cell is left out.
    let is_used: Vec<bool> = (0..COLUMNS.len())
        .map(|index| rows.iter().any(|row| row.cells[index].is_some()))
        .collect();
    for row in &mut rows {
        let mut used = is_used.iter();
        row.cells.retain(|_| used.next() == Some(&true));
    }
    let columns = COLUMNS.into_iter().zip(&is_used);
    let columns: Vec<Column> = columns
        .filter_map(|(column, &is_used)| is_used.then_some(column))
        .collect();
    // No cell has a tone.
    layout::lay_out("hot path", &columns, &rows, width, |_, text| {
        text.to_owned()
    })
}

const COLUMNS: [Column; 5] = [
    Column {
        title: "budget",
        alignment: CellAlignment::Left,
    },
    Column {
        title: "warm-up",
        alignment: CellAlignment::Right,
    },
    Column {
        title: "guard",
        alignment: CellAlignment::Left,
    },
    Column {
        title: "cases",
        alignment: CellAlignment::Right,
    },
    Column {
        title: "place",
        alignment: CellAlignment::Left,
    },
];

fn row(path: &Listed) -> Row {
    let (heading, name) = split_id(&path.function);
    let counted = |n: u64| (n > 0).then(|| text::thousands(n));
    let cells = [
        budget(path),
        counted(path.warmup),
        path.live.then(|| "live".to_owned()),
        counted(path.cases.len() as u64),
        Some(format!("{}:{}", path.file, path.line)),
    ];
    let cell = |text| Cell { text, tone: None };
    Row {
        heading: heading.to_owned(),
        name: name.to_owned(),
        cells: cells.map(|text| text.map(cell)).into(),
        below: Vec::new(),
    }
}

fn budget(path: &Listed) -> Option<String> {
    let none = path.no_alloc.then(|| "no_alloc".to_owned());
    let allocs = path
        .max_allocs
        .map(|n| format!("≤ {}", text::count(n, "alloc")));
    let bytes = path
        .max_bytes
        .map(|n| format!("≤ {}", units::bytes(n as f64)));
    let limits: Vec<String> = [none, allocs, bytes].into_iter().flatten().collect();
    (!limits.is_empty()).then(|| limits.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{HotPaths, Listed, NotReached, budget, render};

    fn paths(total: usize, not_reached: &[&str]) -> HotPaths {
        let path = |function: &&str| NotReached {
            function: (*function).to_owned(),
            file: "src/lib.rs".to_owned(),
            line: 7,
            live: *function != "app::inert",
        };
        HotPaths {
            total,
            reached: total - not_reached.len(),
            required: true,
            not_reached: not_reached.iter().map(path).collect(),
        }
    }

    #[test]
    fn those_that_are_not_reached_are_named_with_their_places() {
        let some = paths(16, &["app::f", "app::inert"]);
        assert_eq!(
            some.to_string(),
            "hot paths: 14 of 16 reached; not reached:\n    app::f (src/lib.rs:7)\n    app::inert \
             (src/lib.rs:7), in which the guard is not live in this build"
        );
        assert!(!some.holds());
        assert!(
            HotPaths {
                required: false,
                ..some
            }
            .holds()
        );
        let all = paths(16, &[]);
        assert_eq!(all.to_string(), "hot paths: all 16 reached");
        assert!(all.holds());
    }

    fn listed() -> Listed {
        Listed {
            function: "app::f".to_owned(),
            file: "src/lib.rs".to_owned(),
            line: 7,
            column: 4,
            max_allocs: None,
            max_bytes: None,
            warmup: 0,
            no_alloc: false,
            live: true,
            cases: Vec::new(),
        }
    }

    #[test]
    fn a_column_that_says_nothing_is_left_out() {
        let inert = Listed {
            live: false,
            max_allocs: Some(4),
            ..listed()
        };
        let table = "\
hot path  budget      guard  place
app
  f                   live   src/lib.rs:7
  f       ≤ 4 allocs         src/lib.rs:7
";
        assert_eq!(render(&[listed(), inert], None), table);
        let table = "hot path  guard  place\napp\n  f       live   src/lib.rs:7\n";
        assert_eq!(render(&[listed()], None), table);
    }

    #[test]
    fn a_budget_is_all_that_is_held() {
        let path = listed();
        assert_eq!(budget(&path), None);
        let one = Listed {
            max_allocs: Some(1),
            max_bytes: Some(2048),
            ..path
        };
        assert_eq!(budget(&one).as_deref(), Some("≤ 1 alloc, ≤ 2,048 B"));
        let none = Listed {
            max_allocs: None,
            no_alloc: true,
            ..one
        };
        assert_eq!(budget(&none).as_deref(), Some("no_alloc, ≤ 2,048 B"));
    }
}
