//! A launch: a fresh process of either side, on one core, where they take turns. What differs between two
//! launches of the same executable is more than what differs within one, so that this is what is sampled.

use std::path::PathBuf;
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use oorandom::Rand64;

use super::addresses::{Displacement, Fixed};
use super::cores::Cores;
use super::estimate::median;
use super::executable::Executable;
use super::pace::{Pace, nanoseconds};
use super::player::{Lost, Player};
use super::sites::Recorded;
use crate::child::callgrind::Callgrind;
use crate::child::{Child, Ended, LinkError, Listed, Printing, Request, Response, deadline};
use crate::compiled::Compiled;
use crate::interrupt::Interrupt;
use crate::report::measurement::{Allocations, Instructions};
use crate::selection::Selection;
use hotbench_engine::engines::{HeapSettings, Job, Observation, Outcome, Took};
use hotbench_engine::routine::Calls;

/// What a launch takes, its start not included. The medians of launches of 10 ms vary as much as those of 100 ms,
/// since they differ by what differs between launches: in the same time more of them say more.
const LAUNCH: Duration = Duration::from_millis(10);

/// The version of which something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Old,
    New,
}

/// Of each side one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Both<T> {
    pub(crate) old: T,
    pub(crate) new: T,
}

impl<T> Both<T> {
    pub(crate) fn get(&self, side: Side) -> &T {
        match side {
            Side::Old => &self.old,
            Side::New => &self.new,
        }
    }

    pub(crate) fn of(&mut self, side: Side) -> &mut T {
        match side {
            Side::Old => &mut self.old,
            Side::New => &mut self.new,
        }
    }
}

/// What a launch has found.
#[derive(Debug)]
pub(crate) struct Launch {
    /// The median of the pairs' logarithms of the new time by the old one.
    pub(crate) log_ratio: f64,
    /// A call's time, in nanoseconds: the median of the batches.
    pub(crate) median_ns: Both<f64>,
    /// Of all that the batches took together: a slow path that is rare shows there.
    pub(crate) log_ratio_of_means: f64,
}

impl Launch {
    /// By the batches of both sides, each of so many calls. There is at least one.
    pub(super) fn of(batches: &Both<Vec<Duration>>, calls: u64) -> Self {
        let per_call = |batches: &[Duration]| {
            // There is no logarithm of nothing.
            let batches = batches.iter().map(|&took| nanoseconds(took).max(1.0));
            batches.map(|ns| ns / calls as f64).collect::<Vec<f64>>()
        };
        let (mut old, mut new) = (per_call(&batches.old), per_call(&batches.new));
        let pairs = old.iter().zip(&new);
        let mut log_ratios: Vec<f64> = pairs.map(|(old, new)| (new / old).ln()).collect();
        let total = |batches: &[f64]| batches.iter().sum::<f64>();
        Self {
            log_ratio: median(&mut log_ratios),
            log_ratio_of_means: (total(&new) / total(&old)).ln(),
            median_ns: Both {
                old: median(&mut old),
                new: median(&mut new),
            },
        }
    }
}

/// What an executable says of itself.
pub(crate) struct Offered {
    pub(crate) cases: Vec<Listed>,
    /// It has the allocator that counts.
    pub(crate) counts: bool,
    pub(crate) compiled: Compiled,
}

/// Starts children of both sides.
pub(crate) struct Launcher {
    executables: Both<Executable>,
    home: PathBuf,
    interrupt: Rc<Interrupt>,
    /// Of one answer.
    timeout: Duration,
    random: Rand64,
    cores: Cores,
    is_pinned: bool,
    /// Of all children.
    _addresses: Fixed,
}

impl Launcher {
    /// `home` is where Criterion may write.
    pub(crate) fn new(
        executables: Both<Executable>,
        home: PathBuf,
        interrupt: Rc<Interrupt>,
        timeout: Duration,
    ) -> Self {
        // In no run the turns are those of another.
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let seed = since_epoch.map_or(0, |time| time.as_nanos());
        Self {
            executables,
            home,
            interrupt,
            timeout,
            random: Rand64::new(seed),
            cores: Cores::new(),
            is_pinned: true,
            _addresses: Fixed::new(),
        }
    }

    /// Gives this process all its cores back, between two cases.
    pub(crate) fn rest(&self) {
        self.cores.unpin();
    }

    /// Whether all that was to stay on a core did.
    pub(crate) fn is_pinned(&self) -> bool {
        self.is_pinned
    }

    /// Whether a case that is measured so stays on one core.
    pub(crate) fn is_pinned_for(&self, pace: Pace) -> bool {
        pace.is_single_threaded() && self.is_pinned
    }

    /// Launches a case.
    pub(crate) fn launch(&mut self, case: &Both<Listed>, pace: Pace) -> Result<Launch, Lost> {
        if pace.is_single_threaded() {
            self.is_pinned &= self.cores.pin_to_next();
        }
        let mut players = self.both_started(case)?;
        for _ in 0..pace.warm_up() {
            for side in self.random_order() {
                players.of(side).batch(pace.turn())?;
            }
        }
        let mut batches: Both<Vec<Duration>> = Both::default();
        let start = Instant::now();
        while start.elapsed() < LAUNCH || batches.old.len() < pace.fewest_pairs() {
            let [first, second] = self.random_order();
            // And the other way about, so that neither is more often the first; where there is time for it.
            let turns = [first, second, second, first];
            let turns = turns.get(..2 * pace.fewest_pairs()).unwrap_or(&turns);
            for &side in turns {
                let took = players.of(side).batch(pace.turn())?;
                batches.of(side).push(took.time);
            }
        }
        Ok(Launch::of(&batches, pace.turn().calls))
    }

    /// Tries how many calls of a case a batch is to have: by the old side, where both are to have as many. And whether
    /// either side runs on several threads, as long as all cores are there: code that finds one core alone may start
    /// no threads.
    pub(crate) fn calibrate(&mut self, case: &Both<Listed>) -> Result<Pace, Lost> {
        let moved = Displacement::random(&mut self.random);
        let mut player = self.start(Side::Old, &case.old, moved)?;
        let mut last = Took::default();
        let pace = Pace::of(player.threads, |turn| {
            last = player.batch(turn)?;
            Ok(last.time)
        })?;
        let mut player = self.start(Side::New, &case.new, moved)?;
        // The first call of a process may start what the others use.
        player.batch(pace.turn())?;
        let new = player.batch(pace.turn())?;
        Ok(match last.is_parallel() || new.is_parallel() {
            true => pace.on_all_cores(),
            false => pace,
        })
    }

    fn both_started(&mut self, case: &Both<Listed>) -> Result<Both<Player>, Lost> {
        let moved = Displacement::random(&mut self.random);
        // What is started first may be the better off.
        match self.random_order() {
            [Side::Old, _] => {
                let old = self.start(Side::Old, &case.old, moved)?;
                let new = self.start(Side::New, &case.new, moved)?;
                Ok(Both { old, new })
            }
            [Side::New, _] => {
                let new = self.start(Side::New, &case.new, moved)?;
                let old = self.start(Side::Old, &case.old, moved)?;
                Ok(Both { old, new })
            }
        }
    }

    fn random_order(&mut self) -> [Side; 2] {
        if self.random.rand_u64() & 1 == 0 {
            [Side::Old, Side::New]
        } else {
            [Side::New, Side::Old]
        }
    }

    /// A child of a side, with the case set up: a process of a copy of its own. How fast code is depends on which
    /// pages of memory hold it, and those of a file are the same ones from process to process, as long as it is in
    /// the page cache: of copies made once, one may be faster by some per cent in all launches of a comparison.
    fn start(&mut self, side: Side, case: &Listed, moved: Displacement) -> Result<Player, Lost> {
        let copy = self.home.join(match side {
            Side::Old => "old",
            Side::New => "new",
        });
        let copied = self.executables.of(side).copied_to(copy);
        let copied =
            copied.map_err(|error| self.lost(side, Ended::Broken(LinkError::Start(error))))?;
        let mut command = copied.command();
        moved.of(&mut command);
        let mut player = self.child_by(side, command)?;
        match player.enter(case, Job::LockStep)? {
            Response::Ready { threads } => {
                player.threads = threads;
                Ok(player)
            }
            other => Err(player.lost(Ended::Broken(LinkError::foreign(&other)))),
        }
    }

    /// What calls of a case allocate on either side.
    pub(crate) fn count(
        &mut self,
        case: &Both<Listed>,
        calls: Calls,
    ) -> Result<Both<Allocations>, Lost> {
        let old = self.count_of(Side::Old, &case.old, calls)?;
        let new = self.count_of(Side::New, &case.new, calls)?;
        Ok(Both { old, new })
    }

    fn count_of(&mut self, side: Side, case: &Listed, calls: Calls) -> Result<Allocations, Lost> {
        let mut player = self.child(side)?;
        match player.observe(case, Job::Calls(calls))? {
            Observation::Calls { allocations, .. } => Ok(allocations),
            other => Err(player.lost(Ended::Observed(other))),
        }
    }

    /// How calls of a case come to what they allocate, on either side.
    pub(super) fn record(
        &mut self,
        case: &Both<Listed>,
        calls: Calls,
    ) -> Result<Both<Recorded>, Lost> {
        let old = self.record_of(Side::Old, &case.old, calls)?;
        let new = self.record_of(Side::New, &case.new, calls)?;
        Ok(Both { old, new })
    }

    fn record_of(&mut self, side: Side, case: &Listed, calls: Calls) -> Result<Recorded, Lost> {
        let settings = HeapSettings {
            warm_up: calls.warm_up.into(),
            calls: calls.counted.into(),
            outcome: Outcome::Ways,
        };
        let mut player = self.child(side)?;
        match player.observe(case, Job::Heap(settings))? {
            Observation::Ways { calls, ways } => Ok(Recorded { calls, ways }),
            other => Err(player.lost(Ended::Observed(other))),
        }
    }

    /// What a call of a case, which takes so long, executes on either side.
    pub(super) fn count_instructions(
        &mut self,
        case: &Both<Listed>,
        callgrind: &Callgrind,
        call: Duration,
    ) -> Result<Both<Instructions>, Lost> {
        let mut count_of = |side, case| {
            let job = Job::Callgrind(callgrind.settings(call));
            let mut player = self.child_under(side, Some(callgrind))?;
            match player.observe(case, job)? {
                Observation::Instructions(instructions) => Ok(instructions),
                other => Err(player.lost(Ended::Observed(other))),
            }
        };
        let old = count_of(Side::Old, &case.old)?;
        let new = count_of(Side::New, &case.new)?;
        Ok(Both { old, new })
    }

    /// Asks a side what it can run of what the selection takes. Of a case whose sweep panics there, `refused` is told.
    pub(crate) fn cases(
        &mut self,
        side: Side,
        selection: &Selection<'_>,
        mut refused: impl FnMut(&str, &str),
    ) -> Result<Offered, Lost> {
        let mut player = self.child(side)?;
        let (cases, counts, compiled) = match player.ask(&Request::Cases)? {
            Response::Cases {
                cases,
                counts,
                compiled,
            } => (cases, counts, Compiled::read(&compiled)),
            other => return Err(player.lost(Ended::Broken(LinkError::foreign(&other)))),
        };
        let ids: Vec<(&str, bool)> = cases
            .iter()
            .map(|it| (it.id.as_str(), it.is_swept))
            .collect();
        let listed = |case: &str, value: Option<String>| Listed {
            id: match &value {
                None => case.to_owned(),
                Some(value) => format!("{case}/{value}"),
            },
            case: case.to_owned(),
            value,
        };
        let plain = ids.iter().filter(|(_, is_swept)| !is_swept);
        let mut all: Vec<Listed> = plain.map(|(id, _)| listed(id, None)).collect();
        for id in selection.sweeps_to_evaluate(&ids) {
            match player.ask(&Request::Values(id.to_owned())) {
                Ok(Response::Values(values)) => {
                    all.extend(values.into_iter().map(|value| listed(id, Some(value))));
                }
                Ok(other) => return Err(player.lost(Ended::Broken(LinkError::foreign(&other)))),
                Err(lost) => match &*lost.ended {
                    Ended::Panicked(message) => refused(id, message),
                    _ => return Err(lost),
                },
            }
        }
        Ok(Offered {
            cases: all,
            counts,
            compiled,
        })
    }

    fn child(&mut self, side: Side) -> Result<Player, Lost> {
        self.child_under(side, None)
    }

    fn child_under(&mut self, side: Side, callgrind: Option<&Callgrind>) -> Result<Player, Lost> {
        let command = self.executables.of(side).command_under(callgrind);
        self.child_by(side, command)
    }

    fn child_by(&mut self, side: Side, command: Command) -> Result<Player, Lost> {
        let child = Child::start(command, &self.home, Printing::Kept);
        let mut child = child.map_err(|error| self.lost(side, Ended::Broken(error)))?;
        match child.greet(deadline(self.timeout), &self.interrupt) {
            Ok(None) => Ok(Player {
                side,
                child,
                threads: 1,
                interrupt: Rc::clone(&self.interrupt),
                timeout: self.timeout,
            }),
            Ok(Some(ended)) => Err(self.lost(side, ended)),
            Err(error) => Err(self.lost(side, Ended::Broken(error))),
        }
    }

    /// One that was never there, and has printed nothing.
    fn lost(&self, side: Side, ended: Ended) -> Lost {
        Lost {
            side,
            ended: Box::new(ended),
            output: String::new(),
            timeout: self.timeout,
        }
    }
}
