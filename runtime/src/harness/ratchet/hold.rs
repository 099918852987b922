//! Holds what a case was found to take to what was blessed, and says where it takes more.

use std::ops::Range;

use annotate_snippets::Level;

use super::diagnostic::{self, Source};
use super::file::{Blessed, Spot};
use crate::report::measurement::{Allocations, Instructions};
use crate::report::ratchet::{Figure, Held, RatchetVerdict};
use crate::report::units;

/// What a case was found to take, and in what build.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Found {
    pub(super) allocations: Option<Allocations>,
    pub(super) instructions: Option<Instructions>,
    pub(super) unoptimised: bool,
}

/// `tolerance` is that of a case which has none of its own, `toolchain` what instructions are blessed for.
pub(super) fn hold(
    blessed: &Blessed,
    found: &Found,
    (toolchain, tolerance): (&str, f64),
    text: &str,
) -> Held {
    let own = blessed.unoptimised.as_ref().filter(|_| found.unoptimised);
    let allocations = own.unwrap_or(&blessed.allocations);
    let exactly = |spot: &Option<Spot>, found: fn(&Allocations) -> f64, of: &Found| {
        let found = found(of.allocations.as_ref()?);
        Some(Figure::new(spot.as_ref()?.value, found, 0.0))
    };
    let instructions = || {
        let spot = blessed.instructions.get(toolchain)?;
        // Blessed are whole ones.
        let found = found.instructions?.per_call.round();
        let tolerance = blessed.tolerance.unwrap_or(tolerance);
        Some(Figure::new(spot.value, found, tolerance))
    };
    Held {
        line: diagnostic::line(text, &blessed.span),
        unoptimised: own.is_some(),
        allocs: exactly(&allocations.allocs, |counted| counted.allocs, found),
        bytes: exactly(&allocations.bytes, |counted| counted.bytes, found),
        instructions: instructions(),
    }
}

/// What a case's failure says besides.
pub(super) struct Failing<'a> {
    pub(super) id: &'a str,
    pub(super) toolchain: &'a str,
    pub(super) unoptimised: bool,
    pub(super) helps: Vec<String>,
}

/// The report of a case that takes more than was blessed, if it does.
pub(super) fn report(
    blessed: &Blessed,
    held: &Held,
    failing: Failing<'_>,
    source: Source<'_>,
) -> Option<String> {
    if !held.is_worse() {
        return None;
    }
    let worse = held
        .figures()
        .filter(|(_, figure)| figure.verdict == RatchetVerdict::Worse);
    let shown = worse.clone().map(|(name, figure)| changed(name, figure));
    let title = format!(
        "`{}` takes more than was blessed: {}",
        failing.id,
        shown.collect::<Vec<_>>().join(", ")
    );
    let places = worse.map(|(name, figure)| {
        let span = place(blessed, held.unoptimised, name, failing.toolchain);
        (span, found(figure))
    });
    let borrowed = failing.unoptimised && !held.unoptimised;
    let note = borrowed.then(|| {
        let text = "this build is not optimised, and what was blessed was: the compiler may leave allocations out";
        (Level::NOTE, text.to_owned())
    });
    let helps = failing.helps.into_iter().map(|help| (Level::HELP, help));
    Some(source.error(&title, places, note.into_iter().chain(helps)))
}

/// `allocs 4 → 5`.
pub(super) fn changed(name: &str, figure: Figure) -> String {
    let [old, new] = [figure.blessed, figure.found].map(units::amount);
    format!("{name} {old} → {new}")
}

fn found(figure: Figure) -> String {
    let found = format!("found {}", units::amount(figure.found));
    if figure.tolerance == 0.0 {
        return found;
    }
    let more = (figure.found / figure.blessed - 1.0) * 100.0;
    let tolerance = figure.tolerance * 100.0;
    format!("{found}, {more:+.1} %, of which {tolerance} % are tolerated")
}

/// Where a figure stands in the file.
fn place(blessed: &Blessed, unoptimised: bool, name: &str, toolchain: &str) -> Range<usize> {
    let own = blessed.unoptimised.as_ref().filter(|_| unoptimised);
    let allocations = own.unwrap_or(&blessed.allocations);
    let spot = match name {
        "allocs" => allocations.allocs.as_ref(),
        "bytes" => allocations.bytes.as_ref(),
        _ => blessed.instructions.get(toolchain),
    };
    spot.map_or_else(|| blessed.span.clone(), |spot| spot.span.clone())
}
