//! The comparison of a case: launch after launch until there is a decision, and for a change, once more.

use std::time::{Duration, Instant};

use super::decision::{Decision, Rule, Sequential};
use super::estimate::median;
use super::launch::{Both, Launch, Launcher};
use super::pace::Pace;
use super::player::Lost;
use crate::harness::child::Listed;
use crate::harness::routine::Calls;
use crate::report::comparison::{Pair, Versus, VersusVerdict};
use crate::report::measurement::{Allocations, Estimate};

/// What a case may take, its calibration included, until its last launch begins: 5 s with that.
const LONGEST: Duration = Duration::from_millis(4_900);
/// Of that, the first decision.
const FIRST: Duration = Duration::from_millis(3_200);

pub(crate) struct Comparer {
    pub(crate) launcher: Launcher,
    pub(crate) rule: Rule,
}

impl Comparer {
    /// Compares a case's times. A change is one if a second comparison, by launches of its own, says so, too. That
    /// one need only be as sure as a single comparison, for the first has answered for all of them.
    pub(crate) fn compare(
        &mut self,
        case: &Both<Listed>,
        counted: Option<Calls>,
    ) -> Result<Versus, Lost> {
        let compared = self.compared(case, counted);
        // What comes next may run on more of them, after a case that was lost, too.
        self.launcher.rest();
        compared
    }

    fn compared(&mut self, case: &Both<Listed>, counted: Option<Calls>) -> Result<Versus, Lost> {
        let start = Instant::now();
        let allocations = match counted {
            Some(calls) => Some(self.launcher.count(case, calls)?),
            None => None,
        };
        let pace = self.launcher.calibrate(case)?;
        let mut seen = Seen::default();
        let mut decision = self.decide(self.rule, case, pace, start + FIRST, &mut seen)?;
        if decision.verdict.is_change() {
            let again = self.decide(self.rule.of_one(), case, pace, start + LONGEST, &mut seen)?;
            if again.verdict != decision.verdict {
                decision.verdict = VersusVerdict::Inconclusive;
            }
        }
        Ok(seen.versus(&decision, allocations, start.elapsed()))
    }

    /// By `end`, or by as few launches as say something.
    fn decide(
        &mut self,
        rule: Rule,
        case: &Both<Listed>,
        pace: Pace,
        end: Instant,
        seen: &mut Seen,
    ) -> Result<Decision, Lost> {
        let mut comparison = Sequential::new(rule);
        loop {
            let launch = self.launcher.launch(case, pace)?;
            let decided = comparison.add(launch.log_ratio);
            seen.add(launch);
            let is_late = Instant::now() >= end;
            let decided = decided.or_else(|| comparison.finish().filter(|_| is_late));
            if let Some(decision) = decided {
                return Ok(decision);
            }
        }
    }
}

/// What all launches of a case have found, those of the second comparison too.
#[derive(Default)]
struct Seen {
    launches: usize,
    medians_ns: Both<Vec<f64>>,
    total: Both<Duration>,
}

impl Seen {
    fn add(&mut self, launch: Launch) {
        self.launches += 1;
        self.medians_ns.old.push(launch.median_ns.old);
        self.medians_ns.new.push(launch.median_ns.new);
        self.total.old += launch.total.old;
        self.total.new += launch.total.new;
    }

    fn versus(
        mut self,
        decision: &Decision,
        allocations: Option<Both<Allocations>>,
        duration: Duration,
    ) -> Versus {
        let relative = |log_ratio: f64| log_ratio.exp_m1();
        let of_both = |figure: fn(&Allocations) -> f64| {
            let both = allocations.as_ref()?;
            let (old, new) = (figure(&both.old), figure(&both.new));
            Some(Pair { old, new })
        };
        let Decision {
            verdict,
            estimate,
            half_width,
            smallest_visible,
        } = *decision;
        Versus {
            time_ns: Pair {
                old: median(&mut self.medians_ns.old),
                new: median(&mut self.medians_ns.new),
            },
            change: Estimate {
                point: relative(estimate),
                lower: relative(estimate - half_width),
                upper: relative(estimate + half_width),
            },
            verdict,
            allocs: of_both(|allocations| allocations.allocs),
            bytes: of_both(|allocations| allocations.bytes),
            change_of_means: self.total.new.as_secs_f64() / self.total.old.as_secs_f64() - 1.0,
            smallest_visible: relative(smallest_visible),
            launches: self.launches,
            // Whoever wants to know these has them found out.
            sites: Vec::new(),
            instructions: None,
            duration_s: duration.as_secs_f64(),
        }
    }
}
