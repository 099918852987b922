//! The comparison of a case: launch after launch until there is a decision, and for a change, once more.

use std::time::{Duration, Instant};

use super::decision::{Decision, Rule, Sequential};
use super::estimate::median;
use super::launch::{Both, Launch, Launcher};
use super::pace::Pace;
use super::player::Lost;
use crate::child::Listed;
#[cfg(test)]
use crate::report::comparison::VersusVerdict;
use crate::report::comparison::{CountPair, Pair, Versus};
use crate::report::measurement::{Allocations, Estimate, Varies};
use hotbench_engine::routine::Calls;

/// What a case may take, its calibration included, until its last launch begins: 5 s with that.
const LONGEST: Duration = Duration::from_millis(4_900);
/// Of that, the first decision.
const FIRST: Duration = Duration::from_millis(3_200);

/// How often allocations that differ are counted again, of either side. Where a side's calls allocate otherwise in one
/// process of two, all five counts of both are alike within their side, and differ, once in 256 times.
const RECOUNTS: usize = 4;

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
        let counts = match counted {
            Some(calls) => self.count(case, calls)?,
            None => Vec::new(),
        };
        let pace = self.launcher.calibrate(case)?;
        let mut seen = Seen::default();
        let mut decision = self.decide(self.rule, case, pace, start + FIRST, &mut seen)?;
        if decision.verdict.is_change() {
            let again = self.decide(self.rule.of_one(), case, pace, start + LONGEST, &mut seen)?;
            decision = decision.confirmed_by(again);
        }
        seen.stayed_on_one_core = self.launcher.is_pinned_for(pace);
        Ok(seen.versus(&decision, self.rule, &counts, start.elapsed()))
    }

    /// What calls of a case allocate. Where that differs, it is counted again in fresh processes: what a hash map takes
    /// differs from process to process, for its keys are seeded at random.
    fn count(&mut self, case: &Both<Listed>, calls: Calls) -> Result<Vec<Both<Allocations>>, Lost> {
        let mut counts = vec![self.launcher.count(case, calls)?];
        let Both { old, new } = &counts[0];
        if (old.allocs, old.bytes) != (new.allocs, new.bytes) {
            for _ in 0..RECOUNTS {
                counts.push(self.launcher.count(case, calls)?);
            }
        }
        Ok(counts)
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
    medians_ns: Both<Vec<f64>>,
    log_ratios_of_means: Vec<f64>,
    stayed_on_one_core: bool,
}

impl Seen {
    fn add(&mut self, launch: Launch) {
        self.medians_ns.old.push(launch.median_ns.old);
        self.medians_ns.new.push(launch.median_ns.new);
        self.log_ratios_of_means.push(launch.log_ratio_of_means);
    }

    fn versus(
        mut self,
        decision: &Decision,
        rule: Rule,
        counts: &[Both<Allocations>],
        duration: Duration,
    ) -> Versus {
        let relative = |[lower, point, upper]: [f64; 3]| Estimate {
            point: point.exp_m1(),
            lower: lower.exp_m1(),
            upper: upper.exp_m1(),
        };
        let Decision {
            verdict,
            estimate,
            lower,
            upper,
            smallest_visible,
        } = *decision;
        let launches = self.log_ratios_of_means.len();
        // Both times are of the estimate: the one that was measured is what lies between them.
        let [old, new] = [&mut self.medians_ns.old, &mut self.medians_ns.new].map(|ns| median(ns));
        let between = (old.ln() + new.ln()) / 2.0;
        let (allocs, bytes) = counted(counts, rule.margin());
        let means = rule.apart(&self.log_ratios_of_means, decision);
        Versus {
            time_ns: Pair {
                old: (between - estimate / 2.0).exp(),
                new: (between + estimate / 2.0).exp(),
            },
            change: relative([lower, estimate, upper]),
            margin: rule.margin(),
            verdict,
            allocs,
            bytes,
            change_of_means: means.map(relative),
            smallest_visible: smallest_visible.exp_m1(),
            launches,
            one_core: self.stayed_on_one_core,
            // Whoever wants to know these has them found out.
            sites: Vec::new(),
            instructions: None,
            duration_s: duration.as_secs_f64(),
        }
    }
}

/// The allocations and the bytes of either side, by what was counted once or several times.
fn counted(counts: &[Both<Allocations>], margin: f64) -> (Option<CountPair>, Option<CountPair>) {
    let all = |figure: fn(&Allocations) -> f64| {
        let pairs = counts.iter().map(|Both { old, new }| Pair {
            old: figure(old),
            new: figure(new),
        });
        pairs.collect::<Vec<Pair>>()
    };
    // Threads that share the work as it comes make the calls of one process differ.
    let varies_within = |figure: fn(&Varies) -> [f64; 2]| {
        let mut sides = counts.iter().flat_map(|Both { old, new }| [old, new]);
        sides.any(|side| {
            let range = side.varies.as_ref().map(figure);
            range.is_some_and(|[fewest, most]| fewest != most)
        })
    };
    let allocs = CountPair::of(&all(|counted| counted.allocs), 0.0);
    let allocs = allocs.map(|pair| match varies_within(|varies| varies.allocs) {
        true => pair.varying(),
        false => pair,
    });
    let bytes = CountPair::of(&all(|counted| counted.bytes), margin);
    let bytes = bytes.map(
        |pair| match (varies_within(|varies| varies.bytes), allocs) {
            (true, _) => pair.varying(),
            (false, Some(allocs)) => pair.beside(allocs, margin),
            (false, None) => pair,
        },
    );
    (allocs, bytes)
}

#[cfg(test)]
mod tests {
    use oorandom::Rand64;

    use super::*;
    use crate::compare::decision::Sequential;
    use crate::report::comparison::CountVerdict;

    /// A comparison of launches that are made up.
    fn compare(rule: Rule, mut launch: impl FnMut() -> Launch) -> Versus {
        let mut seen = Seen::default();
        let mut decide = |rule| {
            let mut comparison = Sequential::new(rule);
            loop {
                let launch = launch();
                let decided = comparison.add(launch.log_ratio);
                seen.add(launch);
                if let Some(decision) = decided {
                    break decision;
                }
            }
        };
        let mut decision: Decision = decide(rule);
        if decision.verdict.is_change() {
            decision = decision.confirmed_by(decide(rule.of_one()));
        }
        seen.versus(&decision, rule, &[], Duration::ZERO)
    }

    /// A number of a printed text: `+1.5 % [+1.0, +2.0]` has three.
    fn numbers(text: &str) -> Vec<f64> {
        let words = text.split([' ', '[', ']', ',', '%']);
        words.filter_map(|word| word.parse().ok()).collect()
    }

    /// What is printed of a case must not contradict itself.
    fn check(versus: &Versus) -> Result<(), String> {
        let margin = versus.margin * 100.0;
        let shown = versus.change_in_words();
        let [point, lower, upper] = numbers(&shown)[..] else {
            return Err(format!("{shown} has no three numbers"));
        };
        let verdict = versus.verdict_in_words();
        let fits = match versus.verdict {
            VersusVerdict::Slower => lower > margin,
            VersusVerdict::Faster => upper < -margin,
            VersusVerdict::Same => lower > -margin && upper < margin,
            VersusVerdict::Inconclusive | VersusVerdict::NotConfirmed => {
                let is_within = lower > -margin && upper < margin;
                let is_inside = is_within && versus.verdict == VersusVerdict::Inconclusive;
                lower <= margin && upper >= -margin && !is_inside
            }
        };
        let Pair { old, new } = versus.time_ns;
        let change = versus.change.point;
        let is_one_estimate = (new / old - 1.0 - change).abs() <= 1e-9 * (1.0 + change.abs());
        let is_ordered = lower <= point && point <= upper;
        let means = versus.means_in_words();
        let means_say_why = means.as_ref().is_none_or(|text| {
            let numbers = numbers(text);
            text.contains("slow path") && (numbers[1] > upper || numbers[2] < lower)
        });
        let is_finite = [old, new, versus.change.lower, versus.change.upper]
            .iter()
            .all(|figure| figure.is_finite());
        match fits && is_one_estimate && is_ordered && means_say_why && is_finite {
            true => Ok(()),
            false => Err(format!("{old} → {new}  {shown}  {verdict}  {means:?}")),
        }
    }

    #[test]
    fn no_two_statements_of_a_comparison_contradict_each_other() {
        let mut random = Rand64::new(11);
        let mut told = [0; 5];
        let mut means = 0;
        for round in 0..20_000 {
            let margin = [0.0, 0.0005, 0.01, 0.03][round % 4];
            let rule = Rule::new(margin, 0.01, 1 + round % 30);
            let shift = (random.rand_float() - 0.5) * 0.08;
            let noise = [0.0, 1e-6, 0.003, 0.02, 0.3][round / 4 % 5];
            // Now and then the machine changes its mind, between the two comparisons too.
            let drift = if round % 3 == 0 { 0.02 } else { 0.0 };
            let slow_path = if round % 7 == 0 { 0.1 } else { 0.0 };
            let mut made = 0.0;
            let versus = compare(rule, || {
                made += 1.0;
                let uniform = random.rand_float() - 0.5;
                let log_ratio = shift + noise * uniform - drift * made / 16.0;
                let level = 100.0 * (1.0 + random.rand_float() * noise);
                Launch {
                    log_ratio,
                    log_ratio_of_means: log_ratio + slow_path + noise * random.rand_float() / 4.0,
                    // Each side's own median is another estimate.
                    median_ns: Both {
                        old: level,
                        new: level * (shift + noise * random.rand_float()).exp(),
                    },
                }
            });
            if let Err(contradiction) = check(&versus) {
                panic!("{contradiction}, of {versus:?}");
            }
            told[versus.verdict as usize] += 1;
            means += usize::from(versus.change_of_means.is_some());
        }
        // All kinds were there.
        assert!(told.iter().all(|&told| told > 50), "{told:?}");
        assert!(means > 500, "{means}");
    }

    fn allocations(allocs: f64, bytes: f64) -> Allocations {
        Allocations {
            calls: 10,
            allocs,
            reallocs: 0.0,
            deallocs: 0.0,
            bytes,
            varies: None,
        }
    }

    /// The verdicts on allocations and bytes, of an older and a newer side that are counted so often.
    fn verdicts(old: &[(f64, f64)], new: &[(f64, f64)]) -> [CountVerdict; 2] {
        let counts: Vec<Both<Allocations>> = old
            .iter()
            .zip(new)
            .map(|(&old, &new)| Both {
                old: allocations(old.0, old.1),
                new: allocations(new.0, new.1),
            })
            .collect();
        let (allocs, bytes) = counted(&counts, 0.01);
        [allocs, bytes].map(|pair| pair.expect("it was counted").verdict)
    }

    #[test]
    fn a_side_that_varies_by_itself_is_no_regression() {
        use CountVerdict::{More, Same, Varies};
        let steady = [(3.0, 300.0); 3];
        assert_eq!(verdicts(&steady, &[(4.0, 400.0); 3]), [More, More]);
        let varying = [(4.0, 400.0), (3.0, 300.0), (4.0, 400.0)];
        assert_eq!(verdicts(&steady, &varying), [Varies, Varies]);
        assert_eq!(verdicts(&varying, &steady), [Varies, Varies]);
        let in_bytes = [(3.0, 400.0), (3.0, 300.0), (3.0, 400.0)];
        assert_eq!(verdicts(&steady, &in_bytes), [Same, Varies]);
    }

    #[test]
    fn a_side_whose_calls_vary_within_a_process_is_no_regression() {
        let mut new = allocations(4.0, 400.0);
        new.varies = Some(Varies {
            allocs: [3.0, 5.0],
            bytes: [400.0, 400.0],
        });
        let old = allocations(3.0, 300.0);
        let (allocs, bytes) = counted(&[Both { old, new }], 0.01);
        let verdicts = [allocs, bytes].map(|pair| pair.expect("it was counted").verdict);
        assert_eq!(verdicts, [CountVerdict::Varies, CountVerdict::More]);
    }

    #[test]
    fn a_few_bytes_more_are_none_and_fewer_allocations_may_take_a_byte_more() {
        use CountVerdict::{Fewer, More, Same};
        let once = |old, new| verdicts(&[old], &[new]);
        assert_eq!(once((3.0, 1000.0), (3.0, 1010.0)), [Same, Same]);
        assert_eq!(once((3.0, 1000.0), (3.0, 1011.0)), [Same, More]);
        assert_eq!(once((2.0, 16.0), (1.0, 17.0)), [Fewer, Same]);
        // A saved allocation does not make up for any number of bytes.
        assert_eq!(once((2.0, 16.0), (1.0, 4096.0)), [Fewer, More]);
        assert_eq!(once((0.0, 0.0), (1.0, 1.0)), [More, More]);
        assert_eq!(once((1.0, 8.0), (0.0, 0.0)), [Fewer, Fewer]);
        assert_eq!(once((0.1, 100.0), (0.2, 100.0)), [More, Same]);
    }

    #[test]
    fn batches_of_no_time_and_of_all_time_have_a_finite_ratio() {
        let nothing = Duration::ZERO;
        for (old, new) in [
            (nothing, nothing),
            (nothing, Duration::MAX),
            (Duration::MAX, nothing),
            (Duration::MAX, Duration::MAX),
        ] {
            let batches = Both {
                old: vec![old; 3],
                new: vec![new; 3],
            };
            let launch = Launch::of(&batches, 1 << 20);
            let figures = [
                launch.log_ratio,
                launch.log_ratio_of_means,
                launch.median_ns.old,
                launch.median_ns.new,
            ];
            assert!(
                figures.iter().all(|figure| figure.is_finite()),
                "{launch:?}"
            );
            let versus = compare(Rule::new(0.01, 0.01, 1), || Launch::of(&batches, 1 << 20));
            assert_eq!(check(&versus), Ok(()));
        }
    }
}
