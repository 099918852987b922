//! What is true of all cases of a run, in words.

use chrono::DateTime;

use crate::report::document::{Guard, Machine, Measured, Run};
use hotbench_guard::text;

/// A name and what is said under it.
pub(super) type Fact = (&'static str, String);

/// Of one run, in the order in which one asks.
pub(super) fn of(run: &Run) -> Vec<Fact> {
    let mut facts = vec![
        ("Started", date(run.started_at_unix_s)),
        ("Took", duration(run.duration_s)),
        ("Profile", profile(run)),
    ];
    facts.extend(revision(run));
    facts.push(("Compiler", run.toolchain.rustc.clone()));
    facts.push(("Target", run.toolchain.target.clone()));
    facts.push(("Machine", machine(&run.machine)));
    facts.push(("Allocation guard", guard(&run.guard)));
    if let Some(shard) = run.shard {
        facts.push(("Shard", format!("{} of {}", shard.index, shard.of)));
    }
    facts.extend(left_out(run));
    facts.push(("hotbench", run.hotbench_version.clone()));
    facts
}

/// The bench target.
pub(super) fn title(run: &Run) -> String {
    format!("{} · {}", run.package, run.bench)
}

fn profile(run: &Run) -> String {
    let assertions = if run.debug_assertions {
        ", with debug assertions"
    } else {
        ""
    };
    let measured = match run.measured {
        Measured::Time => "",
        Measured::Check => ", untimed",
        Measured::Cause => ", where time or memory goes",
        Measured::Compare => ", compared",
        Measured::Variants => ", in several build settings",
        Measured::Test => ", a test run",
    };
    format!("{}{assertions}{measured}", run.profile)
}

fn revision(run: &Run) -> Option<Fact> {
    let revision = run.git.as_ref()?;
    let commit: String = revision.commit.chars().take(12).collect();
    let changes = if revision.dirty { " and changes" } else { "" };
    Some(("Revision", format!("{commit}{changes}")))
}

fn machine(machine: &Machine) -> String {
    let cores = text::count(machine.cores as u64, "core");
    let system = match &machine.kernel {
        Some(kernel) => format!("{} {kernel}", machine.os),
        None => machine.os.clone(),
    };
    let governor = machine.governor.as_ref();
    let governor = governor.map(|governor| format!("governor {governor}"));
    let parts = machine.cpu.clone().into_iter().chain([cores, system]);
    parts.chain(governor).collect::<Vec<_>>().join(", ")
}

fn guard(guard: &Guard) -> String {
    let functions = text::count(guard.guarded as u64, "function");
    if guard.switched_off {
        "switched off".to_owned()
    } else if !guard.allocator_installed {
        "allocator not installed: nothing is counted".to_owned()
    } else if guard.guarded == 0 {
        "no guarded function".to_owned()
    } else {
        format!("live on {} of {functions}", guard.live)
    }
}

fn left_out(run: &Run) -> Option<Fact> {
    let said = |n: usize, word: &str| (n > 0).then(|| format!("{n} {word}"));
    let parts = [
        said(run.filtered_out, "filtered out"),
        said(run.ignored, "ignored"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| ("Left out", parts.join(", ")))
}

/// `2026-02-28 13:05 UTC`.
pub(super) fn date(unix_s: u64) -> String {
    let seconds = i64::try_from(unix_s).unwrap_or_default();
    let date = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    date.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// `9.4 s`, `2 min 5 s`.
pub(super) fn duration(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::{date, duration, of};
    use crate::report::document::{Revision, Shard};
    use crate::report::samples::run;

    #[test]
    fn dates_know_leap_years_and_ends_of_months() {
        let shown = [
            0,
            951_782_399,
            951_782_400,
            1_772_280_000,
            1_798_761_599,
            4_107_542_400,
        ];
        assert_eq!(
            shown.map(date),
            [
                "1970-01-01 00:00 UTC",
                "2000-02-28 23:59 UTC",
                "2000-02-29 00:00 UTC",
                "2026-02-28 12:00 UTC",
                "2026-12-31 23:59 UTC",
                "2100-03-01 00:00 UTC",
            ]
        );
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let shown = [0.04, 59.9, 60.0, 125.4, 7_260.0].map(duration);
        assert_eq!(
            shown,
            ["0.0 s", "59.9 s", "1 min 0 s", "2 min 5 s", "2 h 1 min"]
        );
    }

    #[test]
    fn a_run_says_what_it_was_a_part_of_and_what_was_changed() {
        let mut run = run();
        let names = |run| {
            of(run)
                .into_iter()
                .map(|(name, _)| name)
                .collect::<Vec<_>>()
        };
        assert!(!names(&run).contains(&"Shard"));
        run.shard = Some(Shard { index: 2, of: 5 });
        run.filtered_out = 3;
        run.git = Some(Revision {
            commit: "0123456789abcdef".to_owned(),
            dirty: true,
        });
        let facts = of(&run);
        for fact in [
            ("Shard", "2 of 5"),
            ("Left out", "3 filtered out"),
            ("Revision", "0123456789ab and changes"),
        ] {
            assert!(facts.contains(&(fact.0, fact.1.to_owned())), "{facts:?}");
        }
    }
}
