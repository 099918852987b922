//! The child's side: answers requests until the harness hangs up.

use std::any::Any;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use super::protocol::{self, Request, Response};
use crate::harness::Build;
use crate::harness::engine::{self, Call, Job, Observation};
use crate::registry::{self, Case};

/// Serves the harness; the exit code is of interest to nobody but who starts a child by hand.
pub(crate) fn serve(build: &Build) -> ExitCode {
    // A case that never ends must not outlive the harness.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
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

fn answer_all(mut socket: UnixStream, build: &Build) -> io::Result<()> {
    let hello = Response::Hello {
        protocol: protocol::VERSION,
    };
    protocol::send(&mut socket, &hello)?;
    let cases: HashMap<String, &Case> = registry::cases().into_iter().collect();
    let requests = BufReader::new(socket.try_clone()?);
    for line in requests.lines() {
        let response = match serde_json::from_slice(line?.as_bytes())? {
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
                    };
                    measure(call, &job, build)
                }
                None => {
                    let message = format!("there is no case `{case}` in this executable");
                    Response::Observed(Observation::Failed(message))
                }
            },
        };
        // What the case printed must be on its way before the answer is.
        io::stdout().flush()?;
        protocol::send(&mut socket, &response)?;
    }
    Ok(())
}

fn measure(call: Call<'_>, job: &Job, build: &Build) -> Response {
    let measured = || engine::measure(call, job, (build.defaults)());
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
