//! What a failing region says: put together from its records, and written as text or as JSON.

mod causes;
mod json;
mod source;
mod subject;
mod text;

pub(super) use subject::{Subject, name};

use std::backtrace::{Backtrace, BacktraceStatus};
use std::sync::Once;

use super::counts::Charge;
use super::ledger::unwatched;
use super::policy::{self, Format};
use super::settle::Excess;
use crate::symbols;
use causes::Cause;

/// Bytes of the stack of the thread that renders a report.
const STACK: usize = 4 << 20;
/// Hints of one report.
const MAX_HINTS: usize = 3;

const NO_LINES: &str = "for the lines, build with debug info: `debug = \"limited\"` in the \
                        profile, without `strip`";

/// A failing region, with all that is known of it.
struct Report<'a> {
    subject: Subject<'a>,
    /// Without `captured`.
    used: Charge,
    captured: Charge,
    /// Whether work on another thread did it that went on after the region had ended.
    late: bool,
    /// The places past the limit, most bytes first.
    causes: Vec<Cause>,
    /// Allocations without a place: those that came before, and those that are not recorded.
    before: u64,
    lost: u64,
    /// Whether records are missing because there was no memory for them.
    out_of_memory: bool,
    /// The regions around it, from the inside out.
    around: &'a [String],
}

/// The outcome of a region that is over its budget.
#[derive(Debug)]
pub(super) struct Verdict {
    /// None if without `captured` it is not over it.
    pub(super) report: Option<String>,
    /// The allocations of libtest's capture of the output, which `--nocapture` would not make.
    pub(super) captured: Charge,
}

/// Renders the report of a region that is over its budget.
pub(super) fn render(subject: Subject<'_>, excess: &Excess) -> Verdict {
    on_a_large_stack(&|| {
        let report = Report::new(subject, excess);
        let captured = report.captured;
        let is_over = report.used.exceeds(subject.budget().charge());
        let report = is_over.then(|| {
            load_backtrace_tables();
            match policy::format() {
                Format::Text => text::render(&report),
                Format::Json => json::render(&report),
            }
        });
        Verdict { report, captured }
    })
}

/// Has the standard library load what it needs for backtraces, if `RUST_BACKTRACE` asks for one: the thread that
/// panics with the report may have too little stack for that.
fn load_backtrace_tables() {
    static LOADED: Once = Once::new();
    LOADED.call_once(|| {
        let backtrace = Backtrace::capture();
        if backtrace.status() == BacktraceStatus::Captured {
            drop(backtrace.to_string());
        }
    });
}

/// Runs `work` on a thread of its own. Symbols take some 100 KiB of stack, and the thread that failed may have 16.
fn on_a_large_stack<R: Send>(work: &(dyn Fn() -> R + Sync)) -> R {
    let builder = std::thread::Builder::new().name("hotbench report".to_owned());
    let unseen = || unwatched(work);
    let done = std::thread::scope(|scope| {
        let thread = builder.stack_size(STACK).spawn_scoped(scope, unseen);
        thread.map(std::thread::ScopedJoinHandle::join)
    });
    match done {
        Ok(Ok(done)) => done,
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        // The process may start no further thread.
        Err(_) => work(),
    }
}

impl<'a> Report<'a> {
    fn new(subject: Subject<'a>, excess: &'a Excess) -> Self {
        let (causes, captured) = causes::causes(&excess.records, subject.path().as_deref());
        let used = excess.used.minus(captured);
        let recorded: u64 = causes.iter().map(Cause::requests).sum();
        let rest = used.allocs.saturating_sub(recorded);
        let before = rest.min(excess.before);
        Self {
            subject,
            used,
            captured,
            late: excess.late,
            causes,
            before,
            lost: rest - before,
            out_of_memory: excess.out_of_memory,
            around: &excess.around,
        }
    }

    /// What to do, the most specific first.
    fn helps(&self) -> Vec<String> {
        let mut helps = self.hints();
        helps.push(self.help().to_owned());
        if self.causes.iter().all(|cause| cause.place.is_none()) && !self.causes.is_empty() {
            helps.push(NO_LINES.to_owned());
        }
        helps
    }

    /// What each known pattern asks for, once, at its first place.
    fn hints(&self) -> Vec<String> {
        let mut files = self
            .causes
            .iter()
            .map(|cause| Some(&cause.place.as_ref()?.file));
        let first = files.next().flatten();
        let one_file = files.all(|file| file == first);
        let mut seen = Vec::new();
        let mut hints = Vec::new();
        for cause in &self.causes {
            let Some(hint) = cause.hint().filter(|hint| !seen.contains(hint)) else {
                continue;
            };
            let text = hint.text(cause.grown(), self.subject.may_warm_up());
            hints.push(match &cause.place {
                Some(place) if one_file => format!("line {}: {text}", place.line),
                Some(place) => format!("{}:{}: {text}", symbols::shown(&place.file), place.line),
                None => text,
            });
            seen.push(hint);
        }
        hints.truncate(MAX_HINTS);
        hints
    }

    /// What helps whatever the pattern.
    fn help(&self) -> &'static str {
        let budget = self.subject.budget();
        match (self.used.allocs > 0, budget.forbid) {
            (true, false) if budget.max_allocs == 0 => {
                "allocate before the call, or exempt it where it stands: \
                 `hotbench::allow_alloc(|| …)`"
            }
            (true, false) => {
                "allocate before the call, exempt it where it stands: \
                 `hotbench::allow_alloc(|| …)`, or raise the budget"
            }
            (true, true) => "allocate before the call: with `forbid` no exemption helps",
            (false, false) => {
                "keep it, or return it to the caller, who may drop it; or exempt it where it \
                 stands: `hotbench::allow_alloc(|| …)`"
            }
            (false, true) => {
                "keep it, or return it to the caller, who may drop it: with `forbid` no exemption \
                 helps"
            }
        }
    }
}
