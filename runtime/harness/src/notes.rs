//! What is to be said besides a report, a line each.

use super::ended::Ended;
use super::plan::Plan;
use crate::report::document::{Compared, Measured};
use crate::report::measurement::Measurement;
use hotbench_guard::guard_status;
use hotbench_guard::text;

/// Of a thousand: ids that are so much alike may be those of one case, renamed.
const ALIKE: u32 = 700;

pub(crate) fn of(plan: &Plan, measured: Measured, ended: &Ended) -> Vec<String> {
    let mut notes = ended.remarks.clone();
    if let Some(stage) = &ended.interrupted_while {
        notes.push(format!("interrupted while {stage}: no case was measured"));
    } else if let Some(cut) = ended.cut {
        let cases = plan.instances.len() - plan.ignored();
        notes.push(format!(
            "{cut}: {} of {} ran to their end",
            ended.cases.len(),
            text::count(cases as u64, "case")
        ));
    }
    if measured != Measured::Test && plan.ignored() > 0 {
        let cases = text::count(plan.ignored() as u64, "case");
        notes.push(format!(
            "{cases} ignored: `--include-ignored` runs them too"
        ));
    }
    notes.extend(ended.compared.iter().flat_map(other_cases));
    notes.extend(varying(ended));
    notes.extend(guard(measured));
    notes.extend(unchecked_budgets(plan));
    notes
}

/// Names the cases whose calls other threads made differ.
fn varying(ended: &Ended) -> Option<String> {
    let varies = |case: &&Measurement| {
        let allocations = case.allocations.as_ref();
        allocations.is_some_and(|counted| counted.varies.is_some())
    };
    let ids = ended.cases.iter().filter(varies);
    let ids: Vec<String> = ids.map(|case| format!("`{}`", case.id)).collect();
    (!ids.is_empty()).then(|| {
        format!(
            "other threads make the allocations of these cases vary from call to call, so the table shows the fewest \
             and the most: {}",
            ids.join(", ")
        )
    })
}

/// The cases that one version alone has, and which of them may be the same under another name.
fn other_cases(compared: &Compared) -> Vec<String> {
    let Compared {
        with, new, gone, ..
    } = compared;
    let list = |ids: &[String]| {
        let quoted: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
        quoted.join(", ")
    };
    let mut notes = Vec::new();
    if !new.is_empty() {
        notes.push(format!("not in {with}, so not compared: {}", list(new)));
    }
    if !gone.is_empty() {
        notes.push(format!("in {with} alone: {}", list(gone)));
    }
    for old in gone {
        let likeness = |new: &&String| (strsim::normalized_levenshtein(old, new) * 1e3) as u32;
        let nearest = new.iter().max_by_key(likeness);
        if let Some(new) = nearest.filter(|new| likeness(new) >= ALIKE) {
            notes.push(format!(
                "was `{old}` renamed to `{new}`? What has another id is another case"
            ));
        }
    }
    notes
}

/// Where the guard is live.
fn guard(measured: Measured) -> Option<String> {
    let status = guard_status();
    let remark = match measured {
        Measured::Test if status.is_inert() => ": what they allocate is not checked in this build",
        Measured::Time | Measured::Compare | Measured::Variants if status.live > 0 => {
            ": their times have the guard in them"
        }
        Measured::Time | Measured::Compare | Measured::Variants if hotbench_guard::HAS_PROFILE => {
            ": those with `#[hot]` are timed with the profile in them, which the feature `profile` puts there"
        }
        Measured::Time | Measured::Compare | Measured::Variants => ": they are timed as they ship",
        Measured::Cause if status.live > 0 => ": it is live in what is looked into",
        Measured::Check | Measured::Cause if status.live == 0 => {
            ": the budgets of cases are held all the same"
        }
        Measured::Check | Measured::Cause | Measured::Test => "",
    };
    (status.guarded > 0).then(|| format!("{status}{remark}"))
}

fn unchecked_budgets(plan: &Plan) -> Option<String> {
    let instances = plan.instances.iter();
    let budgets = instances
        .filter(|instance| instance.case.has_budget)
        .count();
    let is_unchecked = budgets > 0 && !guard_status().allocator_installed;
    is_unchecked.then(|| {
        let cases = text::count(budgets as u64, "case");
        format!(
            "the budgets of {cases} are not checked: the program's allocator is not \
             `hotbench::Alloc`"
        )
    })
}
