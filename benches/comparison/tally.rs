//! What comparisons of functions have told, and whether that is right often enough.

use std::collections::BTreeMap;

/// Of all that are told, those that are false: at most.
const MOST_FALSE: f64 = 0.01;
/// Of the changes of 2 % in functions under 100 µs, those that are told; and of 5 %.
const LEAST_TOLD_OF_TWO: f64 = 0.95;
const LEAST_TOLD_OF_FIVE: f64 = 1.0;
/// Seconds for a case, at most and in the middle.
const LONGEST_S: f64 = 5.0;
const MEDIAN_S: f64 = 2.0;
/// Functions that take longer need not show 2 %.
const LONGEST_CALL_NS: f64 = 1e5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Slower,
    Faster,
    Same,
    Inconclusive,
}

/// By function.
#[derive(Default)]
pub(crate) struct Tally {
    functions: BTreeMap<String, Function>,
}

#[derive(Default)]
struct Function {
    verdicts: Vec<Verdict>,
    seconds: Vec<f64>,
    half_widths: Vec<f64>,
    times_ns: Vec<f64>,
}

impl Function {
    fn time_ns(&self) -> f64 {
        percentile(&self.times_ns, 0.5)
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.verdicts
            .iter()
            .filter(|&&told| told == verdict)
            .count()
    }
}

impl Tally {
    pub(crate) fn add(&mut self, function: &str, verdict: Verdict, seconds: f64) {
        let function = self.functions.entry(function.to_owned()).or_default();
        function.verdicts.push(verdict);
        function.seconds.push(seconds);
    }

    /// What else is known of a comparison that was added.
    pub(crate) fn add_details(&mut self, function: &str, half_width: f64, time_ns: f64) {
        let function = self.functions.entry(function.to_owned()).or_default();
        function.half_widths.push(half_width);
        function.times_ns.push(time_ns);
    }

    /// Function by function.
    pub(crate) fn print(&self) {
        println!(
            "{:<16} {:>10} {:>7} {:>7} {:>5} {:>13} {:>11} {:>8}",
            "function",
            "a call",
            "slower",
            "faster",
            "same",
            "inconclusive",
            "half-width",
            "seconds"
        );
        for (name, told) in &self.functions {
            println!(
                "{name:<16} {:>10} {:>7} {:>7} {:>5} {:>13} {:>9.2} % {:>8.2}",
                hotbench_benches::time(told.time_ns()),
                told.count(Verdict::Slower),
                told.count(Verdict::Faster),
                told.count(Verdict::Same),
                told.count(Verdict::Inconclusive),
                percentile(&told.half_widths, 0.5) * 100.0,
                percentile(&told.seconds, 0.5),
            );
        }
        let half_widths = self.all(|told| &told.half_widths);
        println!(
            "half-width: median {:.2} %, 90th percentile {:.2} %",
            percentile(&half_widths, 0.5) * 100.0,
            percentile(&half_widths, 0.9) * 100.0
        );
    }

    /// How often it was right, where the newer copy does so much more, and how long it took.
    pub(crate) fn print_bars(&self, more: usize) {
        let (told, all) = self.told(more);
        let share = told as f64 / all.max(1) as f64;
        let (what, bar, said) = match more {
            0 => {
                let bound = upper_bound(told, all);
                let bar = format!("at most {MOST_FALSE}, and by the sample at most {bound:.3}");
                (
                    "false alarms",
                    bar,
                    sure(share <= MOST_FALSE, bound <= MOST_FALSE),
                )
            }
            2 => {
                let bound = 1.0 - upper_bound(all - told, all);
                let bar =
                    format!("at least {LEAST_TOLD_OF_TWO}, and by the sample at least {bound:.3}");
                let is_sure = bound >= LEAST_TOLD_OF_TWO;
                (
                    "told, of functions under 100 µs",
                    bar,
                    sure(share >= LEAST_TOLD_OF_TWO, is_sure),
                )
            }
            // No sample shows that there is none that is not told.
            _ => (
                "told",
                format!("at least {LEAST_TOLD_OF_FIVE}"),
                held(share >= LEAST_TOLD_OF_FIVE),
            ),
        };
        println!("{what}: {told} of {all}, {share:.3}, {bar}: {said}");
        let [median, longest] = self.seconds();
        println!(
            "seconds a case: median {median:.2}, at most {MEDIAN_S}; longest {longest:.2}, at most {LONGEST_S}: {}",
            held(median <= MEDIAN_S && longest <= LONGEST_S)
        );
    }

    /// Of how many that count, how many were told: as slower, or where there is no more work, as a change at all.
    pub(crate) fn told(&self, more: usize) -> (usize, usize) {
        let counts = |function: &&Function| more != 2 || function.time_ns() < LONGEST_CALL_NS;
        let functions = || self.functions.values().filter(counts);
        let told = functions().map(|function| {
            let faster = if more == 0 {
                function.count(Verdict::Faster)
            } else {
                0
            };
            function.count(Verdict::Slower) + faster
        });
        (
            told.sum(),
            functions().map(|function| function.verdicts.len()).sum(),
        )
    }

    /// For a case: the median, and the longest.
    pub(crate) fn seconds(&self) -> [f64; 2] {
        let seconds = self.all(|told| &told.seconds);
        [percentile(&seconds, 0.5), percentile(&seconds, 1.0)]
    }

    fn all(&self, of: fn(&Function) -> &Vec<f64>) -> Vec<f64> {
        self.functions.values().flat_map(of).copied().collect()
    }
}

fn held(is_held: bool) -> &'static str {
    if is_held { "held" } else { "not held" }
}

/// Of a share of a sample that is on the right side of its bar, or is not, and so with what is likely of it.
fn sure(is_held: bool, is_likely: bool) -> &'static str {
    match (is_held, is_likely) {
        (true, false) => "undecided",
        (is_held, _) => held(is_held),
    }
}

/// The highest share of which a sample with so many hits has a chance of 5 %: the upper bound of Clopper and Pearson,
/// "The use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26 (1934).
fn upper_bound(hits: usize, of: usize) -> f64 {
    if hits >= of {
        return 1.0;
    }
    let [mut low, mut high] = [0.0, 1.0];
    for _ in 0..50 {
        let share = (low + high) / 2.0;
        match chance_of_no_more(hits, of, share) > 0.05 {
            true => low = share,
            false => high = share,
        }
    }
    high
}

/// The chance of so many hits or fewer: the distribution function of the binomial distribution.
fn chance_of_no_more(hits: usize, of: usize, share: f64) -> f64 {
    let mut term = (1.0 - share).powi(of as i32);
    let mut sum = term;
    for hit in 1..=hits {
        term *= (of - hit + 1) as f64 / hit as f64 * share / (1.0 - share);
        sum += term;
    }
    sum
}

fn percentile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    let at = (last as f64 * part).round() as usize;
    sorted.get(at).copied().unwrap_or(0.0)
}
