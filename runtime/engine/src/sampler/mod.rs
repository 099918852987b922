//! Samples of the stacks that calls run on: one for each interval of the process's CPU time, on the thread that
//! spent it.
//!
//! The handler of a signal can come anywhere, in the allocator and in the dynamic linker, too. All that it does
//! is to walk the stack, by unwind tables that were found before, and to write addresses into memory that is
//! there. No lock is waited for, nothing is allocated, and what is not known to be readable is not read. What
//! functions these addresses are in is looked up when the calls have ended.

mod handler;
mod readable;
mod tables;

use std::mem::MaybeUninit;
use std::ptr;
use std::time::Duration;

/// Off the frequencies of most timers, for what comes as regularly would be met always or never. The kernel looks
/// at its own clock tick alone, at 100 to 1,000 Hz.
const FREQUENCY_HZ: u32 = 997;

/// Whether there is one on this system.
pub const EXISTS: bool = true;

/// The one of this process, which has the signal `SIGPROF` while it lives.
pub(super) struct Sampler {
    /// What handled the signal before.
    before: libc::sigaction,
    has_met_another: bool,
}

impl Sampler {
    /// # Errors
    ///
    /// If this system does not do what is needed.
    pub(super) fn install() -> Result<Self, String> {
        if !readable::is_told() {
            return Err("the system does not tell which memory is readable".to_owned());
        }
        handler::prepare(tables::unwinder());
        let before = set_action(&handler::action())
            .map_err(|error| format!("the signal SIGPROF can't be had: {error}"))?;
        let has_met_another = is_of_a_user(&before);
        let sampler = Self {
            before,
            has_met_another,
        };
        set_timer(1_000_000 / FREQUENCY_HZ)
            .map_err(|error| format!("there is no timer of CPU time: {error}"))?;
        Ok(sampler)
    }

    /// The timer runs all the time. Set anew for each batch, it would see nothing of those that are shorter than an
    /// interval, or than the kernel's tick.
    pub(super) fn start(&mut self) {
        handler::switch(true);
    }

    pub(super) fn stop(&mut self) {
        handler::switch(false);
    }

    /// Hands over the stacks since the last time, innermost first, as return addresses. Returns how many could not
    /// be kept.
    ///
    /// A handler that calls have put in the place of this one goes.
    pub(super) fn take(&mut self, each: impl FnMut(&[usize])) -> u64 {
        let own = handler::action();
        if let Ok(before) = set_action(&own)
            && before.sa_sigaction != own.sa_sigaction
        {
            self.has_met_another = true;
            self.before = before;
        }
        handler::take(each)
    }

    /// Whether the program handles the signal, too: that handler was not asked while this one was there, and this
    /// one has missed what that one got.
    pub(super) fn has_met_another(&self) -> bool {
        self.has_met_another
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.stop();
        // There is nobody to tell, neither here nor below.
        let _ = set_timer(0);
        // One may be on its way, and would end the process where nothing handles it.
        let after = match is_of_a_user(&self.before) {
            true => self.before,
            false => ignored(),
        };
        let _ = set_action(&after);
    }
}

/// The CPU time that the process has spent, on all its threads.
pub(super) fn cpu_time() -> Duration {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // The clock of the process is as coarse as the tick while a timer of it runs; this is not.
    // SAFETY: there is room for the usage, which is valid when it is zero.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    [usage.ru_utime, usage.ru_stime]
        .map(|time| {
            Duration::from_secs(time.tv_sec.unsigned_abs())
                + Duration::from_micros(time.tv_usec.unsigned_abs())
        })
        .iter()
        .sum()
}

fn is_of_a_user(action: &libc::sigaction) -> bool {
    ![libc::SIG_DFL, libc::SIG_IGN].contains(&action.sa_sigaction)
}

fn ignored() -> libc::sigaction {
    // SAFETY: an empty set of signals and no flags are zeros.
    let zero: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    libc::sigaction {
        sa_sigaction: libc::SIG_IGN,
        ..zero
    }
}

/// Returns what was there before.
fn set_action(action: &libc::sigaction) -> std::io::Result<libc::sigaction> {
    let mut before = ignored();
    // SAFETY: both are valid, and what handles the signal does what a handler may.
    match unsafe { libc::sigaction(libc::SIGPROF, action, ptr::from_mut(&mut before)) } {
        0 => Ok(before),
        _ => Err(std::io::Error::last_os_error()),
    }
}

/// Never, with an interval of zero.
fn set_timer(interval_us: u32) -> std::io::Result<()> {
    let interval = libc::timeval {
        tv_sec: 0,
        tv_usec: interval_us.into(),
    };
    let timer = libc::itimerval {
        it_interval: interval,
        it_value: interval,
    };
    // SAFETY: the timer is valid, and nobody asks for the one before.
    match unsafe { libc::setitimer(libc::ITIMER_PROF, &timer, ptr::null_mut()) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    }
}
