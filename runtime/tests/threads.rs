//! Threads in every state, and panics in every place: nothing crashes, nothing is told falsely.

mod support;

use std::cell::RefCell;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

use hotbench::{allow_alloc, assert_no_alloc, count_allocs, hot, no_alloc};

use support::{allocate, fails, passes, report};

#[no_alloc]
fn strict(times: usize) {
    allocate(times);
}

/// How many of the calls on a thread that Rust has not made were judged rightly.
static RIGHT: AtomicU32 = AtomicU32::new(0);

extern "C" fn foreign(_: *mut c_void) -> *mut c_void {
    for times in [0, 1, 0, 3] {
        let failed = report(|| strict(times)).is_some();
        RIGHT.fetch_add(u32::from(failed == (times > 0)), Ordering::Relaxed);
    }
    ptr::null_mut()
}

#[test]
fn a_thread_that_rust_has_not_made_is_guarded() {
    // SAFETY: the attributes may be null, and the thread is joined before its id goes out of scope.
    unsafe {
        let mut thread = std::mem::zeroed();
        assert_eq!(
            libc::pthread_create(&mut thread, ptr::null(), foreign, ptr::null_mut()),
            0
        );
        assert_eq!(libc::pthread_join(thread, ptr::null_mut()), 0);
    }
    assert_eq!(RIGHT.load(Ordering::Relaxed), 4);
}

#[hot(max_allocs = 1)]
fn limited(times: usize) {
    allocate(times);
}

#[test]
fn a_failure_on_a_small_stack_is_reported_and_not_a_stack_overflow() {
    for kib in [16, 32, 64] {
        for call in [strict as fn(usize), limited] {
            let thread = std::thread::Builder::new()
                .stack_size(kib << 10)
                .spawn(move || call(2))
                .expect("a thread");
            let payload = thread.join().expect_err("it allocates");
            let report = payload.downcast_ref::<String>().expect("a report");
            assert!(
                report.contains("it allocated 2 times"),
                "{kib} KiB: {report}"
            );
            assert!(
                report.contains("runtime/tests/support/mod.rs:"),
                "{kib} KiB: {report}"
            );
        }
    }
}

/// Runs `child` in a fork of this process, and returns what it returned.
fn in_a_fork(child: impl FnOnce() -> i32) -> i32 {
    // SAFETY: the child runs guarded functions alone and ends without running destructors or exit
    // handlers, which may need threads that it does not have.
    unsafe {
        let pid = libc::fork();
        assert!(pid >= 0, "it can be forked");
        if pid == 0 {
            libc::_exit(child());
        }
        let mut status = 0;
        assert_eq!(libc::waitpid(pid, &mut status, 0), pid);
        assert!(
            libc::WIFEXITED(status),
            "the child ended by a signal: {status}"
        );
        libc::WEXITSTATUS(status)
    }
}

#[test]
fn a_fork_inside_a_region_goes_on_counting() {
    let code = assert_no_alloc(|| {
        in_a_fork(|| {
            let ((), stats) = count_allocs(|| allow_alloc(|| allocate(3)));
            i32::try_from(stats.allocs).unwrap()
        })
    });
    assert_eq!(code, 3);
}

#[test]
fn a_fork_has_regions_of_its_own() {
    // Not in the child: another thread may hold a lock of the symbols when it is forked.
    passes(|| strict(0));
    let code = in_a_fork(|| {
        strict(0);
        7
    });
    assert_eq!(code, 7);
}

/// Allocates and enters regions when its thread ends.
struct Late;

impl Drop for Late {
    fn drop(&mut self) {
        let ((), stats) = count_allocs(|| allocate(2));
        let failed = report(|| strict(1)).is_some();
        passes(|| strict(0));
        SEEN_LATE.fetch_add(
            u32::from(stats.allocs == 2) + u32::from(failed),
            Ordering::Relaxed,
        );
    }
}

static SEEN_LATE: AtomicU32 = AtomicU32::new(0);

thread_local! {
    static LATE: RefCell<Option<Late>> = const { RefCell::new(None) };
}

#[test]
fn destructors_of_thread_locals_are_guarded() {
    let thread = std::thread::spawn(|| {
        LATE.set(Some(Late));
        // The guard's own thread-locals are used after that one was made.
        strict(0);
    });
    thread.join().unwrap();
    assert_eq!(SEEN_LATE.load(Ordering::Relaxed), 2);
}

#[test]
fn destructors_of_thread_locals_run_outside_of_regions() {
    struct Allocates;
    impl Drop for Allocates {
        fn drop(&mut self) {
            allocate(1);
        }
    }
    thread_local! {
        static OWNED: RefCell<Option<Allocates>> = const { RefCell::new(None) };
    }
    let thread = std::thread::spawn(|| assert_no_alloc(|| OWNED.set(Some(Allocates))));
    passes(|| thread.join().unwrap());
}

/// Calls a guarded function while it is dropped.
struct GuardedDrop(usize);

impl Drop for GuardedDrop {
    #[no_alloc]
    fn drop(&mut self) {
        allocate(self.0);
    }
}

#[test]
fn a_guarded_destructor_fails_where_it_is_dropped() {
    fails(
        || drop(GuardedDrop(1)),
        "`<threads::GuardedDrop as core::ops::drop::Drop>::drop` is `#[no_alloc]`",
    );
    passes(|| drop(GuardedDrop(0)));
}

/// A second panic while a thread unwinds would abort the process.
#[test]
fn a_guarded_destructor_says_nothing_while_its_thread_unwinds() {
    let unlucky = || {
        let _dropped_by_the_panic = GuardedDrop(5);
        panic!("the real reason");
    };
    assert_eq!(report(unlucky).as_deref(), Some("the real reason"));
}

#[test]
fn unwinding_leaves_every_region_on_its_way() {
    #[no_alloc]
    fn down(levels: usize) {
        if levels == 0 {
            std::panic::resume_unwind(Box::new(()));
        }
        down(levels - 1);
    }
    let ((), stats) = count_allocs(|| {
        assert!(catch_unwind(AssertUnwindSafe(|| down(50))).is_err());
        allow_alloc(|| allocate(2));
    });
    // What the panic itself takes is nobody's.
    assert_eq!(stats.allocs, 2);
    passes(|| strict(0));
    fails(|| strict(1), "`threads::strict`");
}

#[test]
fn a_panic_that_is_caught_in_its_region_is_no_allocation() {
    #[no_alloc]
    fn careful() -> bool {
        catch_unwind(|| panic!("caught")).is_err()
    }
    // While the thread unwinds nothing is counted; what the panic has left is freed later.
    passes(careful);
}

#[test]
fn a_panic_that_is_caught_takes_nothing_of_a_budget() {
    #[hot(max_allocs = 2)]
    fn careful() {
        allocate(1);
        assert!(catch_unwind(|| panic!("caught {}", 1)).is_err());
        allocate(1);
    }
    passes(careful);
}

#[test]
fn a_region_that_fails_inside_another_is_left_before_it() {
    #[no_alloc]
    fn outer() -> bool {
        let failed = allow_alloc(|| report(|| strict(1)).is_some());
        strict(0);
        failed
    }
    passes(|| assert!(outer()));
}
