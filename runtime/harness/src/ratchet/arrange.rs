//! The order of the file, and what it says of itself.

use toml_edit::{DocumentMut, Item, Key, RawString, Table};

use super::file::{ALLOCS, BYTES, INSTRUCTIONS, TOLERANCE, TOLERANCE_KEY, UNOPTIMISED};

/// The bench targets by their names and the cases by their ids, each with what stands above it.
pub(super) fn sort(document: &mut DocumentMut) {
    let by_key = |a: &Key, _: &Item, b: &Key, _: &Item| a.get().cmp(b.get());
    let root = document.as_table_mut();
    let mut position = 0;
    let mut targets: Vec<(String, &mut Table)> = Vec::new();
    for (name, item) in root.iter_mut() {
        if let Item::Table(table) = item {
            table.sort_values_by(by_key);
            targets.push((name.get().to_owned(), table));
        }
    }
    targets.sort_by(|a, b| a.0.cmp(&b.0));
    for (_, table) in targets {
        place(table, &mut position);
    }
}

/// Where a table stands in the text is by its number, not by what it is in.
fn place(table: &mut Table, position: &mut isize) {
    *position += 1;
    table.set_position(Some(*position));
    for (_, item) in table.iter_mut() {
        if let Item::Table(inner) = item {
            place(inner, position);
        }
    }
}

/// What the file says of itself stands above its first table, if it has no `tolerance`. It is no part of that case,
/// from whose own comments an empty line parts it.
pub(super) fn take_header(document: &mut DocumentMut) -> Option<String> {
    let first = first_table(document)?;
    let prefix = first.decor().prefix().and_then(RawString::as_str);
    let prefix = prefix.unwrap_or_default().to_owned();
    let own = match prefix.rsplit_once("\n\n") {
        Some((_, own)) => own,
        None => prefix.trim_start_matches('\n'),
    };
    first.decor_mut().set_prefix(format!("\n{own}"));
    prefix.strip_suffix(own).map(str::to_owned)
}

pub(super) fn put_header(document: &mut DocumentMut, header: Option<String>) {
    let Some(header) = header else { return };
    match first_table(document) {
        Some(first) => {
            let own = first.decor().prefix().and_then(RawString::as_str);
            let own = own.unwrap_or("\n").trim_start_matches('\n');
            let prefix = format!("{header}{own}");
            first.decor_mut().set_prefix(prefix);
        }
        None => document.set_trailing(format!("{}\n", header.trim_end())),
    }
}

/// The one that the text begins with, if it begins with one.
fn first_table(document: &mut DocumentMut) -> Option<&mut Table> {
    let root = document.as_table_mut();
    if root.iter().any(|(_, item)| item.is_value()) {
        return None;
    }
    let mut tables = Vec::new();
    shown_tables(root, &mut tables);
    tables
        .into_iter()
        .min_by_key(|table| table.position().unwrap_or(isize::MAX))
}

/// Those with a header of their own in the text.
fn shown_tables<'a>(table: &'a mut Table, shown: &mut Vec<&'a mut Table>) {
    for (_, item) in table.iter_mut() {
        let Item::Table(inner) = item else { continue };
        if inner.is_implicit() || inner.is_dotted() {
            shown_tables(inner, shown);
        } else {
            shown.push(inner);
        }
    }
}

/// A file that explains itself.
pub(super) fn template(bench: &str) -> String {
    format!(
        "\
# What one call of each case takes, and may take: no more.
#
# `cargo bench --bench {bench} -- --check` and `cargo test` fail where a case takes more, or is gone; `--check` says
# where one takes less. `cargo bench --bench {bench} -- --bless` writes here what the cases take now. Commit this file.
# Cases are sorted; your comments, tolerances, and the order of the keys of a case stay as they are.
#
# {ALLOCS}, {BYTES}   allocations, the mean of ten calls. Held exactly
# {INSTRUCTIONS}    by Callgrind, for each target and compiler. Those of compilers that you no longer use are yours to
#                 delete: `--bless` can't know, and writes those alone that it has counted
# {TOLERANCE_KEY}       how many more instructions are none more; in a case, for that case
# {UNOPTIMISED}     what `cargo test` may find, where that is not what ships: `cargo test --bench {bench} -- --bless`

{TOLERANCE_KEY} = \"{} %\"
",
        TOLERANCE * 100.0
    )
}
