//! Regions that are handed to other threads.

mod support;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::task::Poll;
use std::thread;

use hotbench::{
    AllocStats, allow_alloc, assert_no_alloc, count_allocs, hot, no_alloc, propagate, propagate_fn,
    propagate_future,
};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use support::{allocate, fails, passes, report};

/// Runs `work` on a thread of its own, to its end.
fn elsewhere<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    let joined = allow_alloc(|| thread::scope(|scope| scope.spawn(work).join()));
    joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[no_alloc]
fn strict(times: usize) {
    elsewhere(propagate(|| allocate(times)));
}

#[hot(max_allocs = 3)]
fn three(here: usize, there: usize) {
    let work = propagate(|| allocate(there));
    allocate(here);
    elsewhere(work);
}

#[test]
fn what_another_thread_allocates_counts_in_the_region_that_was_handed_to_it() {
    passes(|| strict(0));
    let report = fails(
        || strict(2),
        "`propagate::strict` is `#[no_alloc]`, but it allocated 2 times, 16 bytes",
    );
    // Both places: the allocation, and where the region was handed on.
    let (_, places) = report.split_once("support/mod.rs:").expect(&report);
    assert!(places.contains("black_box(Box::new(0_u64))"), "{report}");
    assert!(places.contains("the work was handed on here"), "{report}");
    assert!(
        places.contains("elsewhere(propagate(|| allocate(times)))"),
        "{report}"
    );
}

#[test]
fn without_propagate_another_thread_is_not_seen() {
    passes(|| assert_no_alloc(|| elsewhere(|| allocate(5))));
}

#[test]
fn one_budget_holds_for_all_threads() {
    passes(|| three(1, 2));
    passes(|| three(3, 0));
    passes(|| three(0, 3));
    const OVER: &str = "`propagate::three` is over its budget: it allocated 4 times, 32 bytes";
    fails(|| three(2, 2), OVER);
    fails(|| three(0, 4), OVER);
    fails(|| three(4, 0), OVER);
}

#[test]
fn an_exemption_on_another_thread_is_one() {
    #[no_alloc]
    fn exempt_there() {
        elsewhere(propagate(|| allow_alloc(|| allocate(3))));
    }
    #[no_alloc(forbid)]
    fn forbidden() {
        elsewhere(propagate(|| allow_alloc(|| allocate(3))));
    }
    passes(exempt_there);
    let report = fails(
        forbidden,
        "`propagate::an_exemption_on_another_thread_is_one::forbidden`",
    );
    assert!(report.contains("allow_alloc(|| allocate(3))"), "{report}");
    assert!(report.contains("the work was handed on here"), "{report}");
}

#[test]
fn what_is_handed_on_in_an_exemption_is_exempt() {
    passes(|| assert_no_alloc(|| allow_alloc(|| elsewhere(propagate(|| allocate(3))))));
}

#[test]
fn frees_on_another_thread_are_denied_too() {
    #[no_alloc(deny_dealloc)]
    fn frozen(boxed: Box<u64>) {
        elsewhere(propagate(move || drop(boxed)));
    }
    fails(
        || frozen(Box::new(1)),
        "`propagate::frees_on_another_thread_are_denied_too::frozen` is \
         `#[no_alloc(deny_dealloc)]`, but it freed once",
    );
}

#[test]
fn allocations_of_all_threads_are_counted() {
    let ((), stats) = count_allocs(|| elsewhere(propagate(|| allocate(5))));
    let ((), thread) = count_allocs(|| elsewhere(propagate(|| allocate(0))));
    assert_eq!(stats.allocs - thread.allocs, 5);
    assert_eq!(stats.bytes - thread.bytes, 40);
}

#[test]
fn a_region_is_handed_on_from_thread_to_thread() {
    #[no_alloc]
    fn far(times: usize) {
        elsewhere(propagate(|| elsewhere(propagate(|| allocate(times)))));
    }
    passes(|| far(0));
    fails(
        || far(1),
        "`propagate::a_region_is_handed_on_from_thread_to_thread::far` is `#[no_alloc]`, but it \
         allocated once, 8 bytes",
    );
}

#[test]
fn the_regions_around_see_it_too() {
    #[hot]
    fn unlimited() {
        elsewhere(propagate(|| allocate(1)));
    }
    let report = fails(
        || assert_no_alloc(unlimited),
        "a closure in `assert_no_alloc` allocated once, 8 bytes",
    );
    assert!(report.contains("the work was handed on here"), "{report}");
}

#[test]
fn a_guarded_function_on_another_thread_names_the_regions_that_it_was_called_in() {
    #[no_alloc]
    fn inner() {
        allocate(1);
    }
    #[no_alloc]
    fn outer() {
        elsewhere(propagate(inner));
    }
    let report = fails(outer, "`propagate::a_guarded_function_on_another_thread");
    assert!(report.contains("::inner` is `#[no_alloc]`"), "{report}");
    assert!(
        report.contains("called in `propagate::a_guarded_function_on_another"),
        "{report}"
    );
    assert!(report.contains("::outer` (`#[no_alloc]`, "), "{report}");
}

#[test]
fn a_real_panic_on_another_thread_wins() {
    #[no_alloc]
    fn unlucky() {
        elsewhere(propagate(|| -> () {
            allocate(1);
            panic!("the real {}", "reason");
        }));
    }
    assert_eq!(report(unlucky).as_deref(), Some("the real reason"));
    passes(|| strict(0));
}

#[test]
fn through_rayons_join() {
    #[no_alloc]
    fn both(left: usize, right: usize) {
        let (left, right) = (propagate(|| allocate(left)), propagate(|| allocate(right)));
        allow_alloc(|| rayon::join(left, right));
    }
    passes(|| both(0, 0));
    const TITLE: &str = "`propagate::through_rayons_join::both` is `#[no_alloc]`, but it allocated";
    fails(|| both(1, 0), &format!("{TITLE} once"));
    fails(|| both(0, 1), &format!("{TITLE} once"));
    fails(|| both(2, 1), &format!("{TITLE} 3 times, 24 bytes"));
}

#[test]
fn through_rayons_parallel_iterators() {
    #[hot(max_allocs = 10)]
    fn all(n: usize, each: usize) -> usize {
        let work = propagate_fn(|i| {
            allocate(each);
            i
        });
        allow_alloc(|| (0..n).into_par_iter().map(work).sum())
    }
    passes(|| all(1000, 0));
    passes(|| all(10, 1));
    fails(
        || all(1000, 1),
        "`propagate::through_rayons_parallel_iterators::all` is over its budget: it allocated \
         1,000 times, 8,000 bytes",
    );
}

/// A worker that waits in a region of its own may run another region's work meanwhile.
#[test]
fn work_that_is_run_in_another_region_is_not_that_ones() {
    #[hot(max_allocs = 2)]
    fn owner(times: usize, run: impl FnOnce(&mut (dyn FnMut() + Send))) {
        let mut work = Some(propagate(|| allocate(times)));
        run(&mut || work.take().expect("it is run once")());
    }
    let run_in_a_region = |work: &mut (dyn FnMut() + Send)| {
        elsewhere(|| {
            assert_no_alloc(work);
            // Nor is that region's own mistake hidden by it.
            assert!(report(|| assert_no_alloc(|| allocate(1))).is_some());
        });
    };
    passes(|| owner(2, run_in_a_region));
    fails(
        || owner(3, run_in_a_region),
        "`propagate::work_that_is_run_in_another_region_is_not_that_ones::owner`",
    );
}

#[test]
fn work_that_is_run_in_another_region_names_its_own() {
    #[no_alloc]
    fn inner() {
        allocate(1);
    }
    #[hot]
    fn owner() {
        let work = propagate(inner);
        allow_alloc(|| assert_no_alloc(work));
    }
    let report = fails(
        owner,
        "`propagate::work_that_is_run_in_another_region_names_its_own::inner`",
    );
    assert!(report.contains("::owner` (`#[hot]`"), "{report}");
    assert!(!report.contains("called in `assert_no_alloc`"), "{report}");
    assert!(!report.contains("in `assert_no_alloc` ("), "{report}");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap()
}

/// Pending once, ready at the next poll; tokio's own `yield_now` allocates at its first use.
async fn pause() {
    let mut waited = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[test]
fn through_tokios_spawn() {
    #[no_alloc]
    async fn handle(times: usize) {
        let task = propagate_future(async move {
            pause().await;
            allocate(times);
            pause().await;
        });
        allow_alloc(|| tokio::spawn(task)).await.unwrap();
    }
    let runtime = runtime();
    passes(|| runtime.block_on(handle(0)));
    let report = fails(
        || runtime.block_on(handle(2)),
        "`propagate::through_tokios_spawn::handle` is `#[no_alloc]`, but it allocated 2 times, \
         16 bytes",
    );
    assert!(report.contains("the work was handed on here"), "{report}");
    assert!(
        report.contains("let task = propagate_future(async move {"),
        "{report}"
    );
}

#[test]
fn many_tasks_share_the_budget_of_one_async_call() {
    #[hot(max_allocs = 20)]
    async fn handle(tasks: usize) {
        let mut handles = allow_alloc(|| Vec::with_capacity(tasks));
        for _ in 0..tasks {
            let task = propagate_future(async {
                allocate(1);
                pause().await;
                allocate(1);
            });
            handles.push(allow_alloc(|| tokio::spawn(task)));
        }
        while let Some(handle) = handles.pop() {
            handle.await.unwrap();
        }
    }
    let runtime = runtime();
    passes(|| runtime.block_on(handle(10)));
    let report = fails(
        || runtime.block_on(handle(11)),
        "`propagate::many_tasks_share_the_budget_of_one_async_call::handle` is over its budget: \
         it allocated",
    );
    // A poll of the call may end when the last task is between its two.
    let told = |times| report.contains(&format!("allocated {times} times"));
    assert!(told(21) || told(22), "{report}");
}

#[test]
fn work_that_outlives_its_region_is_judged_by_what_is_left() {
    /// Hands work on, and does not wait for it.
    #[hot(max_allocs = 2)]
    fn start(here: usize, there: usize, go: mpsc::Receiver<()>) -> thread::JoinHandle<()> {
        allocate(here);
        let work = propagate(move || {
            allow_alloc(|| go.recv().unwrap());
            allocate(there);
        });
        allow_alloc(|| thread::spawn(work))
    }
    let run = |here, there| {
        let (send, receive) = mpsc::channel();
        let thread = start(here, there, receive);
        send.send(()).unwrap();
        if let Err(panic) = thread.join() {
            std::panic::resume_unwind(panic);
        }
    };
    passes(|| run(1, 1));
    passes(|| run(2, 0));
    fails(
        || run(1, 2),
        "`propagate::work_that_outlives_its_region_is_judged_by_what_is_left::start` is over its \
         budget: work that it handed on, and that went on after it, allocated 3 times, 24 bytes",
    );
}

#[test]
fn what_an_async_call_that_was_dropped_has_handed_on_is_not_judged() {
    use std::pin::pin;
    use std::task::{Context, Waker};

    #[no_alloc]
    async fn forgotten(send: mpsc::Sender<Box<dyn FnOnce() + Send>>) {
        let work = propagate(|| allocate(1));
        allow_alloc(|| send.send(Box::new(work)).unwrap());
        std::future::pending::<()>().await;
    }
    let (send, receive) = mpsc::channel();
    {
        let mut call = pin!(forgotten(send));
        let mut context = Context::from_waker(Waker::noop());
        assert!(call.as_mut().poll(&mut context).is_pending());
    }
    let work = receive.recv().unwrap();
    passes(work);
}

#[test]
fn work_that_is_handed_on_inside_another_region_does_not_upset_its_totals() {
    #[hot]
    fn run(work: impl FnOnce()) {
        work();
    }
    #[hot(max_allocs = 10)]
    fn owner() {
        run(propagate(|| propagate(|| allocate(1))()));
    }
    passes(owner);
    let (work, _) = count_allocs(|| propagate(|| propagate(|| allocate(1))()));
    assert_eq!(count_allocs(work).1, AllocStats::default());
}

#[test]
fn what_the_guard_itself_frees_is_not_seen() {
    #[hot]
    fn inner() {
        propagate(|| ())();
    }
    #[no_alloc(deny_dealloc)]
    fn outer() {
        inner();
    }
    passes(outer);
    assert_eq!(count_allocs(inner).1, AllocStats::default());
    // Never run, and run often.
    passes(|| assert_no_alloc(|| drop(propagate(|| ()))));
    passes(|| {
        assert_no_alloc(|| {
            let work = propagate_fn(|n: u64| n);
            (0..9).map(work).sum::<u64>()
        });
    });
}

#[test]
fn work_that_is_handed_on_from_handed_on_work_is_not_lost() {
    #[no_alloc]
    fn owner() {
        let work = propagate(|| propagate(|| allocate(3)));
        let inner = elsewhere(work);
        inner();
    }
    fails(
        owner,
        "`propagate::work_that_is_handed_on_from_handed_on_work_is_not_lost::owner` is \
         `#[no_alloc]`, but it allocated 3 times",
    );

    #[no_alloc]
    async fn handle() {
        let task = propagate_future(async {
            let nested = propagate_future(async { allocate(3) });
            allow_alloc(|| tokio::spawn(nested)).await.unwrap();
        });
        allow_alloc(|| tokio::spawn(task)).await.unwrap();
    }
    fails(
        || runtime().block_on(handle()),
        "`propagate::work_that_is_handed_on_from_handed_on_work_is_not_lost::handle` is \
         `#[no_alloc]`, but it allocated 3 times",
    );
}

#[test]
fn late_work_counts_in_the_region_that_was_around_its_owner() {
    #[hot(max_allocs = 5)]
    fn inner() -> impl FnOnce() {
        propagate(|| allocate(2))
    }
    let late = || {
        let work = inner();
        work();
    };
    passes(late);
    fails(
        || assert_no_alloc(late),
        "a closure in `assert_no_alloc` allocated 2 times, 16 bytes",
    );
    // Exempt if the owner was an exemption.
    passes(|| {
        assert_no_alloc(|| {
            let work = allow_alloc(|| propagate(|| allocate(2)));
            work();
        });
    });
    let ((), stats) = count_allocs(late);
    assert_eq!(stats.allocs, 2);
}

#[test]
fn late_work_of_a_call_that_warms_up_is_free() {
    #[hot(max_allocs = 2, warmup = 1)]
    fn warm() -> impl FnOnce() {
        propagate(|| allocate(3))
    }
    let first = warm();
    passes(first);
    let second = warm();
    fails(
        second,
        "`propagate::late_work_of_a_call_that_warms_up_is_free::warm`",
    );
}

#[test]
fn work_that_panics_has_allocated_all_the_same() {
    #[no_alloc]
    fn owner() {
        elsewhere(|| ());
        let work = propagate(|| {
            allocate(5);
            std::panic::resume_unwind(Box::new(1));
        });
        elsewhere(move || {
            assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).is_err());
        });
    }
    fails(
        owner,
        "`propagate::work_that_panics_has_allocated_all_the_same::owner` is `#[no_alloc]`, but it \
         allocated 6 times, 44 bytes",
    );
}

#[test]
fn late_work_that_is_told_of_is_not_told_of_again() {
    #[no_alloc]
    fn owner() -> impl Fn(usize) {
        propagate_fn(allocate)
    }
    let work = owner();
    fails(
        || work(1),
        "`propagate::late_work_that_is_told_of_is_not_told_of_again::owner`",
    );
    let report = fails(
        || work(2),
        "`propagate::late_work_that_is_told_of_is_not_told_of_again",
    );
    assert!(report.contains("allocated 3 times"), "{report}");
    assert!(report.contains("1 allocation before\n"), "{report}");
    passes(|| work(0));
}

/// Work that hands on its successor, over and over, as an actor or a timer does.
#[test]
fn a_chain_of_hand_overs_has_no_end() {
    use std::cell::RefCell;

    type Job = Box<dyn FnOnce()>;
    thread_local! {
        static QUEUE: RefCell<Vec<Job>> = const { RefCell::new(Vec::new()) };
    }

    fn queue(job: impl FnOnce() + 'static) {
        allow_alloc(|| QUEUE.with_borrow_mut(|queue| queue.push(Box::new(job))));
    }
    #[hot]
    fn unlimited(n: u32) {
        if n > 0 {
            queue(propagate(move || unlimited(n - 1)));
        }
    }
    #[no_alloc]
    fn strict(n: u32) {
        if n > 0 {
            queue(propagate(move || strict(n - 1)));
        } else {
            allocate(1);
        }
    }
    let drain = || {
        while let Some(job) = QUEUE.with_borrow_mut(Vec::pop) {
            job();
        }
    };
    unlimited(10_000);
    passes(drain);
    strict(10_000);
    fails(
        drain,
        "`propagate::a_chain_of_hand_overs_has_no_end::strict`",
    );
}

/// The last poll of a call may be made by work that the call has handed on.
#[test]
fn a_call_that_ends_in_its_own_work_is_no_cycle() {
    use std::cell::RefCell;
    use std::future::Future;
    use std::pin::Pin;
    use std::rc::Rc;
    use std::task::{Context, Waker};

    type Work = Rc<RefCell<Option<Box<dyn FnOnce()>>>>;
    type Task = Rc<RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>>>;

    fn poll(task: &mut Pin<Box<dyn Future<Output = ()>>>) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        task.as_mut().poll(&mut context).is_ready()
    }
    #[hot]
    async fn owner(work: Work, task: Task) {
        let handed_on = propagate(move || {
            let mut this = task.borrow_mut().take().expect("it was put there");
            assert!(poll(&mut this));
            allocate(1);
        });
        *work.borrow_mut() = Some(Box::new(handed_on));
        pause().await;
    }
    let (work, task) = (Work::default(), Task::default());
    let mut call: Pin<Box<dyn Future<Output = ()>>> = Box::pin(owner(work.clone(), task.clone()));
    assert!(!poll(&mut call));
    *task.borrow_mut() = Some(call);
    let handed_on = work.borrow_mut().take().expect("the call has put it there");
    passes(handed_on);
}

#[test]
fn late_work_fails_the_function_whose_budget_it_is_over() {
    #[hot]
    fn unlimited() -> impl FnOnce() {
        propagate(|| allocate(1))
    }
    #[no_alloc]
    fn strict() -> impl FnOnce() {
        unlimited()
    }
    #[hotbench::allow_alloc]
    fn exempt() -> impl FnOnce() {
        propagate(|| allocate(1))
    }
    #[no_alloc(forbid)]
    fn forbids() -> impl FnOnce() {
        exempt()
    }
    #[no_alloc]
    fn allows() -> impl FnOnce() {
        exempt()
    }
    const HERE: &str = "`propagate::late_work_fails_the_function_whose_budget_it_is_over::";
    let work = strict();
    fails(work, &format!("{HERE}strict` is `#[no_alloc]`"));
    let work = forbids();
    fails(work, &format!("{HERE}forbids` is `#[no_alloc(forbid)]`"));
    let work = allows();
    passes(work);
}

#[test]
fn late_work_that_fails_counts_around_its_owner_all_the_same() {
    #[no_alloc]
    fn owner() -> impl FnOnce() {
        propagate(|| allocate(1))
    }
    let (told, stats) = count_allocs(|| report(owner()).is_some());
    assert!(told);
    // What the panic takes is nobody's.
    assert_eq!((stats.allocs, stats.bytes), (1, 8));
}

/// Handed in between two polls of a call that then is dropped.
#[test]
fn what_a_dropped_call_had_handed_in_counts_around_it() {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};

    #[hot]
    async fn owner(send: mpsc::Sender<Box<dyn FnOnce() + Send>>) {
        let work = propagate(|| allocate(1));
        allow_alloc(|| send.send(Box::new(work)).unwrap());
        std::future::pending::<()>().await;
    }
    let counted = |work_first: bool| {
        let (send, receive) = mpsc::channel();
        let ((), stats) = count_allocs(|| {
            let mut late = None;
            {
                let mut call = pin!(owner(send));
                let mut context = Context::from_waker(Waker::noop());
                assert!(call.as_mut().poll(&mut context).is_pending());
                let work = receive.recv().unwrap();
                if work_first {
                    work();
                } else {
                    late = Some(work);
                }
            }
            if let Some(work) = late {
                work();
            }
        });
        stats.allocs
    };
    assert_eq!(counted(true), counted(false));
}

/// It fails the owner, or, where the owner has ended before, the task.
#[test]
fn work_that_ends_as_its_owner_does_is_not_lost() {
    use std::sync::atomic::AtomicBool;
    use std::sync::{Arc, Mutex};

    use tokio::task::JoinHandle;

    #[no_alloc]
    async fn owner(done: Arc<AtomicBool>, task: &Mutex<Option<JoinHandle<()>>>) {
        let is_done = allow_alloc(|| done.clone());
        let work = propagate_future(async move {
            allocate(1);
            done.store(true, Ordering::Release);
        });
        *task.lock().unwrap() = Some(allow_alloc(|| tokio::spawn(work)));
        while !is_done.load(Ordering::Acquire) {
            pause().await;
        }
    }
    let runtime = runtime();
    for _ in 0..500 {
        let task = Mutex::new(None);
        let owner_failed = report(|| runtime.block_on(owner(Arc::default(), &task))).is_some();
        let task = task.into_inner().unwrap().expect("it was started");
        let task_failed = runtime.block_on(task).is_err();
        assert!(owner_failed || task_failed);
    }
}

#[test]
fn outside_of_any_region_it_is_the_closure_itself() {
    assert_eq!(propagate(|| 1)(), 1);
    assert_eq!(propagate_fn(|n: u64| n + 1)(1), 2);
    assert_eq!(runtime().block_on(propagate_future(async { 3 })), 3);
}

/// Every allocation of many threads is counted, whichever way they interleave.
#[test]
fn nothing_is_lost_between_threads() {
    const THREADS: usize = 8;
    const ROUNDS: usize = 200;
    let expected = AtomicU64::new(0);
    let ((), stats) = count_allocs(|| {
        let work = propagate_fn(|thread: usize| {
            for round in 0..ROUNDS {
                let times = (thread + round) % 4;
                // Regions inside, exemptions, and regions handed on again.
                let ((), inner) = count_allocs(|| allow_alloc(|| allocate(times)));
                assert_eq!(inner.allocs, times as u64);
                propagate(|| allocate(1))();
                expected.fetch_add(times as u64 + 1, Ordering::Relaxed);
            }
        });
        // What the threads themselves need is this one's.
        let ((), spawned) = count_allocs(|| {
            thread::scope(|scope| {
                for thread in 0..THREADS {
                    let work = &work;
                    scope.spawn(move || work(thread));
                }
            });
        });
        expected.fetch_add(spawned.allocs, Ordering::Relaxed);
    });
    assert_eq!(stats.allocs, expected.into_inner());
}
