//! Regions: how they nest, what is in them, and what they leave alone.

mod support;

use std::hint::black_box;

use hotbench::{allow_alloc, assert_no_alloc, count_allocs, hot, no_alloc};

use support::{allocate, fails, passes, report};

#[no_alloc]
fn strict(times: usize) {
    allocate(times);
}

#[hot(max_allocs = 2)]
fn two(times: usize, inner: impl FnOnce()) {
    allocate(times);
    inner();
}

#[hot(max_bytes = 16)]
fn sixteen_bytes(times: usize) {
    allocate(times);
}

#[hot]
fn unlimited(times: usize) {
    allocate(times);
}

#[hotbench::allow_alloc]
fn exempt(times: usize, inner: impl FnOnce()) {
    allocate(times);
    inner();
}

#[test]
fn budgets_hold_up_to_their_number() {
    passes(|| strict(0));
    fails(
        || strict(1),
        "`regions::strict` is `#[no_alloc]`, but it allocated once, 8 bytes",
    );
    passes(|| two(2, || ()));
    fails(
        || two(3, || ()),
        "`regions::two` is over its budget: it allocated 3 times, 24 bytes, where `#[hot(max_allocs = 2)]`",
    );
    passes(|| sixteen_bytes(2));
    fails(
        || sixteen_bytes(3),
        "`regions::sixteen_bytes` is over its budget: it allocated 3 times, 24 bytes, where `#[hot(max_bytes = 16)]`",
    );
    passes(|| unlimited(1_000));
}

#[test]
fn each_call_has_the_whole_budget() {
    for _ in 0..10 {
        passes(|| two(2, || ()));
    }
}

#[test]
fn what_an_inner_region_allocates_is_the_outer_ones_too() {
    passes(|| two(1, || two(1, || ())));
    fails(|| two(1, || two(2, || ())), "`regions::two`");
    fails(|| two(0, || strict(1)), "`regions::strict`");
    fails(
        || assert_no_alloc(|| two(1, || ())),
        "a closure in `assert_no_alloc` allocated once",
    );
}

#[test]
fn the_innermost_region_that_is_broken_reports() {
    fails(|| assert_no_alloc(|| strict(1)), "`regions::strict`");
    fails(
        || assert_no_alloc(|| unlimited(1)),
        "a closure in `assert_no_alloc`",
    );
}

#[test]
fn an_exemption_counts_against_nothing_around_it() {
    passes(|| two(2, || exempt(5, || ())));
    passes(|| assert_no_alloc(|| allow_alloc(|| allocate(5))));
    // And ends where it ends.
    fails(
        || {
            assert_no_alloc(|| {
                allow_alloc(|| allocate(5));
                allocate(1);
            });
        },
        "a closure in `assert_no_alloc` allocated once, 8 bytes",
    );
}

#[test]
fn a_region_inside_an_exemption_is_held_to_its_own_budget() {
    passes(|| assert_no_alloc(|| exempt(1, || two(2, || ()))));
    fails(
        || assert_no_alloc(|| exempt(1, || strict(1))),
        "`regions::strict`",
    );
}

#[test]
fn a_failure_that_is_caught_leaves_the_regions_around_it_whole() {
    fails(
        || {
            assert_no_alloc(|| {
                // The panic allocates, and what it allocates is nobody's.
                assert!(report(|| allow_alloc(|| strict(1))).is_some());
            });
            assert_no_alloc(|| allocate(1));
        },
        "a closure in `assert_no_alloc` allocated once, 8 bytes",
    );
    passes(|| strict(0));
}

#[test]
fn a_real_panic_wins() {
    #[no_alloc]
    fn unlucky() {
        let message = format!("the {} reason", "real");
        panic!("{message}");
    }
    assert_eq!(report(unlucky).as_deref(), Some("the real reason"));
    passes(|| strict(0));
}

/// The attributes go on a test itself, above or below.
#[test]
#[no_alloc]
fn a_test_is_a_function() {
    assert_eq!(1 + 1, 2);
}

#[hot(max_allocs = 1)]
#[test]
fn a_test_has_a_budget() {
    allocate(1);
}

#[no_alloc]
#[test]
#[should_panic(expected = "`regions::a_test_that_allocates_fails` is `#[no_alloc]`")]
fn a_test_that_allocates_fails() {
    allocate(1);
}

#[test]
fn counts_see_exempt_allocations_and_frees() {
    let ((), stats) = count_allocs(|| {
        allow_alloc(|| allocate(1));
        let mut numbers = Vec::with_capacity(1);
        numbers.extend_from_slice(&[1_u32, 2, 3, 4]);
        black_box(numbers);
    });
    assert_eq!((stats.allocs, stats.reallocs, stats.deallocs), (3, 1, 2));
    // A box of 8, four bytes, and the twelve that they grew by.
    assert_eq!(stats.bytes, 24);
}

#[test]
fn other_threads_are_not_seen() {
    passes(|| {
        std::thread::scope(|scope| {
            let (send, receive) = std::sync::mpsc::channel::<()>();
            let other = scope.spawn(move || {
                receive.recv().unwrap();
                allocate(100);
            });
            assert_no_alloc(|| {
                allow_alloc(|| send.send(()).unwrap());
                while !other.is_finished() {
                    std::hint::spin_loop();
                }
            });
        });
    });
}

/// Allocates when it is dropped.
struct Loud;

impl Drop for Loud {
    fn drop(&mut self) {
        allocate(1);
    }
}

struct Pair {
    _left: u8,
    _right: Loud,
}

impl Loud {
    #[no_alloc]
    fn by_value(self) {}
    #[no_alloc]
    fn boxed(self: Box<Self>) {}
}
impl Pair {
    #[no_alloc]
    fn one_field(self) -> u8 {
        self._left
    }
}

#[test]
fn parameters_are_dropped_inside_the_region() {
    #[no_alloc]
    fn plain(value: Loud) {
        let _ = &value;
    }
    #[no_alloc]
    fn unnamed(_: Loud) {}
    #[no_alloc]
    fn half_taken((left, _): (u8, Loud)) -> u8 {
        left
    }
    #[no_alloc]
    fn rest(Pair { _left: left, .. }: Pair) -> u8 {
        left
    }
    let pair = || Pair {
        _left: 1,
        _right: Loud,
    };
    fails(
        || plain(Loud),
        "`regions::parameters_are_dropped_inside_the_region::plain`",
    );
    fails(
        || unnamed(Loud),
        "`regions::parameters_are_dropped_inside_the_region::unnamed`",
    );
    fails(
        || half_taken((1, Loud)),
        "`regions::parameters_are_dropped_inside_the_region::half_taken`",
    );
    fails(
        || rest(pair()),
        "`regions::parameters_are_dropped_inside_the_region::rest`",
    );
    fails(|| Loud.by_value(), "`regions::Loud::by_value`");
    let boxed = Box::new(Loud);
    fails(|| boxed.boxed(), "`regions::Loud::boxed`");
    fails(|| pair().one_field(), "`regions::Pair::one_field`");
}

#[test]
fn parameters_are_dropped_in_the_order_of_an_unguarded_function() {
    use std::cell::RefCell;

    struct Noisy<'a>(u8, &'a RefCell<Vec<u8>>);

    impl Drop for Noisy<'_> {
        fn drop(&mut self) {
            self.1.borrow_mut().push(self.0);
        }
    }

    fn unguarded((_a, _): (Noisy, Noisy), (_, _b): (Noisy, Noisy), _: Noisy, mut _c: Noisy) {}
    #[no_alloc]
    fn guarded((_a, _): (Noisy, Noisy), (_, _b): (Noisy, Noisy), _: Noisy, mut _c: Noisy) {}

    let order = |function: fn((Noisy, Noisy), (Noisy, Noisy), Noisy, Noisy)| {
        let log = RefCell::new(Vec::with_capacity(8));
        let noisy = |n| Noisy(n, &log);
        function(
            (noisy(0), noisy(1)),
            (noisy(2), noisy(3)),
            noisy(4),
            noisy(5),
        );
        log.take()
    };
    assert_eq!(order(guarded), order(unguarded));
}

#[test]
fn a_site_is_reported_once_with_its_count() {
    let report = report(|| strict(1_000_000)).expect("a failure");
    assert!(
        report.contains("allocated 1,000,000 times, 8,000,000 bytes"),
        "{report}"
    );
    assert_eq!(
        report.matches("black_box(Box::new(0_u64))").count(),
        1,
        "{report}"
    );
    assert!(
        report.contains("20,000 allocs, 160,000 bytes in all"),
        "{report}"
    );
    assert!(
        report.contains("980,000 allocations more, not recorded"),
        "{report}"
    );
}

#[test]
fn a_refused_request_of_any_size_is_counted_without_a_panic() {
    let (refused, stats) = count_allocs(|| {
        (0..3).all(|_| {
            Vec::<u8>::new()
                .try_reserve_exact(isize::MAX as usize)
                .is_err()
        })
    });
    assert!(refused);
    assert_eq!(stats.allocs, 3);
}

#[test]
fn refused_requests_do_not_hide_what_comes_after_them() {
    let thread = std::thread::spawn(|| {
        for _ in 0..3 {
            let refuse = || {
                Vec::<u8>::new()
                    .try_reserve_exact(isize::MAX as usize)
                    .is_err()
            };
            assert!(count_allocs(refuse).0);
        }
        assert_eq!(count_allocs(|| allocate(1)).1.bytes, 8);
        fails(
            || sixteen_bytes(3),
            "`regions::sixteen_bytes` is over its budget",
        );
    });
    thread.join().unwrap();
}

#[test]
fn an_inner_region_does_not_crowd_out_the_record_of_the_outer() {
    let report = report(|| {
        assert_no_alloc(|| {
            for _ in 0..100 {
                one(|| allocate(1));
            }
            black_box(vec![0_u8; 777]);
        });
    });
    let report = report.expect("a failure");
    assert!(report.contains("alloc of 777 bytes"), "{report}");
    assert!(report.contains("100 allocs, 800 bytes in all"), "{report}");
    assert!(!report.contains("not recorded"), "{report}");
}

#[test]
fn distinct_places_are_reported_apart_most_bytes_first() {
    #[no_alloc]
    fn careless() {
        black_box(Box::new([0_u8; 3]));
        black_box(vec![0_u8; 500]);
        let mut text = String::from("a");
        for _ in 0..100 {
            text.push('b');
        }
        black_box(text);
    }
    let report = report(careless).expect("a failure");
    let lines: Vec<&str> = report.lines().filter(|line| line.contains('^')).collect();
    assert_eq!(lines.len(), 4, "{report}");
    let labels = [
        "alloc of 500 bytes",
        "5 reallocs, 127 bytes in all",
        "alloc of 3 bytes",
        "alloc of 1 byte",
    ];
    for (line, label) in lines.iter().zip(labels) {
        assert!(line.ends_with(label), "{label} is not in {line}\n{report}");
    }
}

#[test]
fn a_region_that_fails_names_its_place_whatever_those_around_it_have_recorded() {
    // Past the stacks that are walked.
    let report = report(|| {
        assert_no_alloc(|| {
            allocate(20_001);
            strict(1);
        });
    });
    let report = report.expect("a failure");
    assert!(report.starts_with("error: `regions::strict`"), "{report}");
    assert!(report.contains("black_box(Box::new(0_u64))"), "{report}");
    assert!(!report.contains("not recorded"), "{report}");

    // Past the records.
    macro_rules! places {
        ($($n:literal)*) => { $(drop(black_box(Box::new($n)));)* };
    }
    let report = support::report(|| {
        assert_no_alloc(|| {
            places!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32);
            places!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32);
            strict(1);
        });
    });
    let report = report.expect("a failure");
    assert!(report.starts_with("error: `regions::strict`"), "{report}");
    assert!(!report.contains("not recorded"), "{report}");
}

#[test]
fn a_failure_that_is_caught_inside_another_region_keeps_its_place_for_that() {
    let report = report(|| {
        assert_no_alloc(|| std::mem::forget(support::report(|| strict(1))));
    });
    let report = report.expect("a failure");
    assert!(
        report.starts_with("error: a closure in `assert_no_alloc`"),
        "{report}"
    );
    assert!(report.contains("black_box(Box::new(0_u64))"), "{report}");
}

#[test]
fn asking_for_the_status_is_no_allocation_of_the_region() {
    passes(|| assert_no_alloc(|| assert!(hotbench::guard_status().allocator_installed)));
    let ((), stats) = count_allocs(|| _ = hotbench::guard_status());
    assert_eq!(stats, Default::default());
}

#[test]
fn recursion_is_one_region_each_however_deep() {
    #[hot(max_allocs = 2)]
    fn deep(levels: usize) {
        if levels == 0 {
            allocate(1);
        } else {
            deep(levels - 1);
        }
    }
    #[hot(max_allocs = 2)]
    fn back(levels: usize) {
        if levels > 0 {
            back(levels - 1);
        }
        allocate(1);
    }
    let deep_stack = std::thread::Builder::new().stack_size(64 << 20);
    let recursion = deep_stack.spawn(|| {
        passes(|| deep(10_000));
        fails(
            || back(10_000),
            "`regions::recursion_is_one_region_each_however_deep::back`",
        );
        passes(|| deep(10_000));
    });
    recursion.unwrap().join().unwrap();
}

#[hot(max_allocs = 1)]
fn one(inner: impl FnOnce()) {
    inner();
}

#[no_alloc(forbid)]
fn forbidden(inner: impl FnOnce()) {
    inner();
}

#[no_alloc(deny_dealloc)]
fn frozen(inner: impl FnOnce()) {
    inner();
}

#[no_alloc(warmup = 2)]
fn warm(times: usize) {
    allocate(times);
}

#[test]
fn forbid_does_not_mind_exemptions() {
    passes(|| forbidden(|| ()));
    let title = "`regions::forbidden` is `#[no_alloc(forbid)]`, but it allocated once, 8 bytes";
    fails(|| forbidden(|| allow_alloc(|| allocate(1))), title);
    fails(|| forbidden(|| exempt(0, || one(|| allocate(1)))), title);
    fails(|| allow_alloc(|| forbidden(|| allocate(1))), title);
}

#[test]
fn deny_dealloc_denies_frees_and_nothing_else_does() {
    let boxed = Box::new(1);
    fails(
        || frozen(|| drop(boxed)),
        "`regions::frozen` is `#[no_alloc(deny_dealloc)]`, but it freed once",
    );
    let boxed = Box::new(1);
    passes(|| assert_no_alloc(|| drop(boxed)));
    let boxed = Box::new(1);
    passes(|| frozen(|| allow_alloc(|| drop(boxed))));
    fails(
        || frozen(|| allocate(1)),
        "`regions::frozen` is `#[no_alloc(deny_dealloc)]`, but it allocated once, 8 bytes, and freed once",
    );
}

#[test]
fn the_first_calls_are_free_with_warmup() {
    passes(|| warm(3));
    passes(|| warm(3));
    fails(|| warm(1), "`regions::warm` is `#[no_alloc]`");
    passes(|| warm(0));
}

#[test]
fn a_region_that_warms_up_leaves_those_around_it_their_budgets() {
    #[no_alloc(warmup = 1)]
    fn lazy() {
        allocate(1);
    }
    fails(
        || assert_no_alloc(lazy),
        "a closure in `assert_no_alloc` allocated once",
    );
}

#[test]
fn budgets_nest_in_every_combination() {
    // What an inner region allocates first, and last, and an exemption between.
    passes(|| {
        two(0, || {
            one(|| allocate(1));
            one(|| allocate(1));
        });
    });
    fails(
        || {
            two(0, || {
                one(|| allocate(1));
                one(|| allocate(1));
                allocate(1);
            });
        },
        "`regions::two`",
    );
    fails(
        || {
            two(0, || {
                allocate(1);
                one(|| ());
                allocate(2);
            });
        },
        "`regions::two`",
    );
    passes(|| {
        two(0, || {
            exempt(3, || one(|| allocate(1)));
            allocate(2);
        });
    });
    fails(
        || {
            two(0, || {
                exempt(3, || ());
                allocate(3);
            });
        },
        "`regions::two`",
    );
    passes(|| {
        two(0, || {
            exempt(1, || assert_no_alloc(|| allow_alloc(|| allocate(1))));
        });
    });
    fails(
        || two(0, || exempt(1, || assert_no_alloc(|| allocate(1)))),
        "a closure",
    );
    // The places that are named are those past the tighter limit.
    let report = report(|| two(1, || one(|| allocate(2)))).expect("a failure");
    assert!(report.starts_with("error: `regions::one`"), "{report}");
    assert!(
        report.contains("= note: called in `regions::two` (`#[hot]`, runtime/tests/regions.rs:"),
        "{report}"
    );
}

#[test]
fn an_async_function_has_one_budget_for_all_its_polls() {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    #[hot(max_allocs = 2)]
    async fn steps(each: usize) -> Result<usize, std::num::ParseIntError> {
        allocate(each);
        pause().await;
        allocate(each);
        pause().await;
        let n: usize = "3".parse()?;
        Ok(n)
    }

    /// Pending once.
    async fn pause() {
        let mut waited = false;
        std::future::poll_fn(|_| match std::mem::replace(&mut waited, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }

    fn run<F: Future>(future: F, polls: usize) -> Option<F::Output> {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..polls {
            // What happens between two polls is nobody's.
            allocate(5);
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return Some(output);
            }
        }
        None
    }

    assert_eq!(run(steps(1), 9), Some(Ok(3)));
    fails(
        || run(steps(2), 9),
        "`regions::an_async_function_has_one_budget_for_all_its_polls::steps` is over its budget: \
         it allocated 4 times, 32 bytes",
    );
    // Dropped half-way, nothing is judged.
    passes(|| run(steps(2), 1));
    // Moved to another thread half-way, it keeps its account.
    let mut moved = Box::pin(steps(1));
    let mut context = Context::from_waker(Waker::noop());
    assert!(moved.as_mut().poll(&mut context).is_pending());
    let moved = std::thread::spawn(|| run(moved, 9)).join().unwrap();
    assert_eq!(moved, Some(Ok(3)));
}

struct Bounded<const N: usize>;

impl<const N: usize> Bounded<N> {
    const TWICE: u64 = 2 * N as u64;

    #[hot(max_allocs = Self::TWICE)]
    fn twice(&self, times: usize) {
        allocate(times);
    }

    #[hot(max_allocs = N as u64, warmup = 0)]
    fn once(self, times: usize) {
        allocate(times);
    }

    #[hot(max_bytes = 8 * Self::TWICE)]
    async fn later(times: usize) {
        allocate(times);
    }
}

trait Limited {
    const LIMIT: u64;

    #[hot(max_allocs = Self::LIMIT)]
    fn limited(&self, times: usize) {
        allocate(times);
    }
}

impl Limited for u8 {
    const LIMIT: u64 = 1;
}

impl Limited for u16 {
    const LIMIT: u64 = 2;
}

#[hot(max_allocs = T::LIMIT)]
fn generic<T: Limited>(_: T, times: usize) {
    allocate(times);
}

#[test]
fn a_budget_may_name_self_and_generic_parameters() {
    passes(|| Bounded::<1>.twice(2));
    fails(
        || Bounded::<1>.twice(3),
        "`regions::Bounded<N>::twice` is over its budget: it allocated 3 times, 24 bytes, where `#[hot(max_allocs = 2)]`",
    );
    passes(|| Bounded::<2>.twice(4));
    passes(|| Bounded::<2>.once(2));
    fails(
        || Bounded::<2>.once(3),
        "`regions::Bounded<N>::once` is over its budget: it allocated 3 times, 24 bytes, where `#[hot(max_allocs = 2)]`",
    );
    fn poll(future: impl Future<Output = ()>) {
        let mut future = std::pin::pin!(future);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(future.as_mut().poll(&mut context).is_ready());
    }
    passes(|| poll(Bounded::<1>::later(2)));
    fails(
        || poll(Bounded::<1>::later(3)),
        "`regions::Bounded<N>::later` is over its budget: it allocated 3 times, 24 bytes, where `#[hot(max_bytes = 16)]`",
    );
    // Each type has its own.
    passes(|| 1_u16.limited(2));
    fails(
        || 1_u8.limited(2),
        "`regions::Limited::limited` is over its budget: it allocated 2 times, 16 bytes, where `#[hot(max_allocs = 1)]`",
    );
    passes(|| generic(1_u16, 2));
    fails(
        || generic(1_u8, 2),
        "`regions::generic` is over its budget: it allocated 2 times, 16 bytes, where `#[hot(max_allocs = 1)]`",
    );
}
