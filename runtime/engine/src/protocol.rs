//! The messages between the harness and its worker: a line of JSON each, over a socket that is the
//! worker's standard input when it starts.
//!
//! A case is *entered* once for each value of its sweeps, which runs its set-up, and then measured in one or more
//! *passes*. It is left when the harness says so, which runs its tear-down.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use crate::engines::{Job, Observation, Took, Turn};

/// A variable of the environment whose value moves the memory of a process: the stack, above which it lies, and on the
/// heap a copy of it what comes afterwards.
pub const DISPLACEMENT: &str = "HOTBENCH_DISPLACED";

/// Why the two sides may have lost each other.
pub const HINT_FILES: &str = "does the case close files that it has not opened?";

/// Raised whenever a message changes its meaning. The two sides may be different executables.
pub const VERSION: u32 = 3;

/// From the harness.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Request {
    /// Say which cases there are.
    Cases,
    /// Evaluate the sweeps of the case with this id, and say how ids show their values.
    Values(String),
    /// Enter a case with a value of its sweeps, and make the first pass.
    Enter(Listed, Job),
    /// Make another pass over the case that is entered.
    Pass(Job),
    /// Time a batch of the case that takes turns.
    Batch(Turn),
    /// Leave the case that is entered.
    Leave,
}

/// A case with one value of its sweeps. Both are named: positions differ between two processes if a sweep has no
/// fixed order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The id under which its figures are reported.
    pub id: String,
    /// The case's own id.
    pub case: String,
    /// The value of its sweeps as ids show it, if it has sweeps.
    pub value: Option<String>,
}

/// A case of the executable.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListedCase {
    /// Its id, without a value.
    pub id: String,
    /// Whether it has sweeps.
    pub is_swept: bool,
}

/// From the worker.
#[derive(Debug, Serialize, Deserialize)]
pub enum Response {
    /// The first message, once.
    Hello {
        /// [`VERSION`] of the worker.
        protocol: u32,
    },
    /// The answer to [`Request::Cases`].
    Cases {
        /// In the order of reports.
        cases: Vec<ListedCase>,
        /// Whether the program's allocator is the one that counts.
        counts: bool,
        /// How the executable was compiled: [`Build::compiled`](crate::Build::compiled).
        compiled: String,
    },
    /// The answer to [`Request::Values`].
    Values(Vec<String>),
    /// The case was found with its value; its set-up runs now.
    Entered,
    /// This process has no such case, or no such value of its sweeps after the one entered last.
    Missing,
    /// What a pass saw.
    Observed(Observation),
    /// The case is set up and takes turns, on so many threads.
    Ready {
        /// On which each call runs.
        threads: usize,
    },
    /// The answer to [`Request::Batch`]: what its calls took.
    Took(Took),
    /// The answer to [`Request::Leave`].
    Left,
    /// The case or its sweep panicked with this message. The worker goes on.
    Panicked(String),
}

/// Sends one message.
pub fn send(stream: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    stream.write_all(&line)
}
