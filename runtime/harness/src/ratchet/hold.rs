//! Holds what a case was found to take to what was blessed, and says where it takes more.

use std::ops::Range;

use annotate_snippets::Level;

use super::diagnostic::{self, Source};
use super::file::{Blessed, Spot};
use crate::report::measurement::{Allocations, Instructions, Varies};
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
    let exactly = |spot: &Option<Spot>,
                   found: fn(&Allocations) -> f64,
                   range: fn(&Varies) -> [f64; 2],
                   of: &Found| {
        let counted = of.allocations.as_ref()?;
        let blessed = spot.as_ref()?.value;
        let figure = Figure::new(blessed, found(counted), 0.0);
        // Of calls that differ by what other threads do, the mean is another one in each run.
        let varies = counted.varies.as_ref().map(range);
        let is_within = varies.is_some_and(|range| Varies::includes(range, blessed));
        Some(if is_within {
            Figure {
                verdict: RatchetVerdict::Equal,
                ..figure
            }
        } else {
            figure
        })
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
        allocs: exactly(
            &allocations.allocs,
            |counted| counted.allocs,
            |varies| varies.allocs,
            found,
        ),
        bytes: exactly(
            &allocations.bytes,
            |counted| counted.bytes,
            |varies| varies.bytes,
            found,
        ),
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

#[cfg(test)]
mod tests {
    use super::super::diagnostic::Source;
    use super::super::file::parse;
    use super::{Failing, Found, hold, report};
    use crate::report::measurement::{Allocations, Instructions};
    use crate::report::ratchet::Held;

    const TEXT: &str = r#"[hot."app::f"]
allocs = 4
bytes = 64
unoptimised = { allocs = 5, bytes = 80 }
instructions = { "x" = 1000 }
"#;

    fn found(allocs: f64, bytes: f64) -> Found {
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

    fn executed(per_call: f64) -> Found {
        Found {
            instructions: Some(Instructions {
                calls: 6,
                per_call,
                spread: 0.0,
                exact: true,
                caches: None,
            }),
            ..Found::default()
        }
    }

    /// What holds, and what is said if it doesn't.
    fn held_to(text: &str, found: &Found) -> (Held, Option<String>) {
        let blessings = parse(text, "hot").expect("in order");
        let blessed = &blessings.cases["app::f"];
        let held = hold(blessed, found, ("x", 0.01), text);
        let failing = Failing {
            id: "app::f",
            toolchain: "x",
            unoptimised: found.unoptimised,
            helps: vec!["bless it".to_owned()],
        };
        let file = "benches/hotbench.toml";
        let said = report(blessed, &held, failing, Source { file, text });
        (held, said)
    }

    fn verdicts(text: &str, found: &Found) -> Vec<String> {
        let (held, _) = held_to(text, found);
        let shown = held.figures();
        shown
            .map(|(name, figure)| format!("{name} {:?}", figure.verdict))
            .collect()
    }

    #[test]
    fn allocations_are_held_exactly() {
        let verdicts = |allocs, bytes| verdicts(TEXT, &found(allocs, bytes));
        assert_eq!(verdicts(4.0, 64.0), ["allocs Equal", "bytes Equal"]);
        assert_eq!(verdicts(4.1, 63.0), ["allocs Worse", "bytes Improved"]);
        assert_eq!(held_to(TEXT, &found(4.0, 64.0)).1, None);
        assert_eq!(held_to(TEXT, &found(3.0, 64.0)).1, None);
    }

    #[test]
    fn instructions_are_held_within_the_tolerance_which_may_be_the_cases_own() {
        let verdict = |text: &str, per_call| verdicts(text, &executed(per_call)).concat();
        assert_eq!(verdict(TEXT, 1010.4), "instructions Equal");
        assert_eq!(verdict(TEXT, 1011.0), "instructions Worse");
        assert_eq!(verdict(TEXT, 990.0), "instructions Equal");
        assert_eq!(verdict(TEXT, 989.0), "instructions Improved");
        let own = format!("{TEXT}tolerance = \"10 %\"\n");
        assert_eq!(verdict(&own, 1100.0), "instructions Equal");
        assert_eq!(verdict(&own, 1101.0), "instructions Worse");
        // Of another compiler there is nothing to hold it to.
        assert_eq!(verdict(&TEXT.replace("\"x\"", "\"y\""), 9e9), "");
    }

    #[test]
    fn what_takes_more_is_shown_where_it_was_blessed() {
        let (_, said) = held_to(
            TEXT,
            &Found {
                instructions: executed(1200.0).instructions,
                ..found(5.0, 64.0)
            },
        );
        assert_eq!(
            said.expect("a report"),
            "\
error: `app::f` takes more than was blessed: allocs 4 → 5, instructions 1,000 → 1,200
 --> benches/hotbench.toml:2:10
  |
2 | allocs = 4
  |          ^ found 5
...
5 | instructions = { \"x\" = 1000 }
  |                        ^^^^ found 1,200, +20.0 %, of which 1 % are tolerated
  |
help: bless it"
        );
    }

    #[test]
    fn an_unoptimised_build_is_held_to_figures_of_its_own_or_else_to_the_others() {
        let unoptimised = |text: &str, allocs| {
            let found = Found {
                unoptimised: true,
                ..found(allocs, 64.0)
            };
            held_to(text, &found)
        };
        assert_eq!(unoptimised(TEXT, 5.0).1, None);
        let (held, said) = unoptimised(TEXT, 6.0);
        let said = said.expect("a report");
        assert!(held.unoptimised);
        assert!(said.contains("benches/hotbench.toml:4:26"), "{said}");
        assert!(!said.contains("not optimised"), "{said}");
        let without = TEXT.replace("unoptimised", "#");
        assert_eq!(unoptimised(&without, 4.0).1, None);
        let (held, said) = unoptimised(&without, 5.0);
        assert!(!held.unoptimised);
        let said = said.expect("a report");
        assert!(said.contains("note: this build is not optimised"), "{said}");
    }
}
