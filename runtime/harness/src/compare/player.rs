//! A side's process: what is asked of it, and what it means that it is lost.

use std::rc::Rc;
use std::time::Duration;

use super::error::CompareError;
use super::launch::Side;
use crate::child::time_for_sweeps;
use crate::child::{Answer, Child, Ended, LinkError, Listed, Request, Response, deadline};
use crate::interrupt::Interrupt;
use crate::stop::Stop;
use hotbench_engine::engines::{Job, Observation, Took, Turn};

/// A child that is lost to the comparison, and which.
#[derive(Debug)]
pub(crate) struct Lost {
    pub(crate) side: Side,
    pub(crate) ended: Box<Ended>,
    /// What it has printed.
    pub(crate) output: String,
    /// What an answer of it may take.
    pub(crate) timeout: Duration,
}

impl Lost {
    /// # Errors
    ///
    /// If nothing is amiss with it: the user has had enough.
    pub(crate) fn unless_interrupted(self) -> Result<Self, Stop<CompareError>> {
        match *self.ended {
            Ended::Interrupted => Err(Stop::Interrupted),
            _ => Ok(self),
        }
    }
}

/// A side's process while it is launched.
pub(super) struct Player {
    pub(super) side: Side,
    pub(super) child: Child,
    /// Of the case.
    pub(super) threads: usize,
    pub(super) interrupt: Rc<Interrupt>,
    /// Of one answer.
    pub(super) timeout: Duration,
}

impl Player {
    /// Has a batch of calls made, and returns what they took.
    pub(super) fn batch(&mut self, turn: Turn) -> Result<Took, Lost> {
        match self.ask(&Request::Batch(turn))? {
            Response::Took(took) => Ok(took),
            other => Err(self.lost(Ended::Broken(LinkError::foreign(&other)))),
        }
    }

    /// Has a case measured, in one go.
    pub(super) fn observe(&mut self, case: &Listed, job: Job) -> Result<Observation, Lost> {
        match self.enter(case, job) {
            Err(lost) => match *lost.ended {
                Ended::Observed(observation) => Ok(observation),
                _ => Err(lost),
            },
            Ok(other) => Err(self.lost(Ended::Broken(LinkError::foreign(&other)))),
        }
    }

    /// Enters a case, and returns what comes first of the pass over it.
    pub(super) fn enter(&mut self, case: &Listed, job: Job) -> Result<Response, Lost> {
        let found_by = time_for_sweeps(Some(self.timeout)).and_then(deadline);
        let answer = match self.child.enter(case, &job, found_by, &self.interrupt) {
            Ok(None) => self.child.hear(deadline(self.timeout), &self.interrupt),
            Ok(Some(ended)) => Ok(Answer::Ended(ended)),
            Err(error) => Err(error),
        };
        self.answered(answer)
    }

    pub(super) fn ask(&mut self, request: &Request) -> Result<Response, Lost> {
        let deadline = deadline(self.timeout);
        let answer = self.child.ask(request, deadline, &self.interrupt);
        self.answered(answer)
    }

    fn answered(&mut self, answer: Result<Answer, LinkError>) -> Result<Response, Lost> {
        match answer {
            Ok(Answer::Message(response)) => Ok(response),
            Ok(Answer::Ended(ended)) => Err(self.lost(ended)),
            Err(error) => Err(self.lost(Ended::Broken(error))),
        }
    }

    pub(super) fn lost(&mut self, ended: Ended) -> Lost {
        Lost {
            side: self.side,
            ended: Box::new(ended),
            output: self.child.take_output(),
            timeout: self.timeout,
        }
    }
}
