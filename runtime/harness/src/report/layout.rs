//! A table of named rows in so many columns of a terminal: what doesn't fit beside comes below.

use std::iter;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::console::Tone;

/// Between columns.
const GAP: usize = 2;
/// Before the name of a row.
const INDENT: &str = "  ";
/// A name that is longer may have to stand on a line of its own, for the figures beside it.
const SHORT: usize = 28;
/// Where nothing limits the width, a longer name does so all the same: one would push all figures away.
const LONG: usize = 100;
/// Narrower, and nothing can be laid out.
const NARROWEST: usize = 20;

pub(super) struct Column<'a> {
    pub(super) title: &'a str,
    pub(super) alignment: CellAlignment,
}

/// Text, and what it is to those who see colours.
#[derive(Debug, Clone, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) tone: Option<Tone>,
}

pub(super) struct Row {
    /// What a number of rows in turn are under.
    pub(super) heading: String,
    pub(super) name: String,
    /// One for each column.
    pub(super) cells: Vec<Option<Cell>>,
    /// What stands below them, in a line where there is room, and else broken between any two.
    pub(super) below: Vec<Cell>,
}

/// The table, with `title` over the names; `paint` is for the text of cells that have a tone.
pub(super) fn lay_out(
    title: &str,
    columns: &[Column],
    rows: &[Row],
    width: Option<usize>,
    paint: impl Fn(Tone, &str) -> String,
) -> String {
    let rows: Vec<Row> = rows.iter().map(printable).collect();
    let rows: Vec<&Row> = rows.iter().collect();
    let limit = width.map(|width| width.max(NARROWEST));
    let mut text = String::new();
    let mut has_below = true;
    for block in blocks(columns, &rows, limit) {
        if !text.is_empty() {
            text.push('\n');
        }
        let block = Block {
            columns: block,
            has_below: std::mem::take(&mut has_below),
        };
        render(title, columns, &rows, &block, limit, &paint, &mut text);
    }
    text
}

/// A line break in a name would break the table.
fn printable(row: &Row) -> Row {
    let escaped = |text: &str| {
        let escape = |c: char| -> String {
            if c.is_control() {
                c.escape_default().collect()
            } else {
                c.into()
            }
        };
        text.chars().map(escape).collect()
    };
    Row {
        heading: escaped(&row.heading),
        name: format!("{INDENT}{}", escaped(&row.name)),
        cells: row.cells.clone(),
        below: row.below.clone(),
    }
}

/// Columns that stand side by side.
struct Block {
    /// Their indices.
    columns: Vec<usize>,
    /// What is below the rows is said once.
    has_below: bool,
}

fn blocks(columns: &[Column], rows: &[&Row], limit: Option<usize>) -> Vec<Vec<usize>> {
    let Some(limit) = limit else {
        return vec![(0..columns.len()).collect()];
    };
    let names = longest_name(rows).min(SHORT);
    let mut blocks: Vec<Vec<usize>> = vec![Vec::new()];
    let mut taken = names;
    for (index, column) in columns.iter().enumerate() {
        let needed = GAP + column_width(column, index, rows);
        if taken + needed > limit && blocks.last().is_some_and(|block| !block.is_empty()) {
            blocks.push(Vec::new());
            taken = names;
        }
        taken += needed;
        if let Some(block) = blocks.last_mut() {
            block.push(index);
        }
    }
    blocks
}

fn longest_name(rows: &[&Row]) -> usize {
    rows.iter().map(|row| row.name.width()).max().unwrap_or(0)
}

fn column_width(column: &Column, index: usize, rows: &[&Row]) -> usize {
    let cells = rows.iter().filter_map(|row| row.cells[index].as_ref());
    let widths = cells.map(|cell| cell.text.width());
    let widths = widths.chain(iter::once(column.title.width()));
    widths.max().unwrap_or(0)
}

fn render(
    title: &str,
    columns: &[Column],
    rows: &[&Row],
    block: &Block,
    limit: Option<usize>,
    paint: &impl Fn(Tone, &str) -> String,
    text: &mut String,
) {
    let Block {
        columns: block,
        has_below,
    } = block;
    let rows: Vec<&Row> = rows
        .iter()
        .copied()
        .filter(|row| block.iter().any(|&index| row.cells[index].is_some()))
        .collect();
    let figures: usize = block
        .iter()
        .map(|&index| GAP + column_width(&columns[index], index, &rows))
        .sum();
    let names = limit.map_or(LONG, |limit| limit.saturating_sub(figures));
    let fits = |row: &Row| row.name.width() <= names;
    let mut table = Table::new();
    table.load_preset(NOTHING);
    let titles = block.iter().map(|&index| columns[index].title);
    table.set_header(iter::once(title).chain(titles));
    for row in &rows {
        let name = if fits(row) { &row.name } else { "" };
        let cells = block
            .iter()
            .map(|&index| row.cells[index].as_ref().map_or("", |cell| &cell.text));
        table.add_row(iter::once(name).chain(cells));
    }
    let alignments = block.iter().map(|&index| columns[index].alignment);
    let alignments = iter::once(CellAlignment::Left).chain(alignments);
    for (column, alignment) in table.column_iter_mut().zip(alignments) {
        column.set_padding((0, GAP as u16));
        column.set_cell_alignment(alignment);
    }
    let mut lines = table.lines();
    let mut push = |line: &str| {
        text.push_str(line.trim_end());
        text.push('\n');
    };
    push(&lines.next().unwrap_or_default());
    let mut heading = "";
    for (row, line) in rows.iter().zip(lines) {
        if row.heading != heading {
            heading = &row.heading;
            wrap(heading, limit).iter().for_each(|line| push(line));
        }
        if !fits(row) {
            wrap(&row.name, limit).iter().for_each(|line| push(line));
        }
        let cells = block.iter().filter_map(|&index| row.cells[index].as_ref());
        push(&painted(line, cells, paint));
        if *has_below {
            below(row, limit, paint).iter().for_each(|line| push(line));
        }
    }
}

/// The lines below a row.
fn below(row: &Row, limit: Option<usize>, paint: &impl Fn(Tone, &str) -> String) -> Vec<String> {
    const DEEPER: &str = "    ";
    let mut lines: Vec<String> = Vec::new();
    let mut taken = 0;
    for cell in &row.below {
        let parts = wrap(&cell.text, limit.map(|limit| limit - DEEPER.len()));
        for part in parts {
            let part = part.trim_start();
            let width = part.width();
            let painted = match cell.tone {
                Some(tone) => paint(tone, part),
                None => part.to_owned(),
            };
            let fits = limit.is_none_or(|limit| taken + 1 + width <= limit);
            match lines.last_mut().filter(|_| fits) {
                Some(line) => {
                    *line += &format!(" {painted}");
                    taken += 1 + width;
                }
                None => {
                    lines.push(format!("{DEEPER}{painted}"));
                    taken = DEEPER.len() + width;
                }
            }
        }
    }
    lines
}

/// The texts of the cells are found from the right, one before the other: a name in which they might stand, too, is
/// on the left.
fn painted<'a>(
    mut line: String,
    cells: impl DoubleEndedIterator<Item = &'a Cell>,
    paint: &impl Fn(Tone, &str) -> String,
) -> String {
    let mut end = line.len();
    for cell in cells.rev() {
        let Some(start) = line[..end].rfind(&cell.text) else {
            continue;
        };
        if let Some(tone) = cell.tone {
            line.replace_range(start..start + cell.text.len(), &paint(tone, &cell.text));
        }
        end = start;
    }
    line
}

/// Lines of at most this width: of text without spaces, so broken anywhere.
fn wrap(text: &str, limit: Option<usize>) -> Vec<String> {
    let Some(limit) = limit else {
        return vec![text.to_owned()];
    };
    let mut lines = vec![String::new()];
    let mut taken = 0;
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if taken + width > limit {
            lines.push(INDENT.to_owned());
            taken = INDENT.len();
        }
        taken += width;
        if let Some(line) = lines.last_mut() {
            line.push(c);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use comfy_table::CellAlignment;
    use unicode_width::UnicodeWidthStr;

    use super::{Cell, Column, Row, lay_out};
    use crate::report::console::Tone;

    const COLUMNS: [Column; 2] = [
        Column {
            title: "time",
            alignment: CellAlignment::Right,
        },
        Column {
            title: "vs baseline",
            alignment: CellAlignment::Left,
        },
    ];

    fn row(name: &str, cells: [Option<&str>; 2]) -> Row {
        let cell = |text: &str| Cell {
            text: text.to_owned(),
            tone: Some(Tone::Good),
        };
        Row {
            heading: "app::parse".to_owned(),
            name: name.to_owned(),
            cells: cells.map(|text| text.map(cell)).into(),
            below: Vec::new(),
        }
    }

    fn plain(rows: &[Row], width: Option<usize>) -> String {
        lay_out("case", &COLUMNS, rows, width, |_, text| text.to_owned())
    }

    #[test]
    fn what_fits_stands_side_by_side() {
        let rows = [
            row("line", [Some("1.000 µs"), Some("baseline")]),
            row("word", [Some("12.0 ns"), None]),
        ];
        let table = "\
case        time  vs baseline
app::parse
  line  1.000 µs  baseline
  word   12.0 ns
";
        assert_eq!(plain(&rows, None), table);
        assert_eq!(plain(&rows, Some(29)), table);
        // One less, and the last column comes below, for the rows that have it.
        let table = "\
case        time
app::parse
  line  1.000 µs
  word   12.0 ns

case    vs baseline
app::parse
  line  baseline
";
        assert_eq!(plain(&rows, Some(28)), table);
    }

    #[test]
    fn what_is_below_a_row_is_said_once_and_broken_where_it_may() {
        let pieces = ["allocs 3 → 4 (+1: src/parse.rs:88),", "bytes 512 B → 768 B"];
        let below = pieces.map(|text| Cell {
            text: text.to_owned(),
            tone: None,
        });
        let rows = [Row {
            below: below.into(),
            ..row("line", [Some("1.000 µs"), Some("baseline")])
        }];
        let table = "\
case        time  vs baseline
app::parse
  line  1.000 µs  baseline
    allocs 3 → 4 (+1: src/parse.rs:88), bytes 512 B → 768 B
";
        assert_eq!(plain(&rows, None), table);
        let table = "\
case        time  vs baseline
app::parse
  line  1.000 µs  baseline
    allocs 3 → 4 (+1: src/parse.rs:88),
    bytes 512 B → 768 B
";
        assert_eq!(plain(&rows, Some(40)), table);
        for width in 24..60 {
            let table = plain(&rows, Some(width));
            let widest = table.lines().map(UnicodeWidthStr::width).max();
            assert!(widest <= Some(width), "{table}");
            assert_eq!(table.matches("768").count(), 1, "{table}");
        }
    }

    #[test]
    fn a_long_name_has_a_line_of_its_own() {
        let long = "x".repeat(300);
        let rows = [
            row("line", [Some("1.000 µs"), None]),
            row(&long, [Some("12.0 ns"), None]),
        ];
        for width in [20, 80, 120] {
            let table = plain(&rows, Some(width));
            let widest = table.lines().map(UnicodeWidthStr::width).max();
            assert!(widest <= Some(width), "{table}");
            assert_eq!(table.matches('x').count(), 300, "{table}");
            assert!(table.contains("12.0 ns"), "{table}");
        }
        // And pushes the others' figures away nowhere.
        let first = plain(&rows, None);
        assert!(first.lines().next().unwrap().width() < 40, "{first}");
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let rows = [
            row("長い名前", [Some("1.000 µs"), None]),
            row("abcd", [Some("1.000 µs"), None]),
        ];
        let table = plain(&rows, Some(80));
        let ends: Vec<usize> = table.lines().skip(2).map(UnicodeWidthStr::width).collect();
        assert_eq!(ends[0], ends[1], "{table}");
        let rows = [row(&"長".repeat(60), [Some("1.000 µs"), None])];
        let table = plain(&rows, Some(40));
        assert!(table.lines().all(|line| line.width() <= 40), "{table}");
    }

    #[test]
    fn a_cell_is_painted_and_a_name_like_it_is_not() {
        let rows = [row("FAILED", [Some("FAILED"), None])];
        let table = lay_out("case", &COLUMNS, &rows, None, |_, text| format!("<{text}>"));
        assert!(table.contains("  FAILED  <FAILED>\n"), "{table}");
        let rows = [row("line", [Some("same"), Some("same")])];
        let table = lay_out("case", &COLUMNS, &rows, None, |_, text| format!("<{text}>"));
        assert!(table.contains("  line  <same>  <same>\n"), "{table}");
    }

    #[test]
    fn a_line_break_in_a_name_breaks_no_table() {
        let rows = [row("a\nb\t", [Some("1 ns"), None])];
        assert!(plain(&rows, None).contains("  a\\nb\\t"));
    }
}
