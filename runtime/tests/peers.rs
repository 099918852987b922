//! What the users of `assert_no_alloc` and `alloc_counter` rely on, row by row of the tables in
//! `docs/guard.md`: the same here, better, or deliberately not.

mod support;

use std::cell::Cell;
use std::future::Future;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use hotbench::{allow_alloc, assert_no_alloc, count_allocs, hot, no_alloc};

use support::{allocate, fails, passes, report};

#[no_alloc]
fn denied(inner: impl FnOnce()) {
    inner();
}

#[no_alloc(deny_dealloc)]
fn denied_with_frees(inner: impl FnOnce()) {
    inner();
}

#[no_alloc(forbid)]
fn forbidden(inner: impl FnOnce()) {
    inner();
}

/// Both: a closure's value comes out, whatever it is.
#[test]
fn the_value_of_a_closure_is_returned() {
    assert_eq!(assert_no_alloc(|| 42), 42);
    assert_eq!(allow_alloc(|| Err::<u8, u8>(3)), Err(3));
    assert_eq!(count_allocs(|| "text").0, "text");
}

/// Both count a free as a violation; here it is one where it is asked for.
#[test]
fn a_free_is_a_violation_where_it_is_denied() {
    let boxed = Box::new(1);
    passes(|| denied(|| drop(boxed)));
    let boxed = Box::new(1);
    fails(
        || denied_with_frees(|| drop(boxed)),
        "`peers::denied_with_frees`",
    );
}

/// `assert_no_alloc` counts a growth as two violations, an allocation and a free.
#[test]
fn a_realloc_is_one_allocation_and_no_free() {
    let mut bytes = vec![0_u8; 64];
    let ((), stats) = count_allocs(|| bytes.push(1));
    assert_eq!((stats.allocs, stats.reallocs, stats.deallocs), (1, 1, 0));
    let mut bytes = vec![0_u8; 64];
    fails(
        || denied_with_frees(|| bytes.push(1)),
        "`peers::denied_with_frees` is `#[no_alloc(deny_dealloc)]`, but it allocated once, 64 bytes\n",
    );
}

#[test]
fn what_does_not_allocate_passes() {
    let mut numbers = Vec::with_capacity(8);
    passes(|| denied_with_frees(|| numbers.push(42)));
}

/// Both: the ban of the outer goes on when an inner one has ended, and ends with the outer.
#[test]
fn bans_nest() {
    passes(|| denied(|| denied(|| ())));
    fails(
        || {
            denied(|| {
                denied(|| ());
                allocate(1);
            });
        },
        "`peers::denied`",
    );
    passes(|| allocate(1));
}

/// `assert_no_alloc`'s permission beats a ban inside it; here that ban holds, as in `alloc_counter`.
#[test]
fn a_ban_inside_an_exemption_holds() {
    fails(|| allow_alloc(|| denied(|| allocate(1))), "`peers::denied`");
    fails(
        || denied(|| allow_alloc(|| denied(|| allocate(1)))),
        "`peers::denied`",
    );
}

#[test]
fn an_exemption_ends_where_it_ends() {
    passes(|| denied(|| allow_alloc(|| allocate(1))));
    fails(
        || {
            denied(|| {
                allow_alloc(|| ());
                allocate(1);
            });
        },
        "`peers::denied`",
    );
    assert_eq!(allow_alloc(|| 5), 5);
}

/// In place of `PermitDrop`: a drop is exempt where it stands.
#[test]
fn a_drop_can_be_exempt() {
    let boxed = Box::new(1);
    passes(|| denied_with_frees(|| allow_alloc(|| drop(boxed))));
}

/// Both restore their state when a closure unwinds.
#[test]
fn a_ban_ends_when_its_closure_unwinds() {
    assert_eq!(
        report(|| denied(|| panic!("the reason"))).as_deref(),
        Some("the reason")
    );
    passes(|| allocate(1));
}

/// `alloc_counter` panics after the closure, too: all that it does is done.
#[test]
fn a_violation_is_told_when_the_function_ends() {
    let reached = Cell::new(false);
    fails(
        || {
            denied(|| {
                allocate(1);
                reached.set(true);
            });
        },
        "`peers::denied`",
    );
    assert!(reached.get());
}

/// In place of `violation_count`, and of `count_alloc`'s three numbers.
#[test]
fn allocations_are_counted_by_kind() {
    let grow = || {
        let mut numbers = Vec::new();
        for n in 0..5 {
            numbers.push(n);
        }
        black_box(numbers);
    };
    let ((), stats) = count_allocs(grow);
    assert_eq!((stats.allocs, stats.reallocs, stats.deallocs), (2, 1, 1));
    assert_eq!(count_allocs(|| 0).1, Default::default());
}

#[test]
fn what_leaves_the_closure_is_not_freed_in_it() {
    let (boxed, stats) = count_allocs(|| Box::new(1));
    assert_eq!((stats.allocs, stats.deallocs), (1, 0));
    assert_eq!(count_allocs(|| drop(boxed)).1.deallocs, 1);
}

#[test]
fn zeroed_and_refused_requests_count_and_empty_ones_do_not() {
    let ((), zeroed) = count_allocs(|| drop(black_box(vec![0_u8; 64])));
    assert_eq!((zeroed.allocs, zeroed.bytes, zeroed.deallocs), (1, 64, 1));
    let (refused, stats) = count_allocs(|| Vec::<u8>::new().try_reserve_exact(isize::MAX as usize));
    assert!(refused.is_err());
    assert_eq!(stats.allocs, 1);
    assert_eq!(count_allocs(|| drop(black_box(Box::new(())))).1.allocs, 0);
}

#[test]
fn shrinking_is_a_realloc_of_no_bytes() {
    let mut numbers: Vec<u64> = Vec::with_capacity(8);
    numbers.push(1);
    let ((), stats) = count_allocs(|| numbers.shrink_to_fit());
    assert_eq!((stats.allocs, stats.reallocs, stats.bytes), (1, 1, 0));
}

#[test]
fn counts_nest() {
    let (inner, outer) = count_allocs(|| {
        let ((), inner) = count_allocs(|| allocate(1));
        allocate(1);
        inner
    });
    assert_eq!((inner.allocs, outer.allocs), (1, 2));
}

/// `alloc_counter` does not count what is allowed; here a count is of what happens.
#[test]
fn exempt_allocations_are_counted() {
    assert_eq!(count_allocs(|| allow_alloc(|| allocate(1))).1.allocs, 1);
    assert_eq!(allow_alloc(|| count_allocs(|| allocate(1)).1).allocs, 1);
}

#[test]
fn forbid_sticks() {
    fails(
        || forbidden(|| allow_alloc(|| allocate(1))),
        "`peers::forbidden`",
    );
    fails(
        || forbidden(|| denied(|| allow_alloc(|| allocate(1)))),
        "`peers::forbidden`",
    );
    fails(
        || allow_alloc(|| forbidden(|| allow_alloc(|| allocate(1)))),
        "`peers::forbidden`",
    );
    passes(|| forbidden(|| allow_alloc(|| ())));
    passes(|| denied(|| allow_alloc(|| allocate(1))));
}

/// Pending once.
struct Pause(bool);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> Option<F::Output> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// `alloc_counter`'s `guard_future` keeps its mode between polls, for whatever the thread does then.
#[test]
fn between_polls_nothing_is_denied() {
    #[no_alloc(forbid)]
    async fn waits() {
        Pause(false).await;
    }
    let mut waits = pin!(waits());
    assert_eq!(poll(waits.as_mut()), None);
    passes(|| denied(|| allow_alloc(|| allocate(1))));
    assert_eq!(poll(waits), Some(()));
}

#[test]
fn a_future_fails_when_it_allocates_in_any_poll() {
    #[no_alloc]
    async fn later() -> u64 {
        Pause(false).await;
        *black_box(Box::new(1))
    }
    let mut later = pin!(later());
    assert_eq!(poll(later.as_mut()), None);
    fails(
        || poll(later.as_mut()),
        "`peers::a_future_fails_when_it_allocates_in_any_poll::later`",
    );
}

/// In place of `count_alloc_future`: the polls, in a count.
#[test]
fn the_polls_of_a_future_can_be_counted() {
    let work = async {
        allocate(1);
        Pause(false).await;
        allocate(1);
    };
    let mut work = pin!(work);
    let (first, stats) = count_allocs(|| poll(work.as_mut()));
    allocate(9);
    let (second, rest) = count_allocs(|| poll(work.as_mut()));
    assert_eq!((first, second), (None, Some(())));
    assert_eq!((stats.allocs, rest.allocs), (1, 1));
}

/// `alloc_counter` moves parameters into its block; their drops are inside here, too.
#[test]
fn parameters_are_dropped_inside() {
    #[no_alloc(deny_dealloc)]
    fn unused(_boxed: Box<u64>) {}
    fails(
        || unused(Box::new(1)),
        "`peers::parameters_are_dropped_inside::unused`",
    );
}

/// These do not compile with `alloc_counter`.
#[test]
fn every_form_of_function_compiles() {
    struct Owned(String);

    impl Owned {
        #[no_alloc]
        fn by_value(self) -> usize {
            self.0.len()
        }
        #[no_alloc]
        fn by_rc(self: Rc<Self>) -> usize {
            self.0.len()
        }
    }

    #[no_alloc]
    fn patterns((a, b): (u64, u64), _: u64) -> impl Iterator<Item = u64> {
        a..b
    }
    assert_eq!(Owned("text".to_owned()).by_value(), 4);
    assert_eq!(Rc::new(Owned("text".to_owned())).by_rc(), 4);
    assert_eq!(patterns((1, 4), 0).count(), 3);
}

#[test]
fn threads_have_counts_of_their_own() {
    let boxed = Box::new(1);
    passes(|| {
        denied(|| {
            allow_alloc(|| std::thread::scope(|scope| scope.spawn(|| allocate(1)).join())).unwrap();
        });
    });
    let freed = std::thread::spawn(move || count_allocs(move || drop(boxed)).1.deallocs);
    assert_eq!(freed.join().unwrap(), 1);
}

/// A budget lies between counting and denying; neither of the two has one.
#[test]
fn a_budget_allows_some() {
    #[hot(max_allocs = 2, max_bytes = 64)]
    fn some(times: usize) {
        allocate(times);
    }
    passes(|| some(2));
    fails(
        || some(3),
        "`peers::a_budget_allows_some::some` is over its budget",
    );
}
