//! When enough launches have been made, and what they say: a sequential test, which looks at what there is a
//! few times, and spends its error over the looks.

use super::estimate::TrimmedMean;
use crate::report::comparison::{VersusVerdict, limits};

/// Launches after which it is looked at them.
const LOOKS: [usize; 5] = [16, 24, 40, 64, 110];
/// Fewer say nothing.
const FEWEST: usize = 5;

/// By which part the means differ from the medians at least, to be worth a word.
const LEAST_APART: f64 = 0.01;

/// What is held to be a change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    /// Up to which part of the old time a change is none.
    margin: f64,
    /// How often a comparison may err, over all its looks.
    alpha: f64,
    /// And if it were the only one.
    family_alpha: f64,
}

/// The verdict, and the interval that decided it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Decision {
    pub(crate) verdict: VersusVerdict,
    /// Logarithms of the new version's time by the old one's.
    pub(crate) estimate: f64,
    pub(crate) lower: f64,
    pub(crate) upper: f64,
    /// The smallest that would have been told as slower.
    pub(crate) smallest_visible: f64,
}

impl Decision {
    /// The decision after a change was measured once more. The second comparison's interval is not biased by having
    /// been waited for, so that it is the one that counts if it agrees. If it does not, the interval holds those of
    /// both: it reaches into the margin, or across it, as the second one does.
    pub(crate) fn confirmed_by(self, again: Self) -> Self {
        if again.verdict == self.verdict {
            return again;
        }
        Self {
            verdict: VersusVerdict::NotConfirmed,
            estimate: f64::midpoint(self.estimate, again.estimate),
            lower: self.lower.min(again.lower),
            upper: self.upper.max(again.upper),
            smallest_visible: self.smallest_visible.max(again.smallest_visible),
        }
    }
}

/// A comparison under way: the medians of the log ratios of its launches.
#[derive(Debug)]
pub(crate) struct Sequential {
    rule: Rule,
    launches: Vec<f64>,
}

impl Rule {
    /// A change of up to `margin`, as a part of the old time, is none. All of so many comparisons together err
    /// in `family_alpha` of all runs at most: Bonferroni's bound.
    pub(crate) fn new(margin: f64, family_alpha: f64, comparisons: usize) -> Self {
        Self {
            margin,
            alpha: family_alpha / comparisons.max(1) as f64,
            family_alpha,
        }
    }

    /// The rule for a comparison that is the only one.
    pub(crate) fn of_one(self) -> Self {
        Self {
            alpha: self.family_alpha,
            ..self
        }
    }

    pub(crate) fn margin(&self) -> f64 {
        self.margin
    }

    /// The interval of `values`, one of each launch, if it lies so far from that of the decision that both together
    /// say more than one: by more than the margin.
    pub(crate) fn apart(&self, values: &[f64], decision: &Decision) -> Option<[f64; 3]> {
        // The means of a few launches are those of what else the machine did.
        if values.len() < LOOKS[0] {
            return None;
        }
        let estimate = TrimmedMean::of(values);
        let half_width = estimate.half_width(self.family_alpha);
        let (lower, upper) = (estimate.mean - half_width, estimate.mean + half_width);
        let [faster, slower] = limits(self.margin.max(LEAST_APART));
        let is_apart = lower > decision.upper + slower || upper < decision.lower + faster;
        is_apart.then_some([lower, estimate.mean, upper])
    }

    /// How much of the error is spent by the end of a look: (k / K)², little of it early.
    fn spent(&self, looks: usize) -> f64 {
        let part = looks as f64 / LOOKS.len() as f64;
        self.alpha * part * part
    }

    fn decide(&self, launches: &[f64], alpha: f64) -> Decision {
        let estimate = TrimmedMean::of(launches);
        let half_width = estimate.half_width(alpha);
        let (lower, upper) = (estimate.mean - half_width, estimate.mean + half_width);
        let [faster, slower] = limits(self.margin);
        let verdict = VersusVerdict::of([lower, upper], [faster, slower]);
        Decision {
            verdict,
            estimate: estimate.mean,
            lower,
            upper,
            smallest_visible: slower + half_width,
        }
    }
}

impl Sequential {
    pub(crate) fn new(rule: Rule) -> Self {
        Self {
            rule,
            launches: Vec::new(),
        }
    }

    /// Adds a launch. Returns the decision, once there is one: after the last look there is.
    pub(crate) fn add(&mut self, log_ratio: f64) -> Option<Decision> {
        self.launches.push(log_ratio);
        let look = LOOKS.iter().position(|&look| look == self.launches.len())?;
        let alpha = self.rule.spent(look + 1) - self.rule.spent(look);
        let decision = self.rule.decide(&self.launches, alpha);
        let is_last = look + 1 == LOOKS.len();
        (is_last || decision.verdict != VersusVerdict::Inconclusive).then_some(decision)
    }

    /// The decision when there is no time for more launches, by all of the error that is left. None if there
    /// were too few.
    pub(crate) fn finish(&self) -> Option<Decision> {
        if self.launches.len() < FEWEST {
            return None;
        }
        let looks = LOOKS.iter().filter(|&&look| look <= self.launches.len());
        let alpha = self.rule.alpha - self.rule.spent(looks.count());
        Some(self.rule.decide(&self.launches, alpha))
    }
}

#[cfg(test)]
mod tests {
    use oorandom::Rand64;

    use super::{Decision, Rule, Sequential, VersusVerdict};
    use crate::compare::estimate::median;

    const COMPARISONS: usize = 10_000;
    const PAIRS: usize = 8;
    const MARGIN: f64 = 0.01;
    const ALPHA: f64 = 0.01;

    /// Noise of a machine, in which two versions take turns: the logarithms of times.
    struct Noise {
        random: Rand64,
        kind: Kind,
        drift: f64,
    }

    #[derive(Clone, Copy)]
    enum Kind {
        /// Student's t with two degrees of freedom: now and then a batch takes several times as long.
        HeavyTailed,
        /// The machine grows slower and faster, as a walk at random.
        Drifting,
        /// Each side of a launch is in one of two states, 1 % apart, and a batch in one of two.
        Bimodal,
        /// One launch of a side in five is 2 % slower, and its batches hardly vary: about as many as are trimmed.
        Lopsided,
    }

    impl Noise {
        /// Box and Muller.
        fn normal(&mut self) -> f64 {
            let radius = (-2.0 * (1.0 - self.random.rand_float()).ln()).sqrt();
            radius * (std::f64::consts::TAU * self.random.rand_float()).cos()
        }

        fn batch(&mut self) -> f64 {
            match self.kind {
                Kind::HeavyTailed => {
                    let chi_squared = -2.0 * (1.0 - self.random.rand_float()).ln();
                    0.02 * self.normal() / (chi_squared / 2.0).sqrt()
                }
                Kind::Drifting => {
                    self.drift += 0.01 * self.normal();
                    self.drift + 0.01 * self.normal()
                }
                Kind::Bimodal => 0.05 * self.coin() + 0.01 * self.normal(),
                Kind::Lopsided => 0.001 * self.normal(),
            }
        }

        /// What a side of a launch has in all its batches.
        fn launch(&mut self) -> f64 {
            match self.kind {
                Kind::HeavyTailed | Kind::Drifting => 0.003 * self.normal(),
                Kind::Bimodal => 0.01 * self.coin(),
                Kind::Lopsided => 0.02 * f64::from(u8::from(self.random.rand_float() < 0.2)),
            }
        }

        fn coin(&mut self) -> f64 {
            f64::from(u8::from(self.random.rand_float() < 0.5))
        }

        /// The median of the log ratios of a launch, of versions whose true one is `shift`.
        fn log_ratio(&mut self, shift: f64) -> f64 {
            let sides = shift + self.launch() - self.launch();
            let mut pairs = [0.0; PAIRS];
            for pair in &mut pairs {
                // In the order of a coin, for what drifts.
                let (first, second) = (self.batch(), self.batch());
                let is_old_first = self.coin() > 0.0;
                *pair = sides
                    + if is_old_first {
                        second - first
                    } else {
                        first - second
                    };
            }
            median(&mut pairs)
        }

        fn compare(&mut self, shift: f64) -> Decision {
            let mut comparison = Sequential::new(Rule::new(MARGIN, ALPHA, 1));
            loop {
                if let Some(decision) = comparison.add(self.log_ratio(shift)) {
                    break decision;
                }
            }
        }

        /// What so many comparisons say.
        fn verdicts(kind: Kind, shift: f64, comparisons: usize) -> Verdicts {
            let mut noise = Self {
                random: Rand64::new(7),
                kind,
                drift: 0.0,
            };
            let verdicts = (0..comparisons).map(|_| noise.compare(shift).verdict);
            Verdicts(verdicts.collect())
        }
    }

    struct Verdicts(Vec<VersusVerdict>);

    impl Verdicts {
        /// Of all, the part that is this one.
        fn share(&self, verdict: VersusVerdict) -> f64 {
            let told = self.0.iter().filter(|&&told| told == verdict).count();
            told as f64 / self.0.len() as f64
        }
    }

    fn false_alarms_are_no_more_than_the_nominal_rate(kind: Kind) {
        // The hardest: a true ratio that is just not yet a change, or just one.
        let at_the_margin = Noise::verdicts(kind, MARGIN.ln_1p(), COMPARISONS);
        let slower = at_the_margin.share(VersusVerdict::Slower);
        let same = at_the_margin.share(VersusVerdict::Same);
        assert!(slower <= ALPHA, "{slower}");
        assert!(same <= ALPHA, "{same}");
    }

    fn equal_versions_are_hardly_ever_told_apart(kind: Kind) {
        let equal = Noise::verdicts(kind, 0.0, COMPARISONS);
        let alarms = equal.share(VersusVerdict::Slower) + equal.share(VersusVerdict::Faster);
        assert!(alarms <= ALPHA / 10.0, "{alarms}");
    }

    fn a_change_of_five_percent_is_told(kind: Kind) {
        let changed = Noise::verdicts(kind, 0.05_f64.ln_1p(), COMPARISONS / 10);
        let told = changed.share(VersusVerdict::Slower);
        assert!(told >= 0.99, "{told}");
    }

    /// A test for each kind, so that they run side by side.
    macro_rules! with_noise {
        ($($name:ident: $kind:ident),*) => {$(
            mod $name {
                use super::Kind;

                #[test]
                fn false_alarms_are_no_more_than_the_nominal_rate() {
                    super::false_alarms_are_no_more_than_the_nominal_rate(Kind::$kind);
                }

                #[test]
                fn equal_versions_are_hardly_ever_told_apart() {
                    super::equal_versions_are_hardly_ever_told_apart(Kind::$kind);
                }

                #[test]
                fn a_change_of_five_percent_is_told() {
                    super::a_change_of_five_percent_is_told(Kind::$kind);
                }
            }
        )*};
    }

    with_noise!(heavy_tailed: HeavyTailed, drifting: Drifting, bimodal: Bimodal, lopsided: Lopsided);

    #[test]
    fn the_error_is_spent_over_the_looks() {
        let rule = Rule::new(MARGIN, ALPHA, 20);
        assert_eq!(rule.spent(5), ALPHA / 20.0);
        assert!(rule.spent(1) < rule.alpha / 20.0);
    }

    #[test]
    fn without_time_for_a_look_it_is_decided_by_what_there_is() {
        let mut comparison = Sequential::new(Rule::new(MARGIN, ALPHA, 1));
        assert_eq!(comparison.finish(), None);
        for launch in 0..7 {
            let wobble = f64::from(launch % 3) * 1e-4;
            assert_eq!(comparison.add(0.10 + wobble), None);
        }
        let decision = comparison.finish().expect("enough launches");
        assert_eq!(decision.verdict, VersusVerdict::Slower);
    }
}
