//! Whether the guard is on, decided once per process, and what becomes of a failure.
//!
//! The first region proves, by an allocation of its own that must be seen, that the program's
//! allocator reports to the guard: one that sees nothing would pass every test.

use std::cell::Cell;
use std::io::Write as _;
use std::pin::pin;
use std::sync::atomic::{AtomicU8, Ordering};

use super::ledger::{aside, unwatched};
use super::region::{Owner, Region};
use super::unobserved;

/// Nothing decided yet.
const UNDECIDED: u8 = 0;
/// `HOTBENCH_GUARD=off`.
const OFF: u8 = 1;
/// The policies under which regions are entered.
const WARN: u8 = 2;
const PANIC: u8 = 3;
const ABORT: u8 = 4;

static POLICY: AtomicU8 = AtomicU8::new(UNDECIDED);

/// How reports are written: `HOTBENCH_REPORT`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Format {
    Text,
    Json,
}

const NOT_INSTALLED: &str = "\
the allocation guard is on, but this program's allocator does not report to it

If the program has an allocator of its own, turn on hotbench's feature `own-allocator` and wrap it:

    #[global_allocator]
    static ALLOCATOR: hotbench::Alloc<MiMalloc> = hotbench::Alloc::new(MiMalloc);

If it has none, leave hotbench's default feature `global-allocator` on, and `own-allocator` off.";

/// Whether the region of `owner` is to be entered.
///
/// # Panics
///
/// At the owner's place, if the allocator does not report, or `HOTBENCH_GUARD` or `HOTBENCH_REPORT` is none
/// of its values.
#[inline(always)]
pub(super) fn is_on(owner: &Owner<'_>) -> bool {
    POLICY.load(Ordering::Relaxed) >= WARN || decide(owner)
}

#[cold]
#[inline(never)]
fn decide(owner: &Owner<'_>) -> bool {
    match try_decide() {
        Ok(policy) => policy >= WARN,
        Err(message) => match owner {
            Owner::Function(site) | Owner::Poll(site, _) | Owner::WarmUp(site) => {
                (site.raise)(&message)
            }
            // Their callers have decided before, and an exemption needs no allocator.
            _ => false,
        },
    }
}

fn try_decide() -> Result<u8, String> {
    // While a thread unwinds nothing is counted, so nothing can be proven.
    let decided = POLICY.load(Ordering::Relaxed);
    if decided != UNDECIDED || std::thread::panicking() {
        return Ok(decided);
    }
    let Some(_deciding) = Deciding::begin() else {
        return Ok(UNDECIDED);
    };
    let variable = std::env::var_os("HOTBENCH_GUARD").unwrap_or_default();
    let policy = match &*variable.to_string_lossy() {
        "" | "panic" => PANIC,
        "off" => OFF,
        "warn" => WARN,
        "abort" => ABORT,
        other => {
            return Err(format!(
                "`HOTBENCH_GUARD` is `{other}`: it is one of `off`, `warn`, `panic` and `abort`"
            ));
        }
    };
    read_format()?;
    if policy != OFF && !allocator_is_installed() {
        return Err(NOT_INSTALLED.to_owned());
    }
    POLICY.store(policy, Ordering::Relaxed);
    Ok(policy)
}

thread_local! {
    static IS_DECIDING: Cell<bool> = const { Cell::new(false) };
}

/// This thread decides, which allocates: the regions of an allocator that is guarded itself are not entered meanwhile.
struct Deciding;

impl Deciding {
    fn begin() -> Option<Self> {
        (!IS_DECIDING.replace(true)).then(|| Self)
    }
}

impl Drop for Deciding {
    fn drop(&mut self) {
        IS_DECIDING.set(false);
    }
}

/// How reports are written.
pub(super) fn format() -> Format {
    // A value that is none was refused before the first region.
    read_format().unwrap_or(Format::Text)
}

fn read_format() -> Result<Format, String> {
    let variable = std::env::var_os("HOTBENCH_REPORT").unwrap_or_default();
    match &*variable.to_string_lossy() {
        "" | "text" => Ok(Format::Text),
        "json" => Ok(Format::Json),
        other => Err(format!(
            "`HOTBENCH_REPORT` is `{other}`: it is one of `text` and `json`"
        )),
    }
}

/// Whether the policy lets a closure be judged.
///
/// # Errors
///
/// What is wrong with the set-up.
pub(super) fn judges() -> Result<bool, String> {
    try_decide().map(|policy| policy >= WARN)
}

/// Whether `HOTBENCH_GUARD` switches the guard off.
pub(super) fn is_off() -> bool {
    matches!(judges(), Ok(false))
}

/// Whether an allocation is seen by the guard.
pub(crate) fn allocator_is_installed() -> bool {
    aside(|| {
        let probe = pin!(Region::new(Owner::Count));
        probe.as_ref().link();
        drop(std::hint::black_box(Box::new(0_u8)));
        probe.close(drop).is_some()
    })
}

/// Does with a report what the policy says, and returns whether it is to be raised as a panic.
pub(super) fn raises(report: &str) -> bool {
    let policy = POLICY.load(Ordering::Relaxed);
    if matches!(policy, WARN | ABORT) {
        print(report);
    }
    if policy == ABORT {
        std::process::abort();
    }
    if policy == PANIC {
        unobserved::will_panic(report);
    }
    policy != WARN
}

/// Writes a line to standard error, which may be closed.
pub(crate) fn print(text: &str) {
    unwatched(|| {
        let _ = writeln!(std::io::stderr(), "{text}");
    });
}
