//! How times compare: within a group, and with the run before.

use serde::{Deserialize, Serialize};

use super::measurement::{Estimate, Measurement};
use super::units;

/// A case beside the baseline of its group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Comparison {
    pub(crate) baseline_id: String,
    /// The baseline's time by the case's.
    pub(crate) speedup: Option<Ratio>,
    pub(crate) verdict: Verdict,
}

impl Comparison {
    /// `None` for a speedup: either time may be that of nothing.
    pub(crate) fn new(baseline_id: String, speedup: Option<Ratio>) -> Self {
        Self {
            baseline_id,
            verdict: speedup.map_or(Verdict::NotCompared, |ratio| ratio.verdict()),
            speedup,
        }
    }
}

/// How a case's time compares with another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ratio {
    /// The other's time by the case's: above 1 the case is faster.
    pub(crate) point: f64,
    pub(crate) lower: f64,
    pub(crate) upper: f64,
}

/// Both ends of a ratio within this of 1: the same, as far as one run can tell.
const SAME: f64 = 0.02;

/// What a ratio says, its interval considered. That is the interval of one run, in which each side was
/// measured once: what differs from run to run is not in it, so that what is close to 1 says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// The interval is within 2 % of 1.
    Same,
    /// All of it is above that.
    Faster,
    /// All of it is below.
    Slower,
    /// None of these.
    Inconclusive,
    /// There is no ratio: either may have been optimised away.
    NotCompared,
}

impl Ratio {
    /// The ratio with an interval at the confidence level of the two estimates, which were measured
    /// apart: their relative errors add up as those of independent logarithms do (delta method).
    pub(crate) fn of(other: &Estimate, case: &Estimate) -> Option<Self> {
        let log = other.point.ln() - case.point.ln();
        let half_width = other
            .relative_half_width()
            .hypot(case.relative_half_width());
        let ratio = Self {
            point: log.exp(),
            lower: (log - half_width).exp(),
            upper: (log + half_width).exp(),
        };
        (ratio.lower.is_finite() && ratio.upper.is_finite()).then_some(ratio)
    }

    pub(crate) fn verdict(&self) -> Verdict {
        if self.lower >= 1.0 - SAME && self.upper <= 1.0 + SAME {
            Verdict::Same
        } else if self.lower > 1.0 + SAME {
            Verdict::Faster
        } else if self.upper < 1.0 - SAME {
            Verdict::Slower
        } else {
            Verdict::Inconclusive
        }
    }
}

/// How the time has changed since the last run on this machine that timed the case. No verdict: the two
/// were hours apart, and what the machine did besides is in neither interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Change {
    /// When that run was started.
    pub(crate) started_at_unix_s: u64,
    /// By what part of that time this one is longer: 0.02 is 2 % slower.
    pub(crate) relative: Estimate,
    /// The interval holds 0.
    pub(crate) noise: bool,
}

impl Change {
    /// The relative errors of the two add up as those of what was measured apart do.
    pub(crate) fn between(started_at_unix_s: u64, last: &Estimate, now: &Estimate) -> Option<Self> {
        let ratio = now.point / last.point;
        let half_width = ratio * now.relative_half_width().hypot(last.relative_half_width());
        let relative = Estimate {
            point: ratio - 1.0,
            lower: ratio - 1.0 - half_width,
            upper: ratio - 1.0 + half_width,
        };
        half_width.is_finite().then_some(Self {
            started_at_unix_s,
            relative,
            noise: relative.lower <= 0.0 && relative.upper >= 0.0,
        })
    }
}

/// A case in this version beside the same in an older one, measured in turns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Versus {
    /// Of a call. Both are of the estimate of `change`.
    pub(crate) time_ns: Pair,
    /// By what part of the old time the new one is longer, with the interval that decided.
    pub(crate) change: Estimate,
    /// Up to which part of the old time a change is none.
    pub(crate) margin: f64,
    pub(crate) verdict: VersusVerdict,
    /// Likewise, of the means, if it lies apart from that: of a slow path that is rarely taken, which the medians
    /// don't see. Not judged.
    pub(crate) change_of_means: Option<Estimate>,
    /// The smallest change that would have been told as slower.
    pub(crate) smallest_visible: f64,
    pub(crate) launches: usize,
    /// Both sides took turns on one core; not so a case that runs on several threads.
    pub(crate) one_core: bool,
    /// Per call; where both versions have the allocator that counts.
    pub(crate) allocs: Option<CountPair>,
    pub(crate) bytes: Option<CountPair>,
    /// Where they differ in these, the largest difference first; as far as it is known.
    pub(crate) sites: Vec<SiteChange>,
    /// Where they were counted.
    pub(crate) instructions: Option<InstructionPair>,
    pub(crate) duration_s: f64,
}

impl Versus {
    /// What is worse than it was, if anything.
    pub(crate) fn regression(&self) -> Option<String> {
        let mut site = self.first_added_site();
        let slower = (self.verdict == VersusVerdict::Slower).then(|| {
            format!(
                "slower, {}: {}",
                self.times_in_words(),
                self.change_in_words()
            )
        });
        let mut more = |what: &str, pair: Option<CountPair>, show: fn(f64) -> String| {
            let pair = pair.filter(|pair| pair.verdict == CountVerdict::More)?;
            let (old, new) = (show(pair.old), show(pair.new));
            let site = site.take().map(|site| format!(" ({})", site.in_words()));
            Some(format!(
                "more {what}, {old} → {new}{}",
                site.unwrap_or_default()
            ))
        };
        let allocs = more("allocations", self.allocs, units::amount);
        let bytes = more("bytes allocated", self.bytes, units::bytes);
        let all: Vec<String> = [slower, allocs, bytes].into_iter().flatten().collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// What is new before what is more.
    fn first_added_site(&self) -> Option<&SiteChange> {
        let first = |kind| self.sites.iter().find(|site| site.kind == kind);
        first(SiteKind::New).or_else(|| first(SiteKind::More))
    }

    /// Whether the two versions allocate differently, in each process that was asked.
    pub(crate) fn allocates_differently(&self) -> bool {
        let mut pairs = self.allocs.iter().chain(&self.bytes);
        let varies = |pair: &CountPair| pair.verdict == CountVerdict::Varies;
        let mut all = pairs.clone();
        pairs.any(|pair| pair.old != pair.new) && !all.any(varies)
    }

    /// There is a change, and it is within the margin.
    pub(crate) fn is_small_shift(&self) -> bool {
        let excludes_none = self.change.lower > 0.0 || self.change.upper < 0.0;
        self.verdict == VersusVerdict::Same && excludes_none
    }

    pub(crate) fn is_undecided(&self) -> bool {
        use VersusVerdict::{Inconclusive, NotConfirmed};
        matches!(self.verdict, Inconclusive | NotConfirmed)
    }

    /// Where the change may lie.
    pub(crate) fn in_doubt(&self) -> String {
        format!(
            "{}, {}: {}, and `--strict` asks for a decision",
            match self.verdict {
                VersusVerdict::NotConfirmed => "not confirmed",
                _ => "inconclusive",
            },
            self.times_in_words(),
            self.change_in_words()
        )
    }

    pub(crate) fn times_in_words(&self) -> String {
        let Pair { old, new } = self.time_ns;
        format!("{} → {}", units::time(old), units::time(new))
    }

    /// With as many digits as the verdict needs, so that an end of the interval does not look to be on the other side
    /// of the margin.
    pub(crate) fn change_in_words(&self) -> String {
        let zero = self.is_small_shift().then_some(0.0);
        let limits = [self.margin, -self.margin].into_iter().chain(zero);
        units::change(&self.change, limits)
    }

    pub(crate) fn verdict_in_words(&self) -> String {
        match self.verdict {
            VersusVerdict::Slower => "SLOWER".to_owned(),
            VersusVerdict::Faster => "faster".to_owned(),
            VersusVerdict::Same if self.is_small_shift() => "same, a small shift".to_owned(),
            VersusVerdict::Same => "same".to_owned(),
            VersusVerdict::Inconclusive => {
                let visible = units::relative(self.smallest_visible);
                format!("inconclusive, sees from {visible}")
            }
            VersusVerdict::NotConfirmed => "not confirmed".to_owned(),
        }
    }

    /// The change of the means, with the reason for which it is another.
    pub(crate) fn means_in_words(&self) -> Option<String> {
        let means = self.change_of_means?;
        let version = match means.point > self.change.point {
            true => "this version takes it more",
            false => "the older version took it more",
        };
        let change = units::change(&means, [self.change.lower, self.change.upper]);
        Some(format!(
            "means {change} for a slow path that is rare: {version}"
        ))
    }
}

/// A count of either version.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct CountPair {
    pub(crate) old: f64,
    pub(crate) new: f64,
    pub(crate) verdict: CountVerdict,
}

/// What is said of a count of the new version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CountVerdict {
    /// It differs by no more than the margin.
    Same,
    More,
    Fewer,
    /// A version's own counts differ from process to process.
    Varies,
}

impl CountPair {
    /// What an allocation takes besides its bytes: its header, and what its size is rounded up by.
    const OVERHEAD: f64 = 16.0;

    /// Of what was counted once, or several times. Of counts that vary, the means.
    pub(crate) fn of(counts: &[Pair], margin: f64) -> Option<Self> {
        let first = counts.first()?;
        let number = counts.len() as f64;
        let mean = |figure: fn(&Pair) -> f64| counts.iter().map(figure).sum::<f64>() / number;
        if counts.iter().any(|count| count != first) {
            return Some(Self {
                old: mean(|count| count.old),
                new: mean(|count| count.new),
                verdict: CountVerdict::Varies,
            });
        }
        let Pair { old, new } = *first;
        let verdict = if new > old * (1.0 + margin) {
            CountVerdict::More
        } else if new < old * (1.0 - margin) {
            CountVerdict::Fewer
        } else {
            CountVerdict::Same
        };
        Some(Self { old, new, verdict })
    }

    /// The same, if it differs from call to call.
    pub(crate) fn varying(self) -> Self {
        Self {
            verdict: CountVerdict::Varies,
            ..self
        }
    }

    /// These bytes beside so many allocations: where there are fewer of those, what they are saved counts, too.
    fn weighed(self, allocs: Self) -> [f64; 2] {
        [
            self.old + Self::OVERHEAD * allocs.old,
            self.new + Self::OVERHEAD * allocs.new,
        ]
    }

    /// The verdict on bytes beside that on the number of allocations: fewer of them may take a few bytes more.
    pub(crate) fn beside(mut self, allocs: Self, margin: f64) -> Self {
        let [old, new] = self.weighed(allocs);
        let is_made_up_for = new <= old * (1.0 + margin);
        let is_more = self.verdict == CountVerdict::More;
        if is_more && allocs.verdict == CountVerdict::Fewer && is_made_up_for {
            self.verdict = CountVerdict::Same;
        }
        self
    }
}

/// A figure of either version.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pair {
    pub(crate) old: f64,
    pub(crate) new: f64,
}

impl Pair {
    /// By what the new one is more.
    pub(crate) fn difference(self) -> f64 {
        self.new - self.old
    }
}

/// What a call executes in either version, as Callgrind counts it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct InstructionPair {
    pub(crate) old: f64,
    pub(crate) new: f64,
    /// In both, two counts of different calls agree to 0.1 %.
    pub(crate) exact: bool,
}

/// A place in the user's code that does not allocate as it did, per call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SiteChange {
    pub(crate) kind: SiteKind,
    pub(crate) function: Option<String>,
    pub(crate) file: Option<String>,
    /// Of what is gone, the old version's.
    pub(crate) line: Option<usize>,
    pub(crate) allocs: Pair,
    pub(crate) bytes: Pair,
}

/// What has become of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SiteKind {
    New,
    Gone,
    More,
    Fewer,
}

impl SiteChange {
    /// `+1: src/parse.rs:88`, of one that allocates as often `+256 B: src/parse.rs:88`, and of one that is gone
    /// `-1: former src/parse.rs:80`.
    pub(crate) fn brief(&self) -> String {
        let shown = match (&self.file, self.line, &self.function) {
            (Some(file), Some(line), _) => format!("{file}:{line}"),
            (_, _, Some(function)) => function.clone(),
            _ => "a function without a name".to_owned(),
        };
        let version = match self.kind {
            SiteKind::Gone => "former ",
            SiteKind::New | SiteKind::More | SiteKind::Fewer => "",
        };
        format!("{}: {version}{shown}", self.difference())
    }

    fn difference(&self) -> String {
        let signed = |difference: f64, show: fn(f64) -> String| {
            let sign = if difference < 0.0 { '-' } else { '+' };
            format!("{sign}{}", show(difference.abs()))
        };
        match self.allocs.difference() {
            0.0 => signed(self.bytes.difference(), units::bytes),
            allocs => signed(allocs, units::amount),
        }
    }

    /// With its function.
    fn in_words(&self) -> String {
        let kind = match self.kind {
            SiteKind::New => "new",
            SiteKind::Gone => "gone",
            SiteKind::More => "more",
            SiteKind::Fewer => "fewer",
        };
        let function = self.function.as_ref().filter(|_| self.line.is_some());
        let function = function.map(|function| format!(" in `{function}`"));
        format!("{kind}, {}{}", self.brief(), function.unwrap_or_default())
    }
}

/// What is said of the new version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VersusVerdict {
    /// By more than the margin, the whole interval.
    Slower,
    /// Likewise.
    Faster,
    /// The whole interval lies within the margin.
    Same,
    /// The interval is too wide for any of these.
    Inconclusive,
    /// A change was found, and a second comparison has not found it: the interval holds those of both.
    NotConfirmed,
}

/// The logarithms of the ratios beyond which a version is faster, or slower: by this part of the old time.
pub(crate) fn limits(margin: f64) -> [f64; 2] {
    [-margin, margin].map(f64::ln_1p)
}

impl VersusVerdict {
    /// The verdict that an interval has by itself. Its ends are logarithms, as those of the `limits` are.
    pub(crate) fn of([lower, upper]: [f64; 2], [faster, slower]: [f64; 2]) -> Self {
        if lower > slower {
            Self::Slower
        } else if upper < faster {
            Self::Faster
        } else if lower > faster && upper < slower {
            Self::Same
        } else {
            Self::Inconclusive
        }
    }

    pub(crate) fn is_change(self) -> bool {
        matches!(self, Self::Slower | Self::Faster)
    }
}

/// What would show more of the places that allocate differently, if anything would.
pub(crate) fn advice(cases: &[Measurement]) -> Option<String> {
    let compared = cases.iter().filter_map(|case| case.vs_revision.as_ref());
    let sites: Vec<&SiteChange> = compared.flat_map(|versus| &versus.sites).collect();
    let setting = "[profile.bench]\n    debug = \"line-tables-only\"";
    if sites.is_empty() || sites.iter().any(|site| site.line.is_some()) {
        None
    } else if sites.iter().any(|site| site.function.is_some()) {
        Some(format!(
            "there are no line tables: of the places that allocate differently the functions are known, or those \
             that they were inlined into. For lines, write in the Cargo.toml of the workspace:\n\n    {setting}\n"
        ))
    } else {
        Some(format!(
            "the program is stripped: the places that allocate differently have no names. Write in the Cargo.toml \
             of the workspace:\n\n    {setting}\n    strip = false\n"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Change, CountPair, Estimate, Pair, Ratio, SiteKind, Verdict, Versus, VersusVerdict, advice,
    };
    use crate::report::measurement::Measurement;
    use crate::report::samples::{case, site_change, versus};

    fn estimate(point: f64, half_width: f64) -> Estimate {
        Estimate {
            point,
            lower: point - half_width,
            upper: point + half_width,
        }
    }

    #[test]
    fn a_ratio_carries_the_error_of_both_sides() {
        let ratio = Ratio::of(&estimate(300.0, 9.0), &estimate(100.0, 4.0)).unwrap();
        // The relative half-widths 0.03 and 0.04 add up to 0.05.
        assert!((ratio.point - 3.0).abs() < 1e-12);
        assert!((ratio.lower - 3.0 * (-0.05_f64).exp()).abs() < 1e-12);
        assert!((ratio.upper - 3.0 * 0.05_f64.exp()).abs() < 1e-12);
    }

    fn allocating_more(sites: Vec<super::SiteChange>) -> Versus {
        Versus {
            allocs: CountPair::of(&[Pair { old: 3.0, new: 4.0 }], 0.0),
            sites,
            ..versus(VersusVerdict::Same)
        }
    }

    #[test]
    fn what_allocates_more_is_told_with_the_first_place_that_is_new() {
        let more = allocating_more(vec![
            site_change(SiteKind::Gone, 5, (2.0, 0.0)),
            site_change(SiteKind::More, 6, (1.0, 2.0)),
            site_change(SiteKind::New, 7, (0.0, 1.0)),
        ]);
        let text = more.regression().expect("it is worse");
        assert_eq!(
            text,
            "more allocations, 3 → 4 (new, +1: src/lib.rs:7 in `app::f7`)"
        );
        let unknown = allocating_more(Vec::new()).regression();
        assert_eq!(unknown.as_deref(), Some("more allocations, 3 → 4"));
    }

    #[test]
    fn what_would_show_lines_is_said_where_there_are_none() {
        let with = |function: bool, line: bool| {
            let mut site = site_change(SiteKind::New, 7, (0.0, 1.0));
            if !line {
                (site.file, site.line) = (None, None);
            }
            site.function = site.function.filter(|_| function);
            let brief = site.brief();
            let case = Measurement {
                vs_revision: Some(allocating_more(vec![site])),
                ..case("app::parse")
            };
            (brief, advice(&[case]))
        };
        assert_eq!(with(true, true), ("+1: src/lib.rs:7".to_owned(), None));
        let (brief, advice) = with(true, false);
        assert_eq!(brief, "+1: app::f7");
        let advice = advice.expect("there is some");
        assert!(advice.contains("debug = \"line-tables-only\""), "{advice}");
        assert!(!advice.contains("strip"), "{advice}");
        let (brief, advice) = with(false, false);
        assert_eq!(brief, "+1: a function without a name");
        assert!(advice.expect("there is some").contains("strip = false"));
    }

    #[test]
    fn a_time_of_zero_has_no_ratio() {
        assert_eq!(Ratio::of(&estimate(1.0, 0.1), &estimate(0.0, 0.0)), None);
    }

    #[test]
    fn a_verdict_needs_the_whole_interval() {
        let verdict = |lower, upper| {
            let point = f64::midpoint(lower, upper);
            Ratio {
                point,
                lower,
                upper,
            }
            .verdict()
        };
        assert_eq!(verdict(1.9, 2.1), Verdict::Faster);
        assert_eq!(verdict(0.4, 0.6), Verdict::Slower);
        assert_eq!(verdict(0.985, 1.01), Verdict::Same);
        assert_eq!(verdict(0.9, 1.3), Verdict::Inconclusive);
        // Another run may say the opposite.
        assert_eq!(verdict(1.001, 1.04), Verdict::Inconclusive);
    }

    #[test]
    fn a_change_is_noise_where_it_may_be_none() {
        let change = |now| Change::between(7, &estimate(100.0, 1.0), &now).unwrap();
        let slower = change(estimate(110.0, 1.0));
        assert!((slower.relative.point - 0.1).abs() < 1e-12);
        assert!(!slower.noise);
        assert!(change(estimate(101.0, 1.0)).noise);
        assert!(change(estimate(300.0, 250.0)).noise);
        let faster = change(estimate(90.0, 1.0));
        assert!(faster.relative.upper < 0.0 && !faster.noise);
    }
}
