//! What is to be said besides a report, a line each on standard error.

use super::plan::Plan;
use super::session::Ended;
use crate::guard::guard_status;
use crate::report::console::Console;
use crate::report::document::Measured;
use crate::text;

/// What is to be said besides, a line each.
pub(crate) fn print(console: &mut Console, plan: &Plan, measured: Measured, ended: &Ended) {
    let instances = plan.instances.len() - plan.ignored();
    if ended.is_interrupted {
        let cases = text::count(instances as u64, "case");
        console.note(&format!(
            "interrupted: {} of {cases} ran to their end",
            ended.cases.len()
        ));
    }
    if measured != Measured::Test && plan.ignored() > 0 {
        let cases = text::count(plan.ignored() as u64, "case");
        console.note(&format!(
            "{cases} ignored: `--include-ignored` runs them too"
        ));
    }
    guard(console, plan, measured);
}

/// Says where the guard is live, and what goes unchecked where it is not.
fn guard(console: &mut Console, plan: &Plan, measured: Measured) {
    let status = guard_status();
    if status.guarded > 0 {
        let remark = match measured {
            Measured::Test if status.is_inert() => {
                ": what they allocate is not checked in this build"
            }
            Measured::Time if status.live == 0 => ": they are timed as they ship",
            Measured::Time => ": their times have the guard in them",
            Measured::Check if status.live == 0 => ": the budgets of cases are held all the same",
            Measured::Check | Measured::Test => "",
        };
        console.note(&format!("{status}{remark}"));
    }
    let instances = plan.instances.iter();
    let budgets = instances
        .filter(|instance| instance.case.has_budget)
        .count();
    if budgets > 0 && !status.allocator_installed {
        let cases = text::count(budgets as u64, "case");
        console.note(&format!(
            "the budgets of {cases} are not checked: the program's allocator is not \
             `hotbench::Alloc`"
        ));
    }
}
