//! The profile as people read it: a row for each function, and a second one for an async one, of what
//! its calls took from their first poll on.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

use super::summary::{Function, Spread, Summary};
use crate::text::{count, thousands, times};
use crate::units::{amount, bytes, time};

/// Between columns.
const GAP: u16 = 2;
const COLUMNS: [&str; 12] = [
    "function", "calls", "total", "self", "share", "mean", "p50", "p95", "p99", "max", "allocs",
    "bytes",
];
const NONE: &str = "–";

pub(super) fn render(summary: &Summary) -> String {
    let mut table = Table::new();
    table.load_preset(NOTHING);
    table.set_header(COLUMNS);
    for function in &summary.functions {
        table.add_row(row(function));
        if let Some(until_ready) = until_ready(function) {
            table.add_row(until_ready);
        }
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, GAP));
        column.set_cell_alignment(match index {
            0 => CellAlignment::Left,
            _ => CellAlignment::Right,
        });
    }
    let mut text = format!("profile: {}\n", time(summary.elapsed_ns as f64));
    for line in table.lines() {
        text += line.trim_end();
        text += "\n";
    }
    for note in notes(summary) {
        text += &format!("note: {note}\n");
    }
    text
}

fn row(function: &Function) -> Vec<String> {
    let or_none = |shown: Option<String>| shown.unwrap_or_else(|| NONE.to_owned());
    let mut row = vec![
        function.function.clone(),
        thousands(function.calls),
        time(function.total_ns as f64),
        time(function.self_ns as f64),
        format!("{:.1} %", function.self_share * 100.0),
    ];
    row.extend(spread(&function.call));
    row.push(or_none(function.allocs_per_call.map(amount)));
    row.push(or_none(function.bytes_per_call.map(bytes)));
    row
}

fn until_ready(function: &Function) -> Option<Vec<String>> {
    let until_ready = &function.asynchronous.as_ref()?.until_ready;
    let empty = String::new;
    let mut row = vec![
        "  until ready".to_owned(),
        thousands(until_ready.calls),
        match until_ready.calls {
            0 => NONE.to_owned(),
            _ => time(until_ready.total_ns as f64),
        },
        empty(),
        empty(),
    ];
    row.extend(spread(&until_ready.call));
    row.extend([empty(), empty()]);
    Some(row)
}

fn spread(call: &Spread) -> [String; 5] {
    let Spread {
        mean_ns,
        p50_ns,
        p95_ns,
        p99_ns,
        max_ns,
    } = *call;
    [mean_ns, p50_ns, p95_ns, p99_ns, max_ns].map(|ns| ns.map_or_else(|| NONE.to_owned(), time))
}

/// What the figures don't say.
fn notes(summary: &Summary) -> Vec<String> {
    let mut notes = Vec::new();
    for function in &summary.functions {
        let name = &function.function;
        if function.panicked > 0 {
            notes.push(format!("`{name}` panicked {}", times(function.panicked)));
        }
        let dropped = function.asynchronous.as_ref().map_or(0, |of| of.dropped);
        if dropped > 0 {
            let calls = count(dropped, "call");
            notes.push(format!("{calls} of `{name}` dropped before being ready"));
        }
    }
    match &summary.not_called[..] {
        [] => {}
        [one] => notes.push(format!("`{one}` was not called")),
        several => notes.push(format!(
            "{} were not called",
            count(several.len() as u64, "hot function")
        )),
    }
    let uncounted = |function: &Function| function.calls > 0 && function.allocs_per_call.is_none();
    if summary.functions.iter().any(uncounted) {
        notes.push(
            "allocations are not counted, for this program's allocator is not `hotbench::Alloc`: \
             wrap it, `static ALLOCATOR: hotbench::Alloc<MiMalloc> = hotbench::Alloc::new(MiMalloc);`"
                .to_owned(),
        );
    }
    notes
}
