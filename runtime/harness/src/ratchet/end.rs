//! The end of a run: what is gone, new or better is told, or blessed.

use std::io::{self, Write};
use std::path::Path;

use super::bless::{self, Findings};
use super::diagnostic::{self, Source};
use super::hold::{self, Found};
use super::{Ratchet, RatchetError};
use crate::Build;
use crate::report::measurement::Measurement;
use crate::report::ratchet::{Gone, Ratchet as Summary, RatchetVerdict};
use crate::selection::{Ignored, Selection};
use crate::stable_hash::fnv_1a;
use crate::unrun::NotRun;
use hotbench_guard::text;

/// So many ids are named in a line.
const NAMED: usize = 5;
/// Of a thousand: ids that are so much alike may be those of one case, renamed.
const ALIKE: u32 = 700;

/// What is to be said when all cases have been measured.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) summary: Summary,
    pub(crate) notes: Vec<String>,
    /// What a blessing has changed.
    pub(crate) changes: Option<String>,
    /// The report of what is gone.
    pub(crate) gone: Option<String>,
}

impl Ratchet<'_> {
    /// Ends a run of `cases`; `may_exist` says whether there is a case of an id, `not_run` finds those that this build
    /// leaves out. Blesses, if that was asked for.
    ///
    /// # Errors
    ///
    /// If the file can't be written.
    pub(crate) fn end(
        &self,
        cases: &[Measurement],
        may_exist: impl Fn(&str) -> bool,
        not_run: impl FnOnce() -> NotRun,
        selection: Selection<'_>,
        is_interrupted: bool,
    ) -> Result<Settled, RatchetError> {
        let is_new = |case: &&Measurement| !self.blessings.cases.contains_key(&case.id);
        let new = cases.iter().filter(is_new).map(|case| case.id.clone());
        let mut settled = Settled {
            summary: Summary {
                file: self.shown.clone(),
                toolchain: self.toolchain.clone(),
                blesses: self.blesses,
                new: new.collect(),
                gone: Vec::new(),
            },
            notes: Vec::new(),
            changes: None,
            gone: None,
        };
        if is_interrupted {
            let note = "interrupted, so nothing is blessed".to_owned();
            settled.notes.extend(self.blesses.then_some(note));
        } else if self.blesses {
            let is_whole = selection.filters.is_empty()
                && selection.skip.is_empty()
                && selection.shard.is_none()
                && selection.ignored != Ignored::Only;
            let gone = self.gone(&may_exist, |_| is_whole && !self.build.debug_assertions);
            let gone = self.without_left_out(gone, not_run, &mut settled.notes);
            self.bless(cases, &gone, &mut settled)?;
        } else {
            let gone = self.gone(&may_exist, |id| would_take(selection, id));
            let mut notes = Vec::new();
            let gone = self.without_left_out(gone, not_run, &mut notes);
            settled.gone = self.report_gone(&gone, &settled.summary.new);
            let text = self.text.as_deref().unwrap_or_default();
            settled.summary.gone.extend(gone.into_iter().map(|id| Gone {
                line: diagnostic::line(text, &self.blessings.cases[&id].span),
                id,
            }));
            notes.extend(self.notes(cases, &settled.summary));
            settled.notes = notes;
        }
        Ok(settled)
    }

    /// Blessed ids that there are no more, of those that are looked for.
    fn gone(
        &self,
        may_exist: impl Fn(&str) -> bool,
        is_looked_for: impl Fn(&str) -> bool,
    ) -> Vec<String> {
        let blessed = self.blessings.cases.keys();
        let gone = blessed.filter(|id| !may_exist(id) && is_looked_for(id));
        gone.cloned().collect()
    }

    /// Takes out of `gone` what another build still has.
    fn without_left_out(
        &self,
        gone: Vec<String>,
        not_run: impl FnOnce() -> NotRun,
        notes: &mut Vec<String>,
    ) -> Vec<String> {
        if gone.is_empty() {
            return gone;
        }
        let not_run = not_run();
        let (left_out, gone): (Vec<_>, Vec<_>) = gone
            .into_iter()
            .map(|id| (not_run.place_of(&id), id))
            .partition(|(place, _)| place.is_some());
        notes.extend(left_out.iter().filter_map(|(place, id)| {
            let place = place.as_ref()?;
            Some(format!(
                "`{id}`, of {}, is not in this build: {place}",
                self.shown
            ))
        }));
        gone.into_iter().map(|(_, id)| id).collect()
    }

    fn report_gone(&self, gone: &[String], new: &[String]) -> Option<String> {
        let text = self.text.as_deref()?;
        if gone.is_empty() {
            return None;
        }
        let title = match gone {
            [id] => format!("`{id}` was blessed, and is gone"),
            _ => format!(
                "{} were blessed, and are gone",
                text::count(gone.len() as u64, "case")
            ),
        };
        let places = gone.iter().map(|id| {
            let likeness = |new: &&String| (strsim::normalized_levenshtein(id, new) * 1e3) as u32;
            let nearest = new.iter().max_by_key(likeness);
            let renamed = nearest.filter(|new| likeness(new) >= ALIKE);
            let label = match renamed {
                Some(new) => format!("no case has this id; was it renamed to `{new}`?"),
                None => "no case has this id".to_owned(),
            };
            (self.blessings.cases[id].span.clone(), label)
        });
        let Build { package, bench, .. } = self.build;
        let help = format!(
            "if it was removed or renamed: `cargo bench -p {package} --bench {bench} -- --bless`"
        );
        let helps = [
            (annotate_snippets::Level::HELP, help),
            (
                annotate_snippets::Level::HELP,
                "if a macro makes it behind a feature that is off: turn that on, or leave it out, `--skip ID`"
                    .to_owned(),
            ),
        ];
        let file = &self.shown;
        let report = Source { file, text }.error(&title, places, helps);
        Some(report.trim_start_matches("error: ").to_owned())
    }

    /// What is no failure.
    fn notes(&self, cases: &[Measurement], summary: &Summary) -> Vec<String> {
        let file = &self.shown;
        let mut notes = Vec::new();
        let held = cases.iter().filter(|case| self.holds_allocations(&case.id));
        let held = held.count();
        if held > 0 && !self.counts_allocations {
            let cases = text::count(held as u64, "case");
            notes.push(format!(
                "the allocations of {cases} are not held to {file}: the program's allocator is not \
                 `hotbench::Alloc`"
            ));
        }
        if self.build.debug_assertions {
            // Neither what is new nor what is better is to be blessed by this build.
            return notes;
        }
        if !summary.new.is_empty() {
            notes.push(format!(
                "not in {file} yet: {}. `--bless` adds what is new",
                named(&summary.new)
            ));
        }
        notes.extend(
            improved(cases)
                .map(|improved| format!("less than {file} has; `--bless` locks it in:{improved}")),
        );
        notes
    }

    /// That there is nothing to hold instructions to, if a run could: once, whatever the cases.
    pub(crate) fn unblessed_instructions(
        &self,
        cases: &[Measurement],
        has_valgrind: impl FnOnce() -> bool,
    ) -> Option<String> {
        let blessed = || {
            let cases = cases.iter();
            cases.filter_map(|case| self.blessings.cases.get(&case.id))
        };
        let is_silent = self.blesses
            || self.build.debug_assertions
            || blessed().next().is_none()
            || blessed().any(|blessed| blessed.instructions.contains_key(&self.toolchain));
        if is_silent {
            return None;
        }
        let elsewhere = blessed().any(|blessed| !blessed.instructions.is_empty());
        (elsewhere || has_valgrind()).then(|| {
            format!(
                "instructions are not checked: {} has none for {}. `--bless` adds them, where there is `valgrind`",
                self.shown, self.toolchain
            )
        })
    }

    fn bless(
        &self,
        cases: &[Measurement],
        gone: &[String],
        settled: &mut Settled,
    ) -> Result<(), RatchetError> {
        let held = cases.iter().filter(|case| case.failure.is_none());
        let found: Vec<(&str, Found)> = held
            .map(|case| (case.id.as_str(), self.found(case)))
            .collect();
        let findings = Findings {
            bench: self.build.bench,
            toolchain: &self.toolchain,
            blessings: &self.blessings,
            unoptimised: self.build.debug_assertions,
            cases: &found,
            gone,
        };
        let blessing = bless::bless(self.text.as_deref(), findings)
            .map_err(|error| RatchetError::Broken(error.to_string()))?;
        let file = &self.shown;
        if !self.counts_allocations {
            settled.notes.push(
                "allocations are not blessed: the program's allocator is not `hotbench::Alloc`"
                    .to_owned(),
            );
        }
        if !blessing.unlike.is_empty() {
            settled.notes.push(format!(
                "instructions are not blessed where those of two batches of calls differ by more than half of the \
                 tolerance: {}. A `tolerance` for the case, in {file}, may be wider",
                named(&blessing.unlike)
            ));
        }
        if !blessing.unblessed.is_empty() {
            settled.notes.push(format!(
                "not in {file}, so not blessed by a build with debug assertions: {}. `cargo bench -p {} --bench {} \
                 -- --bless` comes first",
                named(&blessing.unblessed),
                self.build.package,
                self.build.bench
            ));
        }
        let has_cases = self.text.is_some() || !blessing.changes.is_empty();
        if has_cases && self.text.as_deref() != Some(&blessing.text) {
            write(&self.path, &blessing.text)
                .map_err(|error| RatchetError::Write(self.path.clone(), error))?;
        }
        settled.changes = Some(match blessing.changes.as_slice() {
            [] => format!("{file}: nothing has changed"),
            changes => {
                let lines = changes
                    .iter()
                    .map(|(id, what)| format!("\n    {id}: {what}"));
                format!("{file}:{}", lines.collect::<String>())
            }
        });
        Ok(())
    }
}

/// Whether a run would have taken a case, if there were one. Of shards exactly one would: by the hash of its id, for
/// the group that it may have been of is forgotten. Whether it was ignored is, too.
fn would_take(selection: Selection<'_>, id: &str) -> bool {
    let is_of_shard = selection
        .shard
        .is_none_or(|shard| fnv_1a(id.as_bytes()) % shard.of == shard.index - 1);
    selection.takes_id(id) && is_of_shard && selection.ignored != Ignored::Only
}

/// What takes less than was blessed, a line each.
fn improved(cases: &[Measurement]) -> Option<String> {
    let lines = cases.iter().filter_map(|case| {
        let held = case.ratchet.as_ref().filter(|held| !held.is_worse())?;
        let better = held
            .figures()
            .filter(|(_, figure)| figure.verdict == RatchetVerdict::Improved);
        let better: Vec<String> = better
            .map(|(name, figure)| hold::changed(name, figure))
            .collect();
        (!better.is_empty()).then(|| format!("\n    {}: {}", case.id, better.join(", ")))
    });
    Some(lines.collect::<String>()).filter(|lines| !lines.is_empty())
}

fn named(ids: &[String]) -> String {
    let mut quoted: Vec<String> = ids.iter().take(NAMED).map(|id| format!("`{id}`")).collect();
    if ids.len() > NAMED {
        quoted.push(format!("and {} more", ids.len() - NAMED));
    }
    quoted.join(", ")
}

/// All of it or nothing.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)?;
    let unfinished = path.with_extension(format!("toml.{}", std::process::id()));
    let mut file = std::fs::File::create(&unfinished)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| std::fs::rename(&unfinished, path));
    if written.is_err() {
        // It is of no use to anybody; that it can't be removed has the same cause.
        let _ = std::fs::remove_file(unfinished);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::would_take;
    use crate::report::document::Shard;
    use crate::selection::{Ignored, Selection};

    #[test]
    fn what_is_gone_is_missed_by_exactly_one_shard() {
        let all = Selection {
            filters: &[],
            exact: false,
            skip: &[],
            ignored: Ignored::Shown,
            shard: None,
        };
        for n in 0..20 {
            let id = format!("app::f/{n}");
            let takes = |index: u64| {
                let shard = Some(Shard { index, of: 3 });
                would_take(Selection { shard, ..all }, &id)
            };
            assert_eq!((1..=3).filter(|index| takes(*index)).count(), 1);
        }
        let filters = ["g".to_owned()];
        let filtered = Selection {
            filters: &filters,
            ..all
        };
        assert!(!would_take(filtered, "app::f") && would_take(filtered, "app::g"));
        // It may not have been ignored.
        let ignored = Ignored::Only;
        assert!(!would_take(Selection { ignored, ..all }, "app::f"));
    }
}
