//! The messages between the harness and its child: a line of JSON each, over a socket that is the
//! child's standard input when it starts.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use crate::harness::engine::{Job, Observation};

/// Raised whenever a message changes its meaning. The two sides may be different executables.
pub(crate) const VERSION: u32 = 1;

/// From the harness.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// Measure this case, with this value of its sweeps, in this way.
    Measure {
        /// The case's own id.
        case: String,
        index: usize,
        /// With the value.
        id: String,
        job: Job,
    },
}

/// From the child.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Response {
    /// The first message, once.
    Hello { protocol: u32 },
    /// The answer to [`Request::Measure`].
    Observed(Observation),
    /// The case panicked, with this message. The child goes on.
    Panicked(String),
}

/// Sends one message.
pub(crate) fn send(stream: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    stream.write_all(&line)
}
