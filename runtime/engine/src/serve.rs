//! The worker's side: answers requests until the harness hangs up.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::ExitCode;

use super::protocol::{self, Listed, ListedCase, Request, Response};
use crate::Build;
use crate::bencher::NOT_ONCE;
use crate::declared::Declared;
use crate::engines::{self, Call, Engine, Job, Observation, Took, Turn, Turns};
use crate::entry::{Entry, Visit};
use crate::registry::{self, Case};
use crate::routine::Routine;
use crate::sweep::Labels;
use hotbench_guard::{guard_status, unobserved};

/// Serves the harness; the exit code is of interest to nobody but who starts a worker by hand.
pub fn serve(build: &Build) -> ExitCode {
    // A case that never ends must not outlive the harness.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    // Moves what this process, if it is a side of a comparison, will allocate.
    std::mem::forget(std::env::var_os(protocol::DISPLACEMENT));
    match take_socket().and_then(|socket| answer_all(socket, build)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody reads it where it can't be written.
            let _ = writeln!(
                io::stderr(),
                "the connection to the harness is broken ({error}): {}",
                protocol::HINT_FILES
            );
            ExitCode::from(2)
        }
    }
}

/// Moves the socket away from standard input, where a case might read it.
fn take_socket() -> io::Result<UnixStream> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    // Fails if standard input is no socket: then nobody is there to be served.
    socket.peer_addr()?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(socket)
}

fn answer_all(socket: UnixStream, build: &Build) -> io::Result<()> {
    let link = RefCell::new(Link {
        requests: BufReader::new(socket.try_clone()?),
        socket,
        process: std::process::id(),
        next: None,
    });
    link.borrow_mut().answer(&Response::Hello {
        protocol: protocol::VERSION,
    })?;
    let cases: HashMap<String, &'static Case> = registry::cases().into_iter().collect();
    loop {
        // Bound, so that the link is free while the request is answered.
        let request = link.borrow_mut().next()?;
        let response = match request {
            None => return Ok(()),
            Some(Request::Cases) => list(build),
            Some(Request::Values(case)) => values(cases.get(&case).copied()),
            Some(Request::Enter(listed, job)) => match cases.get(&listed.case) {
                Some(case) => {
                    enter(&link, build, case, listed, job)?;
                    continue;
                }
                None => Response::Missing,
            },
            // Meant for a case that is entered: none is.
            Some(Request::Pass(_) | Request::Batch(_) | Request::Leave) => continue,
        };
        link.borrow_mut().answer(&response)?;
    }
}

/// The harness's end of the line.
struct Link {
    requests: BufReader<UnixStream>,
    socket: UnixStream,
    /// The process that was started to answer.
    process: u32,
    /// A request that was read too early.
    next: Option<Request>,
}

impl Link {
    /// Returns the next request; none when the harness has hung up.
    fn next(&mut self) -> io::Result<Option<Request>> {
        self.end_if_forked();
        if let Some(request) = self.next.take() {
            return Ok(Some(request));
        }
        let mut line = String::new();
        if self.requests.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        Ok(Some(serde_json::from_str(&line)?))
    }

    fn answer(&mut self, response: &Response) -> io::Result<()> {
        self.end_if_forked();
        // What the case printed must be on its way before the answer is.
        io::stdout().flush()?;
        protocol::send(&mut self.socket, response)
    }

    /// Ends a process that the user's code has forked and let come back: its answers would be taken for those of
    /// whatever is measured meanwhile.
    fn end_if_forked(&self) {
        if std::process::id() != self.process {
            // Nobody reads it where it can't be written.
            let _ = writeln!(
                io::stderr(),
                "a process that was forked came back to the harness, which ends it: end it in the case, by `_exit`"
            );
            // SAFETY: it ends the process at once. Handlers and buffers are the worker's.
            unsafe { libc::_exit(1) };
        }
    }

    /// Answers, and returns the next turn if there is one.
    fn turn(&mut self, response: &Response) -> Option<Turn> {
        self.answer(response).ok()?;
        match self.next().ok()? {
            Some(Request::Batch(turn)) => Some(turn),
            other => {
                self.next = other;
                None
            }
        }
    }
}

impl Turns for &RefCell<Link> {
    fn first(&mut self, threads: usize) -> Option<Turn> {
        self.borrow_mut().turn(&Response::Ready { threads })
    }

    fn next(&mut self, last: Took) -> Option<Turn> {
        self.borrow_mut().turn(&Response::Took(last))
    }
}

fn list(build: &Build) -> Response {
    let listed = |(id, case): (String, &Case)| ListedCase {
        id,
        is_swept: case.sweep.is_some(),
    };
    Response::Cases {
        cases: registry::cases().into_iter().map(listed).collect(),
        counts: guard_status().allocator_installed,
        compiled: build.compiled.to_owned(),
    }
}

/// Evaluates the sweeps of a case.
fn values(case: Option<&Case>) -> Response {
    let Some(case) = case else {
        return Response::Missing;
    };
    let labels = case.sweep.map(|sweep| sweep.labels);
    let evaluated = || labels.map(Labels::of).unwrap_or_default();
    match catch_unwind(evaluated) {
        Ok(values) => Response::Values(values),
        Err(payload) => Response::Panicked(message(&*payload)),
    }
}

/// Runs the routine of a case, with all values of its sweeps that the harness asks for one after the other.
fn enter(
    link: &RefCell<Link>,
    build: &Build,
    case: &'static Case,
    listed: Listed,
    job: Job,
) -> io::Result<()> {
    let mut visitor = Visitor {
        link,
        build,
        case,
        place: Place::Outside(listed, job),
        broken: None,
    };
    let ran = catch_unwind(AssertUnwindSafe(|| {
        (case.routine)(&mut Entry::new(&mut visitor));
    }));
    if let Some(error) = visitor.broken {
        return Err(error);
    }
    let response = match (ran, visitor.place) {
        // All that was asked for is answered: what panics now belongs to no request.
        (_, Place::Away) => return Ok(()),
        (Err(payload), _) => Response::Panicked(message(&*payload)),
        (Ok(()), _) => Response::Missing,
    };
    link.borrow_mut().answer(&response)
}

/// The harness as a case meets it.
struct Visitor<'a> {
    link: &'a RefCell<Link>,
    build: &'a Build,
    case: &'static Case,
    place: Place<'a>,
    /// What has broken the line to the harness.
    broken: Option<io::Error>,
}

/// How far a visitor has come.
enum Place<'a> {
    /// On its way to a value, and to the first pass over it.
    Outside(Listed, Job),
    /// In the body of the case, which has not handed its routine over yet.
    SettingUp(Listed, Box<dyn Engine + 'a>),
    /// In the body, which has, or can't.
    Measured,
    /// Done with the case.
    Away,
}

impl<'a> Visitor<'a> {
    fn engine(&self, id: &str, job: Job) -> Box<dyn Engine + 'a> {
        let call = Call {
            id: id.to_owned(),
            case: self.case,
            package: self.build.directory,
        };
        engines::engine(job, call, (self.build.defaults)(), self.link)
    }

    /// Returns the next request, and none if the line is broken, or was hung up.
    fn next(&mut self) -> Option<Request> {
        let next = self.link.borrow_mut().next();
        next.unwrap_or_else(|error| {
            self.broken = Some(error);
            None
        })
    }

    /// Returns whether the harness could be told.
    fn answer(&mut self, response: &Response) -> bool {
        let answered = self.link.borrow_mut().answer(response);
        self.broken = self.broken.take().or(answered.err());
        self.broken.is_none()
    }
}

impl Visit for Visitor<'_> {
    fn wants(&mut self, value: Option<&str>) -> bool {
        match std::mem::replace(&mut self.place, Place::Away) {
            Place::Outside(listed, job) if listed.value.as_deref() == value => {
                // What panics from now on is no sweep.
                self.place = Place::Measured;
                let is_told = self.answer(&Response::Entered);
                let engine = self.engine(&listed.id, job);
                self.place = Place::SettingUp(listed, engine);
                is_told
            }
            place => {
                self.place = place;
                false
            }
        }
    }

    fn drive(&mut self, routine: &mut dyn Routine, declared: &Declared) {
        let place = std::mem::replace(&mut self.place, Place::Measured);
        let Place::SettingUp(listed, mut engine) = place else {
            return;
        };
        loop {
            let observation = engine.drive(routine, declared);
            if let Some(report) = unobserved::take() {
                // A guarded function has failed on a thread that the case left to itself.
                resume_unwind(Box::new(report));
            }
            if !self.answer(&Response::Observed(observation)) {
                return;
            }
            match self.next() {
                Some(Request::Pass(job)) => engine = self.engine(&listed.id, job),
                other => {
                    self.link.borrow_mut().next = other;
                    return;
                }
            }
        }
    }

    fn leave(&mut self) -> bool {
        if let Place::SettingUp(..) = self.place {
            // The first pass is still to be answered.
            let failed = Observation::Failed(NOT_ONCE.to_owned());
            if !self.answer(&Response::Observed(failed)) {
                return true;
            }
        }
        self.place = Place::Away;
        let mut request = self.next();
        if matches!(request, Some(Request::Leave)) {
            if !self.answer(&Response::Left) {
                return true;
            }
            request = self.next();
        }
        match request {
            Some(Request::Enter(listed, job)) if listed.case == self.case.id() => {
                self.place = Place::Outside(listed, job);
                false
            }
            other => {
                self.link.borrow_mut().next = other;
                true
            }
        }
    }
}

fn message(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a value that is no string".to_owned()
    }
}
