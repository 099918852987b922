//! Calls from several threads at once.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::batches::{Setup, in_batches, unmetered};
use super::{Calls, Counted, Meter, Routine, ended};
use crate::arguments::Inputs;
use crate::heap::{self, Here};
use hotbench_guard::CaseBudget;
use hotbench_guard::elsewhere::Window;
use hotbench_guard::ledger::unwatched;

/// Has `drive` measure calls of `routine` on `count` threads, on each of which they share what `keep`
/// makes there, batch by batch. The first of the threads checks.
///
/// The threads live as long as the measurement, so that what each initialises at its first use is
/// warmed up.
///
/// # Panics
///
/// If there is to be no thread.
pub(crate) fn on_threads<S, O, K, N, R, C>(
    count: usize,
    keep: K,
    inputs: N,
    routine: R,
    check: C,
    drive: impl FnOnce(&mut dyn Routine),
) where
    K: Fn() -> S + Sync,
    N: Inputs + Send,
    R: Fn(&mut S, N::Made) -> O + Sync,
    C: FnOnce(&O) + Send,
{
    assert!(count > 0, "`threads(0)`: on no thread there is no call");
    let setup = Setup {
        keep: &keep,
        inputs,
    };
    let routine = &routine;
    let mut check = Some(check);
    thread::scope(|scope| {
        let start_worker = || {
            let (jobs, inbox) = mpsc::channel();
            let (outbox, outcomes) = mpsc::channel();
            let mut check = check.take();
            scope.spawn(move || {
                serve(&inbox, &outbox, |job| job.run(setup, routine, &mut check));
            });
            Worker { jobs, outcomes }
        };
        drive(&mut Threads {
            workers: std::iter::repeat_with(start_worker).take(count).collect(),
            batch: Setup::<K, N>::batch_size::<O>,
            means: Vec::new(),
        });
    });
}

/// The routine's side. When it is dropped the threads end.
struct Threads {
    workers: Vec<Worker>,
    /// Iterations of a batch, of so many of a sample.
    batch: fn(u64) -> u64,
    /// Of each sample's threads.
    means: Vec<Duration>,
}

/// What threads took that ran side by side.
#[derive(Debug)]
pub(crate) struct SideBySide<'a> {
    pub(crate) threads: usize,
    /// The mean of the threads for each call of `sample`: first those that warm up, then the samples.
    pub(crate) means: &'a [Duration],
}

impl Routine for Threads {
    /// A sample takes from when the first of the threads begins until the last has ended: where there are
    /// more of them than cores, they take turns, and none takes as long as all together.
    fn sample(&mut self, bencher: &mut criterion::Bencher<'_>) {
        let Self {
            workers,
            batch,
            means,
        } = self;
        bencher.iter_custom(|iterations| {
            let mut mean = Duration::ZERO;
            let elapsed = in_batches(iterations, batch(iterations), |iterations| {
                let spans = timed(workers, iterations);
                mean += mean_of(&spans);
                from_first_to_last(&spans)
            });
            means.push(mean);
            elapsed
        });
    }

    /// The meter is on for what the threads do all together: their set-up is in it, `unmetered`. What is timed is as
    /// of a sample, without that.
    fn batch(&mut self, calls: u64, meter: &mut dyn Meter) {
        meter.start();
        // That they are told is no allocation of theirs.
        let spans = unwatched(|| timed(&self.workers, calls));
        meter.stop_timed(from_first_to_last(&spans));
    }

    fn count(&mut self, calls: Calls, budget: &CaseBudget<'_>) -> Counted {
        let work = Work::Count {
            calls,
            id: budget.id.to_owned(),
            budget: CaseBudget { id: "", ..*budget },
        };
        let mut all = Counted::default();
        let mut windows = Vec::new();
        for done in at_once(&self.workers, &work) {
            all += done.counted;
            windows.extend(done.window);
        }
        // All are of the same window, which the first of them closes.
        if let Some(window) = windows.into_iter().next() {
            all.add_side_by_side(hotbench_guard::end_side_by_side(
                window, budget, all.total, all.calls,
            ));
        }
        all
    }

    fn side_by_side(&self) -> Option<SideBySide<'_>> {
        Some(SideBySide {
            threads: self.workers.len(),
            means: &self.means,
        })
    }
}

/// When a thread ran its calls.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: Instant,
    elapsed: Duration,
}

fn mean_of(spans: &[Span]) -> Duration {
    let sum: Duration = spans.iter().map(|span| span.elapsed).sum();
    sum.div_f64(spans.len() as f64)
}

fn from_first_to_last(spans: &[Span]) -> Duration {
    let first = spans.iter().map(|span| span.start).min();
    let last = spans.iter().map(|span| span.start + span.elapsed).max();
    let spanned = first.zip(last).map(|(first, last)| last - first);
    spanned.unwrap_or_default()
}

/// A thread, as the others see it.
struct Worker {
    jobs: Sender<Job>,
    outcomes: Receiver<Outcome>,
}

/// What comes of a job, or what it panics with.
type Outcome = Result<Done, Box<dyn Any + Send>>;

/// What each of the threads is to do, at the same time.
#[derive(Clone)]
enum Work {
    Time {
        iterations: u64,
    },
    Count {
        calls: Calls,
        id: String,
        /// Without the id, which does not live as long as the threads.
        budget: CaseBudget<'static>,
    },
}

struct Job {
    work: Work,
    start: Start,
    /// When all have warmed up, and when all are counted.
    warmed_up: Start,
    counted: Start,
}

/// One of the two, by the work.
#[derive(Default)]
struct Done {
    span: Option<Span>,
    counted: Counted,
    window: Option<Window>,
}

/// Has all do the same, and waits for them.
///
/// # Panics
///
/// As the first of them that does.
fn at_once(workers: &[Worker], work: &Work) -> Vec<Done> {
    const GONE: &str = "a worker lives until it is dropped";
    let missing = [(); 3].map(|()| Arc::new(AtomicUsize::new(workers.len())));
    for worker in workers {
        let [start, warmed_up, counted] =
            missing.each_ref().map(|missing| Start(Arc::clone(missing)));
        let job = Job {
            work: work.clone(),
            start,
            warmed_up,
            counted,
        };
        worker.jobs.send(job).expect(GONE);
    }
    let wait = |worker: &Worker| worker.outcomes.recv().expect(GONE);
    let outcomes: Vec<Outcome> = workers.iter().map(wait).collect();
    let done = outcomes.into_iter();
    done.map(|outcome| outcome.unwrap_or_else(|panic| resume_unwind(panic)))
        .collect()
}

/// Has all run so many calls, and says when each did.
fn timed(workers: &[Worker], iterations: u64) -> Vec<Span> {
    let done = at_once(workers, &Work::Time { iterations });
    done.into_iter().filter_map(|done| done.span).collect()
}

/// Does what is asked until nobody asks any more.
fn serve(jobs: &Receiver<Job>, outcomes: &Sender<Outcome>, mut run: impl FnMut(Job) -> Done) {
    heap::begin_unwatched();
    for job in jobs {
        let outcome = catch_unwind(AssertUnwindSafe(|| run(job)));
        if outcomes.send(outcome).is_err() {
            break;
        }
    }
}

impl Job {
    fn run<S, O, K, N, R>(
        self,
        setup: Setup<'_, K, N>,
        routine: &R,
        check: &mut Option<impl FnOnce(&O)>,
    ) -> Done
    where
        K: Fn() -> S,
        N: Inputs,
        R: Fn(&mut S, N::Made) -> O,
    {
        let Self {
            work,
            start,
            warmed_up,
            counted,
        } = self;
        let mut done = Done::default();
        match work {
            Work::Time { iterations } => {
                let here = Here::new();
                let line_up = || {
                    let calls = heap::calls_around(&here);
                    start.line_up();
                    (calls, Instant::now())
                };
                let span = setup.run(iterations, line_up, routine, |(calls, start)| {
                    let elapsed = start.elapsed();
                    drop(calls);
                    Span { start, elapsed }
                });
                done.span = Some(span);
            }
            Work::Count { calls, id, budget } => {
                let budget = CaseBudget { id: &id, ..budget };
                let mut kept = setup.kept();
                start.line_up();
                let mut one = || {
                    let input = setup.inputs.make();
                    let (output, called) =
                        hotbench_guard::call_on_this_thread(&budget, || routine(&mut kept, input));
                    ended((Some(output), called), check)
                };
                for _ in 0..calls.warm_up {
                    one();
                }
                warmed_up.line_up();
                done.window = Some(hotbench_guard::begin_side_by_side(&budget));
                counted.line_up();
                let warm = Calls {
                    warm_up: 0,
                    ..calls
                };
                done.counted = warm.run(&mut one);
            }
        }
        done
    }
}

/// One thread's place at the line where all wait for each other. A thread that panics before is no
/// longer waited for.
struct Start(Arc<AtomicUsize>);

impl Start {
    /// After so many rounds a thread lets others run: there may be more threads than cores.
    const SPINS: u32 = 1_000;

    /// Goes on when all are here. Those who wait spin, for one that sleeps wakes late.
    fn line_up(self) {
        let missing = Arc::clone(&self.0);
        drop(self);
        unmetered(|| {
            let mut spins = 0;
            while missing.load(Ordering::Acquire) > 0 {
                if spins < Self::SPINS {
                    spins += 1;
                    std::hint::spin_loop();
                } else {
                    thread::yield_now();
                }
            }
        });
    }
}

impl Drop for Start {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Span, from_first_to_last, mean_of, on_threads};
    use crate::routine::Stopwatch;

    #[test]
    fn threads_that_take_turns_take_as_long_as_all_together() {
        let now = Instant::now();
        let millis = Duration::from_millis;
        let span = |start, elapsed| Span {
            start: now + millis(start),
            elapsed: millis(elapsed),
        };
        let turns = [span(3, 3), span(0, 2), span(6, 4)];
        assert_eq!(from_first_to_last(&turns), millis(10));
        assert_eq!(mean_of(&turns), millis(3));
    }

    #[test]
    fn what_is_made_before_the_calls_is_in_no_batchs_time() {
        let made = Duration::from_millis(500);
        let keep = || std::thread::sleep(made);
        on_threads(
            2,
            keep,
            (),
            |_, ()| (),
            |_| (),
            |routine| {
                assert!(Stopwatch::time(routine, 10) < made);
            },
        );
    }
}
