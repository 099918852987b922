//! The child's side: answers requests until the harness hangs up.

use std::any::Any;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Duration;

use super::protocol::{self, Listed, Request, Response};
use crate::guard::guard_status;
use crate::harness::Build;
use crate::harness::compare::displace_heap;
use crate::harness::engine::{self, Call, Job, Observation, Turn, Turns};
use crate::registry::{self, Case};

/// Serves the harness; the exit code is of interest to nobody but who starts a child by hand.
pub(crate) fn serve(build: &Build) -> ExitCode {
    // A case that never ends must not outlive the harness.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    displace_heap();
    match take_socket().and_then(|socket| answer_all(socket, build)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(2),
    }
}

/// Moves the socket away from standard input, where a case might read it.
fn take_socket() -> io::Result<UnixStream> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    // Fails where standard input is no socket: then nobody is there to be served.
    socket.peer_addr()?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(socket)
}

fn answer_all(socket: UnixStream, build: &Build) -> io::Result<()> {
    let mut harness = Harness {
        requests: BufReader::new(socket.try_clone()?),
        socket,
    };
    harness.answer(&Response::Hello {
        protocol: protocol::VERSION,
    })?;
    let cases: HashMap<String, &Case> = registry::cases().into_iter().collect();
    while let Some(request) = harness.next()? {
        let response = match request {
            Request::Measure {
                case,
                index,
                id,
                job,
            } => match cases.get(&case).copied() {
                Some(case) => {
                    let call = Call {
                        id: &id,
                        case,
                        index,
                        package: build.directory,
                    };
                    measure(call, &job, build, &mut harness)
                }
                None => {
                    let message = format!("there is no case `{case}` in this executable");
                    Response::Observed(Observation::Failed(message))
                }
            },
            Request::Cases => list(),
            // Of a case that has panicked meanwhile.
            Request::Batch(_) => continue,
        };
        harness.answer(&response)?;
    }
    Ok(())
}

/// The harness's end of the line.
struct Harness {
    requests: BufReader<UnixStream>,
    socket: UnixStream,
}

impl Harness {
    /// None when it has hung up.
    fn next(&mut self) -> io::Result<Option<Request>> {
        let mut line = String::new();
        if self.requests.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        Ok(Some(serde_json::from_str(&line)?))
    }

    fn answer(&mut self, response: &Response) -> io::Result<()> {
        // What the case printed must be on its way before the answer is.
        io::stdout().flush()?;
        protocol::send(&mut self.socket, response)
    }
}

impl Turns for Harness {
    fn first(&mut self, threads: usize) -> Option<Turn> {
        self.turn(&Response::Ready { threads })
    }

    fn next(&mut self, last: Duration) -> Option<Turn> {
        let ns = u64::try_from(last.as_nanos()).unwrap_or(u64::MAX);
        self.turn(&Response::Took { ns })
    }
}

impl Harness {
    /// Answers, and hears whether there is another turn. A line that is broken ends the case, and then the child.
    fn turn(&mut self, response: &Response) -> Option<Turn> {
        self.answer(response).ok()?;
        match Harness::next(self) {
            Ok(Some(Request::Batch(turn))) => Some(turn),
            _ => None,
        }
    }
}

fn list() -> Response {
    match registry::instances() {
        Ok(instances) => Response::Cases {
            cases: instances
                .into_iter()
                .map(|instance| Listed {
                    case: instance.case.id(),
                    index: instance.index,
                    id: instance.id,
                })
                .collect(),
            counts: guard_status().allocator_installed,
        },
        Err(case) => Response::Observed(Observation::Failed(format!(
            "the sweep of `{}` has no value",
            case.id()
        ))),
    }
}

fn measure(call: Call<'_>, job: &Job, build: &Build, turns: &mut dyn Turns) -> Response {
    let measured = || engine::measure(call, job, (build.defaults)(), turns);
    match catch_unwind(AssertUnwindSafe(measured)) {
        Ok(observation) => Response::Observed(observation),
        Err(payload) => Response::Panicked(message(&*payload)),
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
