//! The messages between the harness and its child: a line of JSON each, over a socket that is the
//! child's standard input when it starts.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use crate::harness::engine::{Job, Observation, Turn};

/// Raised whenever a message changes its meaning. The two sides may be different executables.
pub(crate) const VERSION: u32 = 2;

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
    /// The next turn of a case that takes them.
    Batch(Turn),
    /// Say which cases there are.
    Cases,
}

/// A case of the executable, with one value of its sweeps.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) case: String,
    pub(crate) index: usize,
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
    /// The case is set up, and takes turns, on so many threads.
    Ready { threads: usize },
    /// The answer to [`Request::Batch`]: what its calls took.
    Took { ns: u64 },
    /// The answer to [`Request::Cases`].
    Cases {
        cases: Vec<Listed>,
        /// The program's allocator is the one that counts.
        counts: bool,
    },
}

/// Sends one message.
pub(crate) fn send(stream: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    stream.write_all(&line)
}
