//! What is to be said besides a report, a line each.

use super::plan::Plan;
use super::session::Ended;
use crate::guard::guard_status;
use crate::report::document::Measured;
use crate::text;

pub(crate) fn of(plan: &Plan, measured: Measured, ended: &Ended) -> Vec<String> {
    let mut notes = ended.remarks.clone();
    if ended.is_interrupted {
        let cases = plan.instances.len() - plan.ignored();
        notes.push(format!(
            "interrupted: {} of {} ran to their end",
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
    notes.extend(guard(measured));
    notes.extend(unchecked_budgets(plan));
    notes
}

/// Where the guard is live.
fn guard(measured: Measured) -> Option<String> {
    let status = guard_status();
    let remark = match measured {
        Measured::Test if status.is_inert() => ": what they allocate is not checked in this build",
        Measured::Time if status.live == 0 => ": they are timed as they ship",
        Measured::Time => ": their times have the guard in them",
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
