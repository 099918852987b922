//! The values of sweeps, asked of a worker: their expressions are code of the user's.

use std::collections::HashMap;
use std::time::Duration;

use super::child::{
    Answer, Child, Ended, LinkError, Printing, Program, Request, Response, deadline,
    time_for_sweeps,
};
use super::error::Error;
use super::interrupt::Interrupt;
use super::plan::{Sweeps, sweep_place};
use super::selection::Selection;
use super::stop::Stop;
use crate::report::measurement::{Failure, FailureKind};
use hotbench_engine::registry::Case;

/// Evaluates the sweeps of which the selection may take a value. One that fails costs its own case alone.
///
/// # Errors
///
/// If there can be no worker, or the user has had enough.
pub(crate) fn evaluate(
    program: &Program,
    cases: &[(String, &'static Case)],
    selection: &Selection<'_>,
    timeout: Option<Duration>,
    interrupt: &Interrupt,
) -> Result<Sweeps, Stop<Error>> {
    let by_id: HashMap<&str, &Case> = cases
        .iter()
        .map(|(id, case)| (id.as_str(), *case))
        .collect();
    let ids: Vec<(&str, bool)> = cases
        .iter()
        .map(|(id, case)| (id.as_str(), case.sweep.is_some()))
        .collect();
    let mut sweeps = Sweeps::new();
    for id in selection.sweeps_to_evaluate(&ids) {
        let values = values(program, id, by_id[id], timeout, interrupt)?;
        sweeps.insert(id.to_owned(), values);
    }
    Ok(sweeps)
}

/// Evaluates the sweeps of one case, in a process of their own: what another sweep leaves behind, such as a working
/// directory, would change the values without a word.
fn values(
    program: &Program,
    id: &str,
    case: &Case,
    timeout: Option<Duration>,
    interrupt: &Interrupt,
) -> Result<Result<Vec<String>, Failure>, Stop<Error>> {
    let home = std::env::temp_dir();
    let mut child = Child::start(program.command(), &home, Printing::Kept)?;
    if child.greet(None, interrupt)?.is_some() {
        return Err(Stop::Interrupted);
    }
    let request = Request::Values(id.to_owned());
    let until = time_for_sweeps(timeout).and_then(deadline);
    let ended = match child.ask(&request, until, interrupt)? {
        Answer::Message(Response::Values(values)) => return Ok(Ok(values)),
        Answer::Message(other) => return Err(LinkError::foreign(&other).into()),
        Answer::Ended(Ended::Interrupted) => return Err(Stop::Interrupted),
        Answer::Ended(ended) => ended,
    };
    Ok(Err(Failure {
        kind: FailureKind::NotMeasured,
        message: describe(case, None, &ended, timeout),
        output: child.take_output(),
    }))
}

/// What has kept the sweeps of a case from coming to a value, or from being listed.
pub(crate) fn describe(
    case: &Case,
    value: Option<&str>,
    ended: &Ended,
    timeout: Option<Duration>,
) -> String {
    let what = match (ended, value) {
        (Ended::Panicked(message), _) => format!("panicked: {message}"),
        (Ended::Died(status), _) => format!("ended the process that evaluates it ({status})"),
        (Ended::TimedOut, _) => {
            let seconds = time_for_sweeps(timeout).unwrap_or_default().as_secs_f64();
            format!("was not evaluated within {seconds} s")
        }
        (Ended::Missing, Some(value)) => format!(
            "has no value `{value}` in the process that measures it, though it had one when the cases were listed: a \
             sweep needs the same values in each process"
        ),
        (Ended::Broken(error), _) => format!("was not evaluated: {error}"),
        (other, _) => format!("was not evaluated: {other:?}"),
    };
    format!("the sweep at {} {what}", sweep_place(case))
}
