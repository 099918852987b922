//! Failures on threads that nobody joins: the panic ends the thread, and no test would fail by it.
//!
//! Whoever joins a thread, or catches its panic, has seen the failure. If nobody can have seen it, the process
//! ends with the report and `EXIT_CODE`. Three things are needed to know that: that no `catch_unwind` inside the
//! thread's own function stops the panic (`catch`); that the thread's handle is dropped, which POSIX
//! calls detached; and that no `std::thread::scope` waits for it, which would panic itself.

use std::cell::Cell;
use std::mem::MaybeUninit;
use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::catch;
use super::ledger::unwatched;
use super::policy;

/// The exit code of a process in which a failure was seen by nobody: that of a panic.
const EXIT_CODE: i32 = 101;
/// A handle may be dropped after its thread has failed. The thread waits so long for that before it ends.
const HANDLE_DROPPED: Duration = Duration::from_millis(100);
/// The end of the process, or of a case, waits so long for threads that are failing. A report may take seconds on a
/// busy machine.
const LONGEST: Duration = Duration::from_secs(10);
const STEP: Duration = Duration::from_millis(1);
/// The message of `std::thread::scope` if a thread of it has panicked that was not joined.
const SCOPE: &str = "a scoped thread panicked";

/// A failure that has no catcher on its thread.
#[derive(Debug)]
struct Failure {
    thread: usize,
    report: String,
    fate: Fate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Its thread unwinds.
    Unwinding,
    /// Its thread has ended, and was detached.
    Unobserved,
}

/// The failures that nobody is known to have seen.
static FAILURES: Mutex<Vec<Failure>> = Mutex::new(Vec::new());
/// Threads between the verdict and the panic.
static FAILING: AtomicUsize = AtomicUsize::new(0);

fn lock() -> MutexGuard<'static, Vec<Failure>> {
    FAILURES.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    /// Set by the first failure of a thread, and dropped when the thread ends.
    static END: Cell<Option<End>> = const { Cell::new(None) };
}

/// A failure is being reported on this thread, until the value is dropped.
#[derive(Debug)]
pub(super) struct Failing(());

impl Failing {
    pub(super) fn begin() -> Self {
        static HEARD: Once = Once::new();
        FAILING.fetch_add(1, Ordering::Relaxed);
        // Before the report is made: the process may end meanwhile.
        HEARD.call_once(|| {
            hear_scopes();
            // SAFETY: the handler is a function of this program, which does not unwind.
            unsafe { libc::atexit(at_exit) };
        });
        Self(())
    }
}

impl Drop for Failing {
    fn drop(&mut self) {
        FAILING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Remembers the report with which this thread is about to panic, if nothing inside the thread will catch it.
pub(super) fn will_panic(report: &str) {
    if is_main_thread() || catch::is_caught_on_this_thread() {
        return;
    }
    let thread = this_thread();
    lock().push(Failure {
        thread,
        report: report.to_owned(),
        fate: Fate::Unwinding,
    });
    // A thread whose thread-locals are gone already can't be followed: then its handle counts as dropped.
    let is_followed = END.try_with(|end| end.set(Some(End))).is_ok();
    if !is_followed {
        set_fate(thread, Fate::Unobserved);
    }
}

fn set_fate(thread: usize, fate: Fate) {
    let mut failures = lock();
    let own = failures
        .iter_mut()
        .filter(|failure| failure.thread == thread);
    own.for_each(|failure| failure.fate = fate);
}

/// The end of a thread that has failed.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        unwatched(|| {
            let (thread, start) = (this_thread(), Instant::now());
            while !is_detached() {
                if start.elapsed() > HANDLE_DROPPED {
                    // Somebody has the handle: what becomes of the failure is theirs to say.
                    lock().retain(|failure| failure.thread != thread);
                    return;
                }
                thread::sleep(STEP);
            }
            set_fate(thread, Fate::Unobserved);
        });
    }
}

/// A scope waits for threads whose handles are dropped, and panics as they do: then their failures have been seen.
fn hear_scopes() {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if panic.payload().downcast_ref::<&str>() == Some(&SCOPE) {
            unwatched(|| lock().clear());
        }
        previous(panic);
    }));
}

/// Takes the failures that nobody has seen, after a wait for threads that are failing.
#[cfg(feature = "cases")]
pub fn take() -> Option<String> {
    unwatched(|| {
        settle();
        let mut failures = lock();
        let unobserved = |failure: &mut Failure| failure.fate == Fate::Unobserved;
        let reports: Vec<String> = failures
            .extract_if(.., unobserved)
            .map(|failure| failure.report)
            .collect();
        (!reports.is_empty()).then(|| said(&reports))
    })
}

/// Waits for threads that are about to panic, and for those that have and are about to end.
fn settle() {
    let start = Instant::now();
    let is_busy = || {
        let is_unwinding = |failure: &Failure| failure.fate == Fate::Unwinding;
        FAILING.load(Ordering::Relaxed) > 0 || lock().iter().any(is_unwinding)
    };
    while is_busy() && start.elapsed() < LONGEST {
        thread::sleep(STEP);
    }
}

fn said(reports: &[String]) -> String {
    format!(
        "error: a guarded function failed on a thread that nobody joins, so no test could fail by it: join the \
         thread, or wait for it in `std::thread::scope`\n\n{}",
        reports.join("\n\n")
    )
}

/// Ends the process by its failures, if there are any that nobody has seen. One that is still on its way can't be
/// seen any more.
extern "C" fn at_exit() {
    unwatched(|| {
        settle();
        let reports: Vec<String> = lock().drain(..).map(|failure| failure.report).collect();
        if !reports.is_empty() {
            policy::print(&said(&reports));
            // SAFETY: it ends the process at once, as `exit` was about to. To call `exit` again is undefined.
            unsafe { libc::_exit(EXIT_CODE) };
        }
    });
}

fn is_main_thread() -> bool {
    // SAFETY: neither has a precondition.
    unsafe { libc::gettid() == libc::getpid() }
}

fn this_thread() -> usize {
    // SAFETY: it has no precondition.
    unsafe { libc::pthread_self() as usize }
}

/// Returns whether this thread's handle has been dropped.
fn is_detached() -> bool {
    let mut attributes = MaybeUninit::uninit();
    let mut state = 0;
    // SAFETY: the attributes are initialised by the first call, if it succeeds, and destroyed by the last; the thread
    // is the one that calls.
    unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return false;
        }
        let got = pthread_attr_getdetachstate(attributes.as_ptr(), &mut state);
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        got == 0 && state == libc::PTHREAD_CREATE_DETACHED
    }
}

unsafe extern "C" {
    // The `libc` crate does not have it for Linux.
    fn pthread_attr_getdetachstate(
        attributes: *const libc::pthread_attr_t,
        state: *mut libc::c_int,
    ) -> libc::c_int;
}
