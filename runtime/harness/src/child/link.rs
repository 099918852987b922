//! The harness's side: starts a worker, asks it, and reads what it answers on its socket and what its
//! case prints, in one loop, so that neither can fill a pipe and block the other.
//!
//! That a worker has ended is noticed by its process. Its socket says nothing of it: a process that the case has
//! forked holds the other end open for as long as it lives.

use std::fmt;
use std::io::{self, PipeReader, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::SIGINT;

use super::ending::Ending;
use super::group::Group;
use crate::interrupt::Interrupt;
use hotbench_engine::engines::{Job, Observation};
use hotbench_engine::protocol::{self, Listed, Request, Response};

/// How much of what a case prints is kept: its end.
const MAX_OUTPUT: usize = 64 * 1024;
/// Bytes that are read at once.
const READ: usize = 8 * 1024;
/// More than a pipe holds, as Linux makes them for those who don't ask for more.
const MAX_PIPE: usize = 1024 * 1024;
/// How long a child may take to leave after it has hung up.
const GRACE: Duration = Duration::from_secs(2);

/// Where that goes which the cases print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Printing {
    /// It is kept for [`take_output`](Child::take_output).
    Kept,
    /// To where the harness's own goes.
    Shown,
    /// All of it to standard error, for standard output carries a document.
    ShownAside,
}

/// A running child.
#[derive(Debug)]
pub(crate) struct Child {
    process: std::process::Child,
    ending: Ending,
    /// What the case has started, too.
    group: Group,
    socket: UnixStream,
    incoming: Vec<u8>,
    /// Absent where the case prints to the terminal, and once the child has closed it.
    printed: Option<PipeReader>,
    output: Vec<u8>,
    /// Whether the beginning of the output is no longer there.
    is_cut: bool,
}

/// How a measurement ended.
#[derive(Debug)]
pub(crate) enum Ended {
    Observed(Observation),
    Panicked(String),
    /// The case is not there, or its sweeps have no such value: not again in this process, at least.
    Missing,
    /// The case took the child with it.
    Died(ExitStatus),
    /// The deadline has passed; the child is gone.
    TimedOut,
    /// The user has had enough; likewise.
    Interrupted,
    /// The case has broken the line to the child.
    Broken(LinkError),
}

/// What comes of a request.
#[derive(Debug)]
pub(crate) enum Answer {
    Message(Response),
    /// The measurement has ended, if there was one.
    Ended(Ended),
}

/// What came of waiting for the child.
type Received = Result<Response, Silence>;

/// Why there is no message.
enum Silence {
    /// The child has hung up.
    End,
    DeadlinePassed,
    Interrupted,
}

/// What can be read.
struct Ready {
    socket: bool,
    is_interrupted: bool,
    /// Or closed its output.
    has_printed: bool,
    has_ended: bool,
}

/// Why there is no child, or no talking to it.
#[derive(Debug)]
pub(crate) enum LinkError {
    Start(io::Error),
    Io(io::Error),
    /// The process has closed its end of the line, and went on.
    Closed,
    /// It ended before it could be asked, with this status and this output.
    Early(ExitStatus, String),
    Foreign(String),
    Protocol(u32),
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(error) => write!(f, "the measuring process can't be started: {error}"),
            Self::Io(error) => write!(f, "the measuring process can't be talked to: {error}"),
            Self::Closed => write!(
                f,
                "the process that measures it has closed its connection to the harness, and was killed: {}",
                protocol::HINT_FILES
            ),
            Self::Early(status, output) => {
                let output = output.trim_end();
                let output = if output.is_empty() { "nothing" } else { output };
                write!(
                    f,
                    "the measuring process ended before it was asked for anything ({status}), and printed: {output}"
                )
            }
            Self::Foreign(line) => write!(
                f,
                "the measuring process says what this harness does not understand: {line}"
            ),
            Self::Protocol(version) => write!(
                f,
                "the measuring process speaks version {version} of the protocol, this harness \
                 version {}",
                protocol::VERSION
            ),
        }
    }
}

impl LinkError {
    pub(crate) fn foreign(response: &Response) -> Self {
        Self::Foreign(format!("{response:?}"))
    }
}

impl From<io::Error> for LinkError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Child {
    /// Starts a child, which is to be [greeted](Self::greet), by a command that starts this executable. `home` is
    /// where Criterion may write.
    pub(crate) fn start(
        mut command: Command,
        home: &Path,
        printing: Printing,
    ) -> Result<Self, LinkError> {
        let (ours, theirs) = UnixStream::pair()?;
        command
            .arg(super::FLAG)
            // Criterion asks `cargo metadata` where this is not set.
            .env("CRITERION_HOME", home)
            .stdin(OwnedFd::from(theirs));
        let mut printed = None;
        match printing {
            Printing::Kept => {
                let (reader, writer) = io::pipe()?;
                command.stdout(writer.try_clone()?).stderr(writer);
                printed = Some(reader);
            }
            Printing::Shown => {
                command.stdout(Stdio::inherit()).stderr(Stdio::inherit());
            }
            Printing::ShownAside => {
                let aside = io::stderr().as_fd().try_clone_to_owned()?;
                command.stdout(aside).stderr(Stdio::inherit());
            }
        }
        Group::prepare(&mut command)?;
        let process = command.spawn().map_err(LinkError::Start)?;
        let ending = Ending::of(&process);
        // The command holds the child's ends of the socket and the pipe; unless they are closed
        // here, the child's death would go unnoticed.
        drop(command);
        Ok(Self {
            group: Group::of(&process),
            process,
            ending,
            socket: ours,
            incoming: Vec::new(),
            printed,
            output: Vec::new(),
            is_cut: false,
        })
    }

    /// Hears who it is. Returns what has ended the run of the case that it was started for, if that did.
    pub(crate) fn greet(
        &mut self,
        deadline: Option<Instant>,
        interrupt: &Interrupt,
    ) -> Result<Option<Ended>, LinkError> {
        match self.receive(deadline, interrupt)? {
            Ok(Response::Hello { protocol }) if protocol == protocol::VERSION => Ok(None),
            Ok(Response::Hello { protocol }) => Err(LinkError::Protocol(protocol)),
            Ok(other) => Err(LinkError::foreign(&other)),
            Err(cause) => match self.ended(cause, interrupt)? {
                Ended::Died(status) => Err(LinkError::Early(status, self.take_output())),
                ended => Ok(Some(ended)),
            },
        }
    }

    /// Enters a case, whose sweeps may be evaluated until `found_by`. The answer to the first pass is to be
    /// [heard](Self::hear) then. Returns what has kept it from being entered, if anything has.
    pub(crate) fn enter(
        &mut self,
        listed: &Listed,
        job: &Job,
        found_by: Option<Instant>,
        interrupt: &Interrupt,
    ) -> Result<Option<Ended>, LinkError> {
        let request = Request::Enter(listed.clone(), job.clone());
        match self.ask(&request, found_by, interrupt)? {
            Answer::Message(Response::Entered) => Ok(None),
            Answer::Message(other) => Err(LinkError::foreign(&other)),
            Answer::Ended(ended) => Ok(Some(ended)),
        }
    }

    /// Sends a request, and waits for what comes of it.
    pub(crate) fn ask(
        &mut self,
        request: &Request,
        deadline: Option<Instant>,
        interrupt: &Interrupt,
    ) -> Result<Answer, LinkError> {
        if let Err(error) = protocol::send(&mut self.socket, request) {
            // A child that is gone shows itself when it is read from, with its status.
            if error.kind() != io::ErrorKind::BrokenPipe {
                return Err(error.into());
            }
        }
        self.hear(deadline, interrupt)
    }

    /// Waits for what comes of what was asked.
    pub(crate) fn hear(
        &mut self,
        deadline: Option<Instant>,
        interrupt: &Interrupt,
    ) -> Result<Answer, LinkError> {
        match self.receive(deadline, interrupt)? {
            Ok(Response::Observed(observation)) => Ok(Answer::Ended(Ended::Observed(observation))),
            Ok(Response::Panicked(message)) => Ok(Answer::Ended(Ended::Panicked(message))),
            Ok(Response::Missing) => Ok(Answer::Ended(Ended::Missing)),
            Ok(other) => Ok(Answer::Message(other)),
            Err(cause) => Ok(Answer::Ended(self.ended(cause, interrupt)?)),
        }
    }

    /// A child that says nothing more, or is not listened to any longer.
    fn ended(&mut self, cause: Silence, interrupt: &Interrupt) -> io::Result<Ended> {
        Ok(match cause {
            Silence::End => {
                let status = self.wait()?;
                // It may have hung up before it said why.
                self.drain_printed()?;
                let Some(status) = status else {
                    return Ok(Ended::Broken(LinkError::Closed));
                };
                let is_interrupted = status.signal() == Some(SIGINT) && interrupt.is_raised_soon();
                if is_interrupted {
                    Ended::Interrupted
                } else {
                    Ended::Died(status)
                }
            }
            Silence::DeadlinePassed => {
                self.kill()?;
                Ended::TimedOut
            }
            Silence::Interrupted => {
                self.kill()?;
                Ended::Interrupted
            }
        })
    }

    fn kill(&mut self) -> io::Result<()> {
        self.group.kill();
        self.process.wait()?;
        self.drain_printed()
    }

    /// What the cases have printed since this was last asked.
    pub(crate) fn take_output(&mut self) -> String {
        let output = std::mem::take(&mut self.output);
        let output = String::from_utf8_lossy(&output);
        if std::mem::take(&mut self.is_cut) {
            format!(
                "(the last {} KiB of its output)\n{output}",
                MAX_OUTPUT / 1024
            )
        } else {
            output.into_owned()
        }
    }

    /// The next message, or what came in its place.
    fn receive(
        &mut self,
        deadline: Option<Instant>,
        interrupt: &Interrupt,
    ) -> Result<Received, LinkError> {
        loop {
            if let Some(end) = self.incoming.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.incoming.drain(..=end).collect();
                // The child flushed its output before it answered.
                self.drain_printed()?;
                let message = serde_json::from_slice(&line).map_err(|_| {
                    LinkError::Foreign(String::from_utf8_lossy(&line).trim().to_owned())
                });
                return message.map(Ok);
            }
            let timeout =
                deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let ready = self.wait_for_any(timeout, Some(interrupt))?;
            if ready.is_interrupted {
                return Ok(Err(Silence::Interrupted));
            }
            // A case may print on and on.
            if timeout.is_some_and(|timeout| timeout.is_zero()) && !ready.socket && !ready.has_ended
            {
                return Ok(Err(Silence::DeadlinePassed));
            }
            if ready.has_printed {
                self.read_printed()?;
            }
            // What it sent before it ended is there to be read.
            let is_over = if ready.socket {
                !self.read_socket()?
            } else {
                ready.has_ended
            };
            if is_over {
                return Ok(Err(Silence::End));
            }
        }
    }

    /// Waits until there is something to read, the worker has ended, or the time is over.
    fn wait_for_any(
        &mut self,
        timeout: Option<Duration>,
        interrupt: Option<&Interrupt>,
    ) -> io::Result<Ready> {
        let socket = PollFd::new(&self.socket, PollFlags::IN);
        let mut fds = vec![socket];
        fds.extend(interrupt.map(|it| PollFd::from_borrowed_fd(it.fd(), PollFlags::IN)));
        let printed = self.printed.as_ref();
        fds.extend(printed.map(|printed| PollFd::new(printed, PollFlags::IN)));
        let ending = self.ending.fd();
        fds.extend(ending.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        wait_for(&mut fds, self.ending.shortened(timeout))?;
        let mut readable = fds.iter().map(|fd| !fd.revents().is_empty());
        let mut next = |is_there: bool| is_there && readable.next().unwrap_or(false);
        let mut ready = Ready {
            socket: next(true),
            is_interrupted: next(interrupt.is_some()),
            has_printed: next(printed.is_some()),
            has_ended: next(ending.is_some()),
        };
        if ending.is_none() {
            // Asked after the socket: what the worker sent before it ended is noticed first.
            ready.has_ended = self.process.try_wait()?.is_some();
            ready.socket |= ready.has_ended && has_input(&self.socket)?;
        }
        Ok(ready)
    }

    /// Reads what was printed before the message that has come: at most what a pipe holds, for a
    /// thread that the case has left behind may print on and on.
    fn drain_printed(&mut self) -> io::Result<()> {
        for _ in 0..MAX_PIPE / READ {
            if !self.wait_for_any(Some(Duration::ZERO), None)?.has_printed {
                break;
            }
            self.read_printed()?;
        }
        Ok(())
    }

    /// Reads what was printed, of which there must be some, or the end.
    fn read_printed(&mut self) -> io::Result<()> {
        let Some(printed) = &mut self.printed else {
            return Ok(());
        };
        let mut buffer = [0; READ];
        let n = printed.read(&mut buffer)?;
        if n == 0 {
            self.printed = None;
        }
        self.output.extend_from_slice(&buffer[..n]);
        let surplus = self.output.len().saturating_sub(MAX_OUTPUT);
        self.output.drain(..surplus);
        self.is_cut |= surplus > 0;
        Ok(())
    }

    /// Returns whether anything came: nothing is the end.
    fn read_socket(&mut self) -> io::Result<bool> {
        let mut buffer = [0; READ];
        let n = match self.socket.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => 0,
            result => result?,
        };
        self.incoming.extend_from_slice(&buffer[..n]);
        Ok(n > 0)
    }

    /// How the process ended; none if it hung up and stayed, so that it had to be killed.
    fn wait(&mut self) -> io::Result<Option<ExitStatus>> {
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline {
            if let Some(status) = self.process.try_wait()? {
                return Ok(Some(status));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        self.group.kill();
        self.process.wait()?;
        Ok(None)
    }
}

impl Child {
    /// Tells a worker that waits for a request to leave. Returns how it ended, if that is no success.
    pub(crate) fn leave(mut self) -> Option<ExitStatus> {
        // It is told by the end of the line, which it may have closed itself.
        let _ = self.socket.shutdown(std::net::Shutdown::Both);
        let status = self.wait().ok().flatten()?;
        (!status.success()).then_some(status)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // An idle child leaves when the harness hangs up. There is nobody left to tell of an error.
        let _ = self.socket.shutdown(std::net::Shutdown::Both);
        let _ = self.wait();
    }
}

/// Returns whether there is something to read at once.
fn has_input(socket: &UnixStream) -> io::Result<bool> {
    let mut fds = [PollFd::new(socket, PollFlags::IN)];
    wait_for(&mut fds, Some(Duration::ZERO))?;
    Ok(!fds[0].revents().is_empty())
}

fn wait_for(fds: &mut [PollFd<'_>], timeout: Option<Duration>) -> io::Result<()> {
    let timeout = timeout.map(|timeout| Timespec {
        tv_sec: timeout.as_secs().cast_signed(),
        tv_nsec: timeout.subsec_nanos().into(),
    });
    loop {
        match poll(fds, timeout.as_ref()) {
            Err(rustix::io::Errno::INTR) => {}
            result => return result.map(drop).map_err(Into::into),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_that_does_not_say_who_it_is_is_given_up() {
        let (ours, _theirs) = UnixStream::pair().expect("a socket");
        let mut command = Command::new("sleep");
        Group::prepare(&mut command).expect("signals");
        let process = command.arg("1000").spawn().expect("a child");
        let mut child = Child {
            ending: Ending::of(&process),
            group: Group::of(&process),
            process,
            socket: ours,
            incoming: Vec::new(),
            printed: None,
            output: Vec::new(),
            is_cut: false,
        };
        let interrupt = Interrupt::listen().expect("signals");
        let ended = child.greet(Some(Instant::now()), &interrupt);
        assert!(matches!(ended, Ok(Some(Ended::TimedOut))), "{ended:?}");
        assert!(matches!(child.process.try_wait(), Ok(Some(_))));
    }
}
