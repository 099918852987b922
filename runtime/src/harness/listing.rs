//! The values of sweeps, asked of a worker: their expressions are code of the user's.

use std::collections::HashMap;
use std::time::Duration;

use super::child::{
    Answer, Child, Ended, LinkError, Printing, Program, Request, Response, deadline,
};
use super::interrupt::Interrupt;
use super::plan::{Selection, Sweeps, sweep_place};
use super::runner::Stop;
use crate::registry::Case;
use crate::report::measurement::{Failure, FailureKind};

/// What a sweep may take at least, though `--timeout` gives a case less.
const LEAST: Duration = Duration::from_secs(60);

/// How long the sweeps of a case may take to be evaluated: not on the time of the case.
pub(crate) fn time_for_sweeps(timeout: Option<Duration>) -> Option<Duration> {
    timeout.map(|timeout| timeout.max(LEAST))
}

/// Evaluates the sweeps of which the selection may take a value, each once. One that fails costs its own case alone.
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
) -> Result<Sweeps, Stop> {
    let by_id: HashMap<&str, &Case> = cases
        .iter()
        .map(|(id, case)| (id.as_str(), *case))
        .collect();
    let ids: Vec<(&str, bool)> = cases
        .iter()
        .map(|(id, case)| (id.as_str(), case.sweep.is_some()))
        .collect();
    let mut worker = None;
    let mut sweeps = Sweeps::new();
    for id in selection.sweeps_to_evaluate(&ids) {
        let mut child = match worker.take() {
            Some(child) => child,
            None => {
                let home = std::env::temp_dir();
                let mut child = Child::start(program.command(), &home, Printing::Kept)?;
                match child.greet(None, interrupt)? {
                    None => child,
                    Some(_) => return Err(Stop::Interrupted),
                }
            }
        };
        let time = time_for_sweeps(timeout);
        let request = Request::Values(id.to_owned());
        let answer = child.ask(&request, time.and_then(deadline), interrupt);
        let output = child.take_output();
        let failed = |kind, what: String| {
            let place = sweep_place(by_id[id]);
            Failure {
                kind,
                message: format!("the sweep at {place} {what}"),
                output,
            }
        };
        let (values, is_there) = match answer? {
            Answer::Message(Response::Values(values)) => (Ok(values), true),
            Answer::Message(other) => return Err(LinkError::foreign(&other).into()),
            Answer::Ended(Ended::Interrupted) => return Err(Stop::Interrupted),
            Answer::Ended(Ended::Panicked(message)) => {
                let what = format!("panicked: {message}");
                (Err(failed(FailureKind::Panicked, what)), true)
            }
            Answer::Ended(Ended::TimedOut) => {
                let seconds = time.unwrap_or_default().as_secs_f64();
                let what = format!("was not evaluated within {seconds} s");
                (Err(failed(FailureKind::TimedOut, what)), false)
            }
            Answer::Ended(Ended::Died(status)) => {
                let what = format!("ended the process that evaluates it ({status})");
                (Err(failed(FailureKind::Died, what)), false)
            }
            Answer::Ended(Ended::Broken(error)) => return Err(error.into()),
            Answer::Ended(other @ (Ended::Observed(_) | Ended::Missing)) => {
                return Err(LinkError::Foreign(format!("{other:?}")).into());
            }
        };
        worker = is_there.then_some(child);
        sweeps.insert(id.to_owned(), values);
    }
    Ok(sweeps)
}
