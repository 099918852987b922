//! Where the memory of cases goes, below their table: for each case its totals, the sites that allocated most,
//! and the file that has all.

use std::cmp::Reverse;

use comfy_table::CellAlignment;

use super::console::Console;
use super::document::Report;
use super::layout::{self, Cell, Column, Row};
use super::measurement::{Heap, HeapSite, Measurement, Symbols};
use super::units;
use hotbench_guard::text;

/// Sites of most bytes, and of most blocks.
const SHOWN: usize = 5;

const COLUMNS: [Column; 6] = [
    figures("bytes"),
    figures("of all"),
    figures("blocks"),
    figures("a call"),
    figures("lifetime"),
    figures("left"),
];

const fn figures(title: &'static str) -> Column<'static> {
    Column {
        title,
        alignment: CellAlignment::Right,
    }
}

/// Which says what opens the files.
const VIEWER: &str = "open these files in the DHAT viewer: `dh_view.html` of Valgrind, which Debian has at \
                      /usr/libexec/valgrind/dh_view.html, or \
                      https://nnethercote.github.io/dh_view/dh_view.html";

/// Prints what was recorded, if anything was.
pub(crate) fn print(console: &mut Console, report: &Report) {
    let heaps = report.cases.iter();
    let heaps: Vec<(&Measurement, &Heap)> = heaps
        .filter_map(|case| Some((case, case.heap.as_ref()?)))
        .collect();
    for (case, heap) in &heaps {
        let text = render(case, heap, console.width());
        console.print(&format!("\n{text}"));
    }
    if heaps.iter().any(|(_, heap)| heap.file.is_some()) {
        console.line(format_args!("\n{VIEWER}"));
    }
}

fn render(case: &Measurement, heap: &Heap, width: Option<usize>) -> String {
    let mut text = format!("{}: {}\n", case.id, totals(heap));
    let by_bytes: Vec<&HeapSite> = heap.sites.iter().take(SHOWN).collect();
    let mut by_blocks: Vec<&HeapSite> = heap.sites.iter().collect();
    by_blocks.sort_by_key(|site| Reverse(site.blocks));
    by_blocks.truncate(SHOWN);
    if !by_bytes.is_empty() {
        text.push_str(&table("site, by bytes", &by_bytes, heap, width));
        if by_blocks != by_bytes {
            text.push_str(&table("site, by blocks", &by_blocks, heap, width));
        }
    }
    let more = by_blocks.iter().filter(|site| !by_bytes.contains(site));
    let shown = by_bytes.iter().chain(more);
    let hints = shown.filter_map(|site| Some((site, site.hint.as_ref()?)));
    for (site, hint) in hints {
        text.push_str(&format!("  hint: {}: {hint}\n", place(site)));
    }
    for remark in remarks(heap) {
        text.push_str(&format!("  note: {remark}\n"));
    }
    if let Some(file) = &heap.file {
        text.push_str(&format!("  {file}\n"));
    }
    text
}

/// `1,000 calls allocated 24,000 B in 3,000 blocks`, and what became of these.
fn totals(heap: &Heap) -> String {
    let calls = text::count(heap.calls, "call");
    let Some(lifetime) = heap.mean_lifetime_ns else {
        return format!("{calls} allocated nothing");
    };
    let held = |bytes: u64, blocks: u64| {
        let bytes = units::bytes(bytes as f64);
        format!("{bytes} in {}", text::count(blocks, "block"))
    };
    let left = match heap.end_blocks {
        0 => "nothing is".to_owned(),
        blocks => held(heap.end_bytes, blocks),
    };
    format!(
        "{calls} allocated {}\n  which lived for {} on average; at most {} at a time; {left} left at the end",
        held(heap.bytes, heap.blocks),
        units::time(lifetime),
        held(heap.max_bytes, heap.max_blocks),
    )
}

fn table(title: &str, sites: &[&HeapSite], heap: &Heap, width: Option<usize>) -> String {
    let rows: Vec<Row> = sites.iter().map(|site| row(site, heap)).collect();
    layout::lay_out(title, &COLUMNS, &rows, width, |_, text| text.to_owned())
}

fn row(site: &HeapSite, heap: &Heap) -> Row {
    let share = site.bytes as f64 / heap.bytes.max(1) as f64 * 100.0;
    let cells = [
        units::bytes(site.bytes as f64),
        format!("{share:.1} %"),
        text::thousands(site.blocks),
        units::amount(site.blocks as f64 / heap.calls.max(1) as f64),
        site.mean_lifetime_ns.map(units::time).unwrap_or_default(),
        units::bytes(site.end_bytes as f64),
    ];
    let cell = |text: String| Some(Cell { text, tone: None });
    let function = site.function.as_deref().filter(|_| site.file.is_some());
    Row {
        heading: String::new(),
        name: format!("{} {}", place(site), function.unwrap_or_default()),
        cells: cells.map(cell).into(),
        below: Vec::new(),
    }
}

/// As much as is known of it.
fn place(site: &HeapSite) -> String {
    match (&site.file, site.line) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        _ => {
            let name = site.function.as_ref().or(site.address.as_ref());
            name.map_or_else(|| "???".to_owned(), Clone::clone)
        }
    }
}

/// What the figures are to be taken with.
fn remarks(heap: &Heap) -> Vec<String> {
    let blocks = |n: u64| text::count(n, "block");
    let of_symbols = match heap.symbols {
        Symbols::Lines => None,
        Symbols::Names => Some(
            "there are no lines, for there is no debug info: write `debug = \"line-tables-only\"` under \
             `[profile.bench]`"
                .to_owned(),
        ),
        Symbols::None => Some(
            "functions have no names, for the program is stripped: write `strip = false` and \
             `debug = \"line-tables-only\"` under `[profile.bench]`"
                .to_owned(),
        ),
    };
    let counted = [
        (
            heap.without_stack,
            "counted without a stack, for there are too many: in the totals alone",
        ),
        (
            heap.not_followed,
            "not followed to the end, for too many are there at a time: of these the totals have what was asked \
             for alone",
        ),
        (
            heap.cut_stacks,
            "with a deeper stack than is kept: the outer frames are left out",
        ),
        (
            heap.broken_stacks,
            "with a stack that ends in code without unwind tables: build it with `-C force-unwind-tables`",
        ),
    ];
    let counted = counted.into_iter().filter(|(n, _)| *n > 0);
    let counted = counted.map(|(n, remark)| format!("{} {remark}", blocks(n)));
    let not_written = heap.not_written.clone();
    let remarks = of_symbols.into_iter().chain(counted);
    remarks.chain(not_written).collect()
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::render;
    use crate::report::measurement::{Heap, HeapSite, Symbols};
    use crate::report::samples::case;

    fn site(line: usize, blocks: u64, bytes: u64) -> HeapSite {
        HeapSite {
            function: Some("app::parse".to_owned()),
            file: Some("src/lib.rs".to_owned()),
            line: Some(line),
            address: None,
            blocks,
            bytes,
            end_bytes: 0,
            mean_lifetime_ns: Some(1_250.0),
            hint: (line == 7).then(|| "this clones".to_owned()),
        }
    }

    fn heap() -> Heap {
        Heap {
            calls: 100,
            blocks: 1_300,
            bytes: 20_000,
            max_blocks: 2,
            max_bytes: 200,
            end_blocks: 0,
            end_bytes: 0,
            mean_lifetime_ns: Some(1_250.0),
            file: Some("target/hotbench/dhat/app.json".to_owned()),
            not_written: None,
            symbols: Symbols::Lines,
            without_stack: 0,
            not_followed: 0,
            cut_stacks: 0,
            broken_stacks: 0,
            number_of_sites: 2,
            sites: vec![site(7, 100, 15_000), site(9, 1_200, 5_000)],
        }
    }

    #[test]
    fn sites_stand_in_their_order_of_bytes_and_of_blocks() {
        let text = render(&case("app::parse"), &heap(), None);
        assert_eq!(
            text,
            "\
app::parse: 100 calls allocated 19.5 KiB in 1,300 blocks
  which lived for 1.250 µs on average; at most 200 B in 2 blocks at a time; nothing is left at the end
site, by bytes                bytes  of all  blocks  a call  lifetime  left
  src/lib.rs:7 app::parse  14.6 KiB  75.0 %     100       1  1.250 µs   0 B
  src/lib.rs:9 app::parse   5,000 B  25.0 %   1,200      12  1.250 µs   0 B
site, by blocks               bytes  of all  blocks  a call  lifetime  left
  src/lib.rs:9 app::parse   5,000 B  25.0 %   1,200      12  1.250 µs   0 B
  src/lib.rs:7 app::parse  14.6 KiB  75.0 %     100       1  1.250 µs   0 B
  hint: src/lib.rs:7: this clones
  target/hotbench/dhat/app.json
"
        );
        // Of one order there is one table.
        let mut same = heap();
        same.sites[0].blocks = 2_000;
        let text = render(&case("app::parse"), &same, None);
        assert!(!text.contains("by blocks"), "{text}");
    }

    #[test]
    fn what_is_left_out_is_said() {
        let mut heap = heap();
        heap.symbols = Symbols::None;
        heap.sites[0].function = None;
        heap.sites[0].file = None;
        heap.sites[0].address = Some("0x55d0".to_owned());
        (heap.without_stack, heap.not_followed) = (3, 1);
        (heap.cut_stacks, heap.broken_stacks) = (4_000, 5);
        let text = render(&case("app::parse"), &heap, Some(80));
        for remark in [
            "  0x55d0 ",
            "note: functions have no names, for the program is stripped",
            "note: 3 blocks counted without a stack",
            "note: 1 block not followed to the end",
            "note: 4,000 blocks with a deeper stack than is kept",
            "note: 5 blocks with a stack that ends in code without unwind tables",
        ] {
            assert!(text.contains(remark), "{remark}\n{text}");
        }
        let is_of_table = |line: &&str| line.contains("site,") || line.contains(" %");
        assert!(
            text.lines()
                .filter(is_of_table)
                .all(|line| line.width() <= 80),
            "{text}"
        );
    }

    #[test]
    fn a_case_that_allocates_nothing_says_so() {
        let mut heap = heap();
        (heap.blocks, heap.mean_lifetime_ns) = (0, None);
        heap.sites.clear();
        let text = render(&case("app::parse"), &heap, None);
        assert!(
            text.starts_with("app::parse: 100 calls allocated nothing\n"),
            "{text}"
        );
        assert!(!text.contains("site"), "{text}");
    }
}
